// The walls that a launcher for tests leaves out, one by one, to show what each of them stops and what stands
// behind it. In the released launcher all of them stand, and nothing can say otherwise.
#pragma once

namespace mcpo::layers {

enum class Layer : unsigned {
  kSeccomp,
  kLandlock,
  kEmptyCapabilities,
  kNoNewPrivs,
  kNoSuidMounts,
  kMasks,
  kOwnIds,
  kReadOnlyRoot,
  kHostTreeGone,
  kClosedDescriptors,
  kHiddenInit,
  kNetworkNamespace,
  kPidNamespace,
  kIpcNamespace,
  kUtsNamespace,
  kCgroupNamespace,
  kNoMoreNamespaces,
  kOwnKeyring,
  // Not a wall, but what finds that one is missing.
  kSelfCheck,
  kCount
};

#ifdef MCPO_LAYERS_OF_PLAN
// Told by the plan: test/fixtures/layers/main.cc.
bool Has(Layer layer);
#else
constexpr bool Has(Layer) {
  return true;
}
#endif

}  // namespace mcpo::layers

namespace mcpo {
using layers::Layer;
}
