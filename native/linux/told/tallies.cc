#include "tallies.h"

namespace mcpo::told {

void Tallies::Add(const Call& call, Milliseconds now, const Tell& tell) {
  if (tallies_.size() >= kMostCalls && !tallies_.contains(call.data.nr)) return;
  Tally& tally = tallies_[call.data.nr];
  if (tally.count++ == 0) tally.call = call;
  if (tally.due > now) return;
  if (tell(tally.call, tally.count)) tally.count = 0;
  tally.due = now + kEach;
}

void Tallies::TellDue(Milliseconds now, bool all, const Tell& tell) {
  for (auto& [number, tally] : tallies_) {
    if (tally.count == 0 || (tally.due > now && !all)) continue;
    if (tell(tally.call, tally.count)) tally.count = 0;
    tally.due = now + kEach;
  }
}

Milliseconds Tallies::NextDue() const {
  Milliseconds next = -1;
  for (const auto& [number, tally] : tallies_) {
    if (tally.count > 0 && (next < 0 || tally.due < next)) next = tally.due;
  }
  return next;
}

}  // namespace mcpo::told
