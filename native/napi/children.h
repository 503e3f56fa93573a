// The launchers that one JavaScript environment has started and not yet reaped. They end with it: a worker
// that is terminated between a spawn and the next line has told nobody about its child.
#pragma once

#include <unordered_map>

#include "../core/backend.h"

namespace mcpo {

class Children {
 public:
  Children() = default;
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  ~Children() {
    for (const auto& [pid, guard] : guards_) EndAndClose(guard);
  }

  void Add(const Child& child) { guards_.emplace(child.pid, child.guard); }

  // It was reaped: its process id may be somebody else's from now on.
  void Forget(int pid) {
    const auto found = guards_.find(pid);
    if (found == guards_.end()) return;
    EndAndClose(found->second);
    guards_.erase(found);
  }

 private:
  std::unordered_map<int, int> guards_;
};

}  // namespace mcpo
