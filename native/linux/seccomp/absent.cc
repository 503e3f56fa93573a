// What a server is told does not exist (ENOSYS), on purpose: libraries then take the older call, which the
// filter can judge. Unknown numbers get the same answer.
#include "policy.h"

namespace mcpo::seccomp {

std::vector<Group> ServerAbsent() {
  return {
      {"arguments in memory, where a filter cannot see flags and mode: clone and openat are what libc takes "
       "instead",
       {"clone3", "openat2"}},
      {"asynchronous I/O of old: its quota (aio-max-nr) is one for the whole host; databases fall back to "
       "pread",
       {"io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_setup", "io_submit"}},
      {"memory hidden from the kernel itself, and reaping others' memory: nobody asks for them",
       {"memfd_secret", "process_mrelease", "remap_file_pages"}},
      {"lists of file systems, mounts and security modules: /proc says what may be known",
       {"file_getattr", "listmount", "lsm_get_self_attr", "lsm_list_modules", "lsm_set_self_attr",
        "statmount", "sysfs", "ustat"}},
  };
}

}  // namespace mcpo::seccomp
