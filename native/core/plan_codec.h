// The plan as bytes, on its way from the addon to mcpo-launch. Both run on one machine from one build, so
// numbers are in the machine's own order; the version guards against a launcher of another build.
#pragma once

#include <cstddef>
#include <cstdint>

#include "plan.h"

namespace mcpo {

inline constexpr std::uint32_t kPlanMagic = 0x4f50434d;  // "MCPO"
inline constexpr std::uint32_t kPlanVersion = 4;

// Bytes that EncodePlan will write; 0 when the plan breaks a cap or a text has a NUL inside.
std::size_t EncodedPlanSize(const Plan& plan);

// Writes the plan to `out`, which has room for `capacity` bytes. False, with unspecified content, when it
// does not fit.
bool EncodePlan(const Plan& plan, std::uint8_t* out, std::size_t capacity);

// Reads a plan. Its texts point into `bytes`, its lists into `storage`: both must outlive it. False when
// anything is cut short, left over, out of range or of another version. Never reads outside `bytes`, never
// allocates.
bool DecodePlan(const std::uint8_t* bytes, std::size_t size, PlanStorage& storage, Plan& plan);

}  // namespace mcpo
