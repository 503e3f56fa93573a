#include "keyring.h"

#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "layers.h"
#include "report.h"

namespace mcpo {

void LeaveSessionKeyring() {
  if (!layers::Has(Layer::kOwnKeyring)) return;
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr) >= 0) return;
  // Nobody here can use keys: the kernel has none, or a filter around the gateway refuses the call.
  if (errno == ENOSYS || errno == EPERM || errno == EACCES) return;
  Note("the filter alone keeps the server from the gateway's keys", "session keyring");
}

}  // namespace mcpo
