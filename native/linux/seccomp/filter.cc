#include "filter.h"

#include "compile.h"
#include "telling.h"

namespace mcpo::seccomp {

namespace {

// Each is compiled when it is first asked for: a start waits for it.
const std::vector<sock_filter>& Answered() {
  static const std::vector<sock_filter> program = Compile(ServerPolicy(), kHostArch);
  return program;
}

const std::vector<sock_filter>& ToldFilter() {
  static const std::vector<sock_filter> program = Telling(Answered());
  return program;
}

const std::vector<sock_filter>& Explained() {
  static const std::vector<sock_filter> program = Telling(Compile(Explaining(ServerPolicy()), kHostArch));
  return program;
}

}  // namespace

const std::vector<sock_filter>& ServerFilter(Refusals refusals) {
  switch (refusals) {
    case Refusals::kAnswered:
      return Answered();
    case Refusals::kTold:
      return ToldFilter();
    case Refusals::kExplained:
      return Explained();
  }
  return Answered();
}

const std::vector<sock_filter>& InitFilter(bool watches) {
  static const std::vector<sock_filter> reaping = Compile(InitPolicy(false), kHostArch);
  static const std::vector<sock_filter> watching = Compile(InitPolicy(true), kHostArch);
  return watches ? watching : reaping;
}

}  // namespace mcpo::seccomp
