// What the proof found, as `key=value` lines for the gateway.
#pragma once

#include <cstddef>

namespace mcpo {

class Facts {
 public:
  // Fails the start when there is no more room: a proof that is cut off proves less than it seems to.
  void Add(const char* name, const char* value);
  void AddNumber(const char* name, unsigned long value);
  const char* text() const { return text_; }

 private:
  // Below kMaxStatusText.
  char text_[2048] = "";
  std::size_t size_ = 0;
};

// Something is not what it must be: ends the process, naming it and what was found.
[[noreturn]] void Mismatch(const char* what, const char* found);

}  // namespace mcpo
