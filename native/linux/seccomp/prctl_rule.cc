#include "prctl_rule.h"

#include <errno.h>
#include <linux/prctl.h>

namespace mcpo::seccomp {
namespace {

// By number: newer than the oldest headers we build with.
constexpr uint32_t kSyscallUserDispatch = 59;
constexpr uint32_t kPacSetEnabledKeys = 60, kPacGetEnabledKeys = 61;
constexpr uint32_t kSchedCore = 62;
constexpr uint32_t kSmeSetVl = 63, kSmeGetVl = 64;
constexpr uint32_t kSetMdwe = 65, kGetMdwe = 66;
constexpr uint32_t kSetMemoryMerge = 67, kGetMemoryMerge = 68;
constexpr uint32_t kSetVma = 0x53564d41;

// Rewriting the process's own memory map and executable link, a seccomp filter or call dispatcher of its own,
// and switches that touch other processes' counters and cores.
const std::vector<uint32_t> kDangerous = {
    PR_SET_MM,
    PR_SET_SECCOMP,
    kSyscallUserDispatch,
    PR_TASK_PERF_EVENTS_DISABLE,
    PR_TASK_PERF_EVENTS_ENABLE,
    PR_SET_IO_FLUSHER,
    PR_MCE_KILL,
    kSchedCore,
};

const std::vector<uint32_t> kHarmless = {
    // life and name
    PR_SET_PDEATHSIG,
    PR_GET_PDEATHSIG,
    PR_SET_NAME,
    PR_GET_NAME,
    PR_SET_CHILD_SUBREAPER,
    PR_GET_CHILD_SUBREAPER,
    PR_GET_TID_ADDRESS,
    PR_SET_DUMPABLE,
    PR_GET_DUMPABLE,
    PR_SET_PTRACER,
    // giving rights up and asking for them
    PR_SET_NO_NEW_PRIVS,
    PR_GET_NO_NEW_PRIVS,
    PR_CAPBSET_READ,
    PR_CAPBSET_DROP,
    PR_CAP_AMBIENT,
    PR_SET_KEEPCAPS,
    PR_GET_KEEPCAPS,
    PR_SET_SECUREBITS,
    PR_GET_SECUREBITS,
    PR_GET_SECCOMP,
    // timers and processor state of the thread
    PR_SET_TIMERSLACK,
    PR_GET_TIMERSLACK,
    PR_SET_TIMING,
    PR_GET_TIMING,
    PR_SET_TSC,
    PR_GET_TSC,
    PR_MCE_KILL_GET,
    PR_SET_SPECULATION_CTRL,
    PR_GET_SPECULATION_CTRL,
    PR_SVE_SET_VL,
    PR_SVE_GET_VL,
    kSmeSetVl,
    kSmeGetVl,
    PR_PAC_RESET_KEYS,
    kPacSetEnabledKeys,
    kPacGetEnabledKeys,
    PR_SET_TAGGED_ADDR_CTRL,
    PR_GET_TAGGED_ADDR_CTRL,
    // memory: names of mappings (allocators), huge pages, no new executable pages
    kSetVma,
    PR_SET_THP_DISABLE,
    PR_GET_THP_DISABLE,
    kSetMdwe,
    kGetMdwe,
    kSetMemoryMerge,
    kGetMemoryMerge,
};

constexpr uint32_t kWholeInt = 0xffffffff;

}  // namespace

Rule ProcessControl() {
  const Clause dangerous = {{{0, kWholeInt, kDangerous}}, Errno(EPERM)};
  const Clause harmless = {{{0, kWholeInt, kHarmless}}, kAllow};
  return {{dangerous, harmless}, Errno(EINVAL)};
}

}  // namespace mcpo::seccomp
