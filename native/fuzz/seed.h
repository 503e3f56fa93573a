// First inputs of a fuzz target, written into the folder that test/fuzz.mjs names.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace mcpo::fuzz {

inline void WriteSeed(const char* name, const std::vector<std::uint8_t>& bytes) {
  const char* folder = std::getenv("MCPO_FUZZ_SEEDS");
  if (folder == nullptr) return;
  std::FILE* file = std::fopen((std::string(folder) + "/" + name).c_str(), "wb");
  if (file == nullptr) std::abort();
  if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) std::abort();
  std::fclose(file);
}

// What must hold for every input; the fuzzer keeps the input for which it does not.
inline void Demand(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace mcpo::fuzz
