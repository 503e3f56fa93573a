#include "filter.h"

#include "compile.h"

namespace mcpo::seccomp {

const std::vector<sock_filter>& ServerFilter() {
  static const std::vector<sock_filter> program = Compile(ServerPolicy(), kHostArch);
  return program;
}

const std::vector<sock_filter>& InitFilter() {
  static const std::vector<sock_filter> program = Compile(InitPolicy(), kHostArch);
  return program;
}

}  // namespace mcpo::seccomp
