#include "selfcheck.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "../fd.h"
#include "../syscalls.h"
#include "layers.h"
#include "report.h"

namespace mcpo {
namespace {

// One line of /proc/self/status and what it must say, blanks taken as one.
struct Expectation {
  const char* name;
  const char* value;
  bool applies;
};

constexpr const char* kNoCapability = "0000000000000000";
constexpr bool kCapabilitiesCleared = layers::kEmptyCapabilities && layers::kNoNewPrivs;
constexpr Expectation kExpected[] = {
    {"Uid", "1000 1000 1000 1000", true},
    {"Gid", "1000 1000 1000 1000", true},
    {"CapInh", kNoCapability, layers::kEmptyCapabilities},
    {"CapPrm", kNoCapability, kCapabilitiesCleared},
    {"CapEff", kNoCapability, kCapabilitiesCleared},
    {"CapBnd", kNoCapability, layers::kEmptyCapabilities},
    {"CapAmb", kNoCapability, layers::kEmptyCapabilities},
    {"NoNewPrivs", "1", layers::kNoNewPrivs},
    {"Seccomp", "2", layers::kSeccomp},
    {"Threads", "1", true},
    // Whatever traces this process could undo everything.
    {"TracerPid", "0", true},
};

constexpr std::size_t kStatusBytes = 8192;
constexpr std::size_t kFactsBytes = 1024;

std::size_t ReadStatus(char (&text)[kStatusBytes]) {
  const Fd file(Require(open("/proc/self/status", O_RDONLY | O_CLOEXEC), "self-check", "/proc/self/status"));
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = read(file.get(), text + size, sizeof text - 1 - size);
    if (got < 0) Fail("self-check", "/proc/self/status");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text[size] = 0;
  return size;
}

// Copies the value of `name` with runs of blanks as one; false when there is no such line.
bool FindValue(const char* status, const char* name, char* value, std::size_t room) {
  const std::size_t length = strlen(name);
  for (const char* line = status; line != nullptr && *line != 0;) {
    const char* end = strchrnul(line, '\n');
    if (strncmp(line, name, length) == 0 && line[length] == ':') {
      std::size_t size = 0;
      for (const char* at = line + length + 1; at < end && size + 1 < room; ++at) {
        const bool blank = *at == ' ' || *at == '\t';
        if (blank && (size == 0 || value[size - 1] == ' ')) continue;
        value[size++] = blank ? ' ' : *at;
      }
      value[size] = 0;
      return true;
    }
    line = *end == 0 ? nullptr : end + 1;
  }
  return false;
}

class Facts {
 public:
  void Add(const char* name, const char* value) {
    const int added = snprintf(text_ + size_, sizeof text_ - size_, "%s=%s\n", name, value);
    if (added > 0 && static_cast<std::size_t>(added) < sizeof text_ - size_) {
      size_ += static_cast<std::size_t>(added);
    }
  }
  const char* text() const { return text_; }

 private:
  char text_[kFactsBytes] = "";
  std::size_t size_ = 0;
};

void CheckStatus(Facts& facts) {
  char status[kStatusBytes];
  ReadStatus(status);
  for (const Expectation& expected : kExpected) {
    char value[128] = "";
    if (!FindValue(status, expected.name, value, sizeof value)) FailWith("self-check", ENOENT, expected.name);
    if (expected.applies && strcmp(value, expected.value) != 0) {
      FailWith("self-check", EPERM, expected.name);
    }
    facts.Add(expected.name, value);
  }
}

std::uint64_t MountOf(const char* path) {
  struct statx facts{};
  Require(statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, STATX_MNT_ID, &facts), "self-check", path);
  return facts.stx_mnt_id;
}

// The host's tree must be gone: nothing below the root directory, nothing on top of it, no working directory
// in it.
void CheckRoot() {
  if (MountOf("/") != MountOf("/..")) FailWith("self-check", EPERM, "/..");
  char path[4096];
  if (getcwd(path, sizeof path) == nullptr || path[0] != '/') Fail("self-check", "working directory");
}

}  // namespace

void CheckSelf(const Plan& plan) {
  Facts facts;
  CheckStatus(facts);
  CheckRoot();
  facts.Add("Landlock", plan.landlock.enabled && layers::kLandlock ? "1" : "0");
  ReportReady(facts.text());
}

}  // namespace mcpo
