#include "facts.h"

#include <stdio.h>

#include <cerrno>

#include "../report.h"

namespace mcpo {

static_assert(sizeof(Facts) < kMaxStatusText);

void Facts::Add(const char* name, const char* value) {
  const std::size_t room = sizeof text_ - size_;
  const int added = snprintf(text_ + size_, room, "%s=%s\n", name, value);
  if (added < 0 || static_cast<std::size_t>(added) >= room) FailWith("self-check", ENOSPC, name);
  size_ += static_cast<std::size_t>(added);
}

void Facts::AddNumber(const char* name, unsigned long value) {
  char text[24];
  snprintf(text, sizeof text, "%lu", value);
  Add(name, text);
}

void Mismatch(const char* what, const char* found) {
  char text[512];
  snprintf(text, sizeof text, "%s: %s", what, found);
  FailWith("self-check", EPERM, text);
}

}  // namespace mcpo
