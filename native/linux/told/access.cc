#include "access.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstring>
#include <optional>

#include "../../core/status.h"
#include "../seccomp/numbers.h"
#include "../seccomp/path_calls.h"

namespace mcpo::told {
namespace {

using seccomp::Intent;
using seccomp::PathCall;

constexpr std::size_t kPageBytes = 4096;

// Up to the NUL. Page by page, for the next one may not be there.
std::optional<std::string> TextAt(pid_t pid, std::uint64_t address) {
  std::string text;
  char page[kPageBytes];
  while (text.size() < PATH_MAX) {
    const std::size_t room = kPageBytes - (address + text.size()) % kPageBytes;
    const iovec local{page, room};
    const iovec remote{reinterpret_cast<void*>(address + text.size()), room};
    const ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    if (got <= 0) return std::nullopt;
    const std::size_t length = strnlen(page, static_cast<std::size_t>(got));
    text.append(page, length);
    if (length < static_cast<std::size_t>(got)) return text;
  }
  return std::nullopt;
}

// A relative path starts here.
std::optional<std::string> FolderOf(pid_t pid, int descriptor) {
  const std::string process = "/proc/" + std::to_string(pid);
  const std::string link =
      descriptor == AT_FDCWD ? process + "/cwd" : process + "/fd/" + std::to_string(descriptor);
  char target[PATH_MAX];
  const ssize_t length = readlink(link.c_str(), target, sizeof target);
  if (length <= 0 || target[0] != '/') return std::nullopt;
  return std::string(target, static_cast<std::size_t>(length));
}

const char* InWords(const PathCall& named, const Call& call) {
  if (named.intent == Intent::kExecute) return "execute";
  if (named.intent != Intent::kByFlags) return named.intent == Intent::kWrite ? "write" : "read";
  const auto flags = static_cast<unsigned>(call.data.args[named.flags]);
  return (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != 0 ? "write" : "read";
}

std::optional<std::string> PathOf(const PathCall& named, const Call& call) {
  const auto pid = static_cast<pid_t>(call.pid);
  std::optional<std::string> path = TextAt(pid, call.data.args[named.path]);
  if (!path || path->empty() || path->front() == '/') return path;
  const int folder = named.folder < 0 ? AT_FDCWD : static_cast<int>(call.data.args[named.folder]);
  const std::optional<std::string> start = FolderOf(pid, folder);
  if (!start) return std::nullopt;
  return *start + "/" + *path;
}

}  // namespace

std::vector<std::string> AccessesOf(const Call& call) {
  std::vector<std::string> accesses;
  for (const PathCall& named : seccomp::PathCalls()) {
    const auto number = seccomp::NumberOf(named.name, seccomp::kHostArch);
    if (!number || static_cast<int>(*number) != call.data.nr) continue;
    const std::optional<std::string> path = PathOf(named, call);
    if (!path || path->empty()) continue;
    std::string access(named.name);
    access += '\0';
    access += InWords(named, call);
    access += '\0';
    accesses.push_back(access + *path);
  }
  return accesses;
}

}  // namespace mcpo::told
