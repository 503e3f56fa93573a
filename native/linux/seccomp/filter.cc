#include "filter.h"

#include "compile.h"
#include "telling.h"

namespace mcpo::seccomp {

const std::vector<sock_filter>& ServerFilter(Refusals refusals) {
  static const std::vector<sock_filter> answered = Compile(ServerPolicy(), kHostArch);
  static const std::vector<sock_filter> told = Telling(answered);
  static const std::vector<sock_filter> explained = Telling(Compile(Explaining(ServerPolicy()), kHostArch));
  switch (refusals) {
    case Refusals::kAnswered:
      return answered;
    case Refusals::kTold:
      return told;
    case Refusals::kExplained:
      return explained;
  }
  return answered;
}

const std::vector<sock_filter>& InitFilter(bool watches) {
  static const std::vector<sock_filter> reaping = Compile(InitPolicy(false), kHostArch);
  static const std::vector<sock_filter> watching = Compile(InitPolicy(true), kHostArch);
  return watches ? watching : reaping;
}

}  // namespace mcpo::seccomp
