#include "plan_file.h"

#include <sys/mman.h>

#include <cerrno>
#include <vector>

#include "../core/plan_codec.h"
#include "syscalls.h"

namespace mcpo {
namespace {

// Linux 6.3 wants to be told that the file is not to be executed; older ones do not know the flag.
constexpr unsigned kNoExecSeal = 8;

bool WriteAll(int fd, const std::uint8_t* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t written = write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

}  // namespace

Fd MakeMemfd(const char* name) {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  Fd file(memfd_create(name, kFlags | kNoExecSeal));
  if (!file && errno == EINVAL) file = Fd(memfd_create(name, kFlags));
  return file;
}

Failure MakePlanFile(const Plan& plan, Fd& file) {
  std::vector<std::uint8_t> bytes(EncodedPlanSize(plan));
  if (bytes.empty() || !EncodePlan(plan, bytes.data(), bytes.size())) return {"plan", EMSGSIZE};
  Fd made = MakeMemfd("mcpo-plan");
  if (!made) return {"memfd_create", errno};
  if (!WriteAll(made.get(), bytes.data(), bytes.size())) return {"plan-write", errno};
  constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (fcntl(made.get(), F_ADD_SEALS, kSeals) != 0) return {"plan-seal", errno};
  file = static_cast<Fd&&>(made);
  return {};
}

}  // namespace mcpo
