#include "mount_line.h"

#include <stdio.h>
#include <string.h>

namespace mcpo {
namespace {

// Fields of a line in front of its options, proc_pid_mountinfo(5): id, parent, device, root, mount point.
constexpr int kFieldsBeforePoint = 4;

bool IsOctal(char digit) {
  return digit >= '0' && digit <= '7';
}

// Blanks, line ends and backslashes of a path are written as \ooo.
void Unescape(char* text) {
  char* to = text;
  for (const char* from = text; *from != 0; ++to) {
    if (from[0] == '\\' && IsOctal(from[1]) && IsOctal(from[2]) && IsOctal(from[3])) {
      *to = static_cast<char>((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
      from += 4;
    } else {
      *to = *from++;
    }
  }
  *to = 0;
}

// The field at `at`, ended; `at` moves behind it. Null when there is none.
char* TakeField(char*& at) {
  if (at == nullptr || *at == 0) return nullptr;
  char* const field = at;
  char* const blank = strchr(at, ' ');
  at = blank == nullptr ? nullptr : blank + 1;
  if (blank != nullptr) *blank = 0;
  return field;
}

bool HasOption(const char* options, const char* name) {
  const std::size_t length = strlen(name);
  for (const char* at = options; at != nullptr;) {
    if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == 0)) return true;
    at = strchr(at, ',');
    if (at != nullptr) ++at;
  }
  return false;
}

bool IsWithin(const char* path, const char* folder) {
  const std::size_t length = strlen(folder);
  if (strncmp(path, folder, length) != 0) return false;
  return path[length] == 0 || path[length] == '/' || (length > 0 && folder[length - 1] == '/');
}

}  // namespace

bool ParseMountLine(char* line, MountLine& mount) {
  char* at = line;
  const char* const id = TakeField(at);
  unsigned long long number = 0;
  if (id == nullptr || sscanf(id, "%llu", &number) != 1) return false;
  for (int field = 1; field < kFieldsBeforePoint; ++field) {
    if (TakeField(at) == nullptr) return false;
  }
  char* const point = TakeField(at);
  const char* const options = TakeField(at);
  if (point == nullptr || options == nullptr) return false;
  Unescape(point);
  mount = {number, point, HasOption(options, "ro"), HasOption(options, "nosuid"),
           HasOption(options, "nodev")};
  return true;
}

bool MakesMount(const MountOperation& operation, const char* target, const char* point) {
  switch (operation.kind) {
    case MountKind::kTmpfs:
      return strcmp(point, target) == 0;
    case MountKind::kDev:
      return IsWithin(point, "/dev");
    case MountKind::kProc:
      return IsWithin(point, "/proc");
    // With the mounts that the host has below it.
    case MountKind::kBind:
    case MountKind::kReadOnly:
    case MountKind::kPin:
    case MountKind::kMask:
    case MountKind::kGuard:
      return IsWithin(point, target);
    case MountKind::kDir:
    case MountKind::kFile:
    case MountKind::kSymlink:
    case MountKind::kCount:
      return false;
  }
  return false;
}

bool MakesWritable(const MountOperation& operation, const char* target, const char* point) {
  if (operation.kind == MountKind::kTmpfs) return strcmp(point, target) == 0;
  if (operation.kind == MountKind::kDev) return strcmp(point, "/dev/shm") == 0;
  return operation.kind == MountKind::kBind && !operation.readOnly && IsWithin(point, target);
}

bool MakesReadOnly(const MountOperation& operation) {
  if (operation.kind == MountKind::kBind) return operation.readOnly;
  return operation.kind == MountKind::kReadOnly || operation.kind == MountKind::kMask ||
         operation.kind == MountKind::kGuard;
}

bool Hides(const MountOperation& operation, const char* path) {
  const bool isNew = operation.kind == MountKind::kBind || operation.kind == MountKind::kTmpfs;
  return isNew && IsWithin(path, operation.target.data);
}

bool IsDeviceNode(const char* point) {
  constexpr const char* kNodes[] = {"/dev/null",    "/dev/zero", "/dev/full", "/dev/random",
                                    "/dev/urandom", "/dev/tty",  "/dev/pts"};
  for (const char* const node : kNodes) {
    if (strcmp(point, node) == 0) return true;
  }
  return false;
}

}  // namespace mcpo
