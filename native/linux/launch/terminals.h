// Terminals that a server opens for its own children: node-pty, script, Python's pty.
#pragma once

namespace mcpo {

// Below the folder `dev`: `pts`, `ptmx` and `tty`. No terminal of the host is among them. Where the kernel
// gives none to a user namespace without root, a note says so.
void ShowTerminals(int dev);

}  // namespace mcpo
