#include "../linux/launch/proof/mount_line.h"

#include <cstring>

#include "harness.h"

using mcpo::Hides;
using mcpo::IsDeviceNode;
using mcpo::MakesMount;
using mcpo::MakesReadOnly;
using mcpo::MakesWritable;
using mcpo::MountKind;
using mcpo::MountLine;
using mcpo::MountOperation;

namespace {

bool Parse(const char* text, MountLine& mount) {
  static char line[256];
  std::strcpy(line, text);
  return mcpo::ParseMountLine(line, mount);
}

MountOperation Operation(MountKind kind, bool readOnly = false) {
  MountOperation operation;
  operation.kind = kind;
  operation.readOnly = readOnly;
  return operation;
}

}  // namespace

TEST("a line of mountinfo gives its id, its point without escapes, and its flags") {
  MountLine mount;
  CHECK(
      Parse("36 35 98:0 /a /mnt/b\\040c\\134 ro,nosuid,nodev,relatime shared:1 - ext4 /dev/root rw", mount));
  CHECK(mount.id == 36);
  CHECK(std::strcmp(mount.point, "/mnt/b c\\") == 0);
  CHECK(mount.readOnly && mount.noSuid && mount.noDev);
}

TEST("options are compared whole, and those of the file system do not count") {
  MountLine mount;
  CHECK(Parse("1 0 0:1 / / rw,nosuidx,xnodev - tmpfs ro ro,nosuid,nodev", mount));
  CHECK(!mount.readOnly && !mount.noSuid && !mount.noDev);
}

TEST("what is no line of mountinfo is refused") {
  MountLine mount;
  for (const char* text : {"", "x 0 0:1 / / rw", "1", "1 0 0:1 /", "1 0 0:1 / /"})
    CHECK_THAT(!Parse(text, mount), text);
}

TEST("an operation accounts for mounts at and below its target, and for no neighbour") {
  for (const MountKind kind : {MountKind::kBind, MountKind::kMask, MountKind::kPin, MountKind::kReadOnly}) {
    CHECK(MakesMount(Operation(kind), "/srv/a", "/srv/a"));
    CHECK(MakesMount(Operation(kind), "/srv/a", "/srv/a/b"));
    CHECK(!MakesMount(Operation(kind), "/srv/a", "/srv/ab"));
    CHECK(!MakesMount(Operation(kind), "/srv/a", "/srv"));
  }
  CHECK(MakesMount(Operation(MountKind::kTmpfs), "/tmp", "/tmp"));
  CHECK(!MakesMount(Operation(MountKind::kTmpfs), "/tmp", "/tmp/x"));
  CHECK(MakesMount(Operation(MountKind::kProc), "", "/proc/keys"));
  CHECK(MakesMount(Operation(MountKind::kDev), "", "/dev/null"));
  CHECK(!MakesMount(Operation(MountKind::kDir), "/etc", "/etc"));
}

TEST("only a tmpfs, shared memory and a read-write bind can be written") {
  CHECK(MakesWritable(Operation(MountKind::kTmpfs), "/tmp", "/tmp"));
  CHECK(MakesWritable(Operation(MountKind::kBind), "/srv", "/srv/a"));
  CHECK(!MakesWritable(Operation(MountKind::kBind, true), "/srv", "/srv/a"));
  CHECK(MakesWritable(Operation(MountKind::kDev), "", "/dev/shm"));
  CHECK(!MakesWritable(Operation(MountKind::kDev), "", "/dev"));
  CHECK(!MakesWritable(Operation(MountKind::kProc), "", "/proc"));
  CHECK(!MakesWritable(Operation(MountKind::kPin), "/srv", "/srv"));
}

TEST("a read-only bind, a read-only copy, a mask and a guard make read-only") {
  CHECK(MakesReadOnly(Operation(MountKind::kBind, true)));
  CHECK(MakesReadOnly(Operation(MountKind::kReadOnly)));
  CHECK(MakesReadOnly(Operation(MountKind::kMask)));
  CHECK(MakesReadOnly(Operation(MountKind::kGuard)));
  CHECK(!MakesReadOnly(Operation(MountKind::kBind)));
  CHECK(!MakesReadOnly(Operation(MountKind::kTmpfs)));
}

TEST("a bind and a tmpfs hide what was below their target; a copy of it does not") {
  for (const MountKind kind : {MountKind::kBind, MountKind::kTmpfs, MountKind::kPin, MountKind::kReadOnly}) {
    MountOperation operation = Operation(kind);
    operation.target = {"/etc", 4};
    CHECK(Hides(operation, "/etc/ssl") == (kind == MountKind::kBind || kind == MountKind::kTmpfs));
    CHECK(!Hides(operation, "/etcetera"));
  }
}

TEST("device nodes are the five") {
  CHECK(IsDeviceNode("/dev/null"));
  CHECK(IsDeviceNode("/dev/pts"));
  CHECK(!IsDeviceNode("/dev/pts/0"));
  CHECK(!IsDeviceNode("/dev/nullx"));
  CHECK(!IsDeviceNode("/dev/sda"));
}
