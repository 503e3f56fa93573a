// Any program: what the validator takes, the interpreter runs to an end without reading outside.
#include <linux/audit.h>

#include <cstring>

#include "../linux/seccomp/compile.h"
#include "../linux/seccomp/interpret.h"
#include "../linux/seccomp/validate.h"
#include "seed.h"

using namespace mcpo;

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const std::vector<sock_filter> program = seccomp::Compile(seccomp::InitPolicy(true), seccomp::kHostArch);
  std::vector<std::uint8_t> bytes(sizeof(seccomp_data) + program.size() * sizeof(sock_filter));
  std::memcpy(bytes.data() + sizeof(seccomp_data), program.data(), program.size() * sizeof(sock_filter));
  fuzz::WriteSeed("init", bytes);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  seccomp_data call;
  if (size < sizeof(call)) return 0;
  std::memcpy(&call, data, sizeof(call));
  std::vector<sock_filter> program((size - sizeof(call)) / sizeof(sock_filter));
  if (!program.empty())
    std::memcpy(program.data(), data + sizeof(call), program.size() * sizeof(sock_filter));
  if (seccomp::Validate(program).empty()) seccomp::Interpret(program, call);
  return 0;
}
