#include "ids.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

#include "../fd.h"
#include "capabilities.h"
#include "report.h"

namespace mcpo {
namespace {

void WriteProcFile(pid_t pid, const char* name, const char* text) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", static_cast<int>(pid), name);
  const Fd file(Require(open(path, O_WRONLY | O_CLOEXEC), "id-map", path));
  const ssize_t size = static_cast<ssize_t>(strlen(text));
  if (write(file.get(), text, static_cast<std::size_t>(size)) != size) Fail("id-map", path);
}

void WriteMap(pid_t pid, const char* name, unsigned inside, unsigned outside) {
  char line[64];
  snprintf(line, sizeof line, "%u %u 1\n", inside, outside);
  WriteProcFile(pid, name, line);
}

void Become(unsigned id) {
  Require(setresgid(id, id, id), "ids");
  Require(setresuid(id, id, id), "ids");
  uid_t real = 0, effective = 0, saved = 0;
  Require(getresuid(&real, &effective, &saved), "ids");
  if (real != id || effective != id || saved != id) FailWith("ids", EPERM);
}

}  // namespace

void WriteIdMaps(pid_t pid, unsigned insideUid, unsigned outsideUid, unsigned insideGid,
                 unsigned outsideGid) {
  WriteProcFile(pid, "setgroups", "deny");
  WriteMap(pid, "gid_map", insideGid, outsideGid);
  WriteMap(pid, "uid_map", insideUid, outsideUid);
}

void BecomeInsideId() {
  Become(InsideId());
}

void BecomeBuilder(unsigned uid) {
  Require(prctl(PR_SET_KEEPCAPS, 1), "ids", "capabilities");
  Become(uid);
  Require(prctl(PR_SET_KEEPCAPS, 0), "ids", "capabilities");
  KeepOnlyCapabilities(kToBuild);
}

FsUidOfServer::FsUidOfServer(const Plan& plan) : changed_(plan.hasHostUid) {
  if (!changed_) return;
  setfsgid(plan.hostUid);
  setfsuid(plan.hostUid);
  if (CurrentFsUid() != plan.hostUid) FailWith("ids", EPERM, "fsuid");
}

FsUidOfServer::~FsUidOfServer() {
  if (!changed_) return;
  setfsuid(0);
  setfsgid(0);
  // The change took it; the map of the new user namespace is written through /proc.
  Require(prctl(PR_SET_DUMPABLE, 1), "dumpable");
}

uid_t CurrentFsUid() {
  return static_cast<uid_t>(setfsuid(static_cast<uid_t>(-1)));
}

void DropToHostUid(unsigned uid) {
  LockCapabilities();
  Require(setresgid(uid, uid, uid), "drop-root");
  Require(setresuid(uid, uid, uid), "drop-root");
  ClearCapabilities();
  if (setresuid(0, 0, 0) == 0) FailWith("drop-root", EPERM, "root could be taken back");
  SetNoNewPrivs();
}

}  // namespace mcpo
