#include "status.h"

#include <linux/securebits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../report.h"
#include "host.h"
#include "read_file.h"

namespace mcpo {
namespace {

constexpr const char* kNoCapability = "0000000000000000";
// Room for 65536 groups (NGROUPS_MAX) of eleven characters, and all else.
constexpr std::size_t kStatusBytes = 65536 * 11 + 8192;
constexpr std::size_t kValueBytes = 256;

// One line of /proc/self/status and what it must say, blanks taken as one; null: whatever it says is told.
struct Expectation {
  const char* name;
  const char* value;
};

constexpr Expectation kExpected[] = {
    {"CapInh", kNoCapability},
    {"CapPrm", kNoCapability},
    {"CapEff", kNoCapability},
    {"CapBnd", kNoCapability},
    {"CapAmb", kNoCapability},
    {"NoNewPrivs", "1"},
    {"Seccomp", "2"},
    {"Threads", "1"},
    // Whatever traces this process could undo everything.
    {"TracerPid", "0"},
};

// Copies the value of `name` with runs of blanks as one; false when there is no such line.
bool FindValue(const char* status, const char* name, char (&value)[kValueBytes]) {
  const std::size_t length = strlen(name);
  for (const char* line = status; line != nullptr && *line != 0;) {
    const char* end = strchrnul(line, '\n');
    if (strncmp(line, name, length) == 0 && line[length] == ':') {
      std::size_t size = 0;
      for (const char* at = line + length + 1; at < end && size + 1 < sizeof value; ++at) {
        const bool blank = *at == ' ' || *at == '\t';
        if (blank && (size == 0 || value[size - 1] == ' ')) continue;
        value[size++] = blank ? ' ' : *at;
      }
      if (size > 0 && value[size - 1] == ' ') --size;
      value[size] = 0;
      return true;
    }
    line = *end == 0 ? nullptr : end + 1;
  }
  return false;
}

// Real, effective, saved and that of the file system alike.
void CheckIds(const Plan& plan, const char* status, const char* name, Facts& facts) {
  char expected[kValueBytes];
  const unsigned id = plan.userNamespace ? 1000 : plan.hostUid;
  snprintf(expected, sizeof expected, "%u %u %u %u", id, id, id, id);
  char value[kValueBytes] = "";
  if (!FindValue(status, name, value)) Mismatch(name, "no such line");
  if (strcmp(value, expected) != 0) Mismatch(name, value);
  facts.Add(name, value);
}

// Only root can drop the groups of its user; an ordinary user's stay, and are told.
void CheckGroups(const Plan& plan, const char* status, Facts& facts) {
  char groups[kValueBytes] = "";
  if (!FindValue(status, "Groups", groups)) Mismatch("Groups", "no such line");
  if (plan.hasHostUid && groups[0] != 0) Mismatch("Groups", groups);
  facts.Add("Groups", groups);
}

// Root of the namespace gets no capability by executing, and none of this can be taken back.
void CheckSecurebits(Facts& facts) {
  constexpr int kLocked = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                          SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                          SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  const int bits = Require(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), "self-check", "securebits");
  char text[16];
  snprintf(text, sizeof text, "%#x", static_cast<unsigned>(bits));
  if (bits != kLocked) Mismatch("securebits", text);
  facts.Add("securebits", text);
}

// One id, and on the other side the one that was planned.
void CheckMap(const char* path, unsigned outsideId, Facts& facts, const char* name) {
  char map[kValueBytes];
  ReadSmallFile(path, map, sizeof map);
  unsigned inside = 0, outside = 0, count = 0;
  int read = 0;
  const bool isOne = sscanf(map, " %u %u %u %n", &inside, &outside, &count, &read) == 3 && map[read] == 0;
  char text[64];
  snprintf(text, sizeof text, "%u %u %u", inside, outside, count);
  const bool isOurs = inside == 1000 && outside == outsideId && count == 1;
  if (!isOne || !isOurs) Mismatch(name, isOne ? text : map);
  facts.Add(name, text);
}

}  // namespace

void CheckStatus(const Plan& plan, Facts& facts) {
  static char status[kStatusBytes];
  ReadSmallFile("/proc/self/status", status, sizeof status);
  CheckIds(plan, status, "Uid", facts);
  CheckIds(plan, status, "Gid", facts);
  for (const Expectation& expected : kExpected) {
    char value[kValueBytes] = "";
    if (!FindValue(status, expected.name, value)) Mismatch(expected.name, "no such line");
    if (strcmp(value, expected.value) != 0) Mismatch(expected.name, value);
    facts.Add(expected.name, value);
  }
  CheckGroups(plan, status, facts);
  CheckSecurebits(facts);
  if (!plan.userNamespace) return;
  CheckMap("/proc/self/uid_map", plan.hasHostUid ? plan.hostUid : host.uid, facts, "uid_map");
  CheckMap("/proc/self/gid_map", plan.hasHostUid ? plan.hostUid : host.gid, facts, "gid_map");
}

}  // namespace mcpo
