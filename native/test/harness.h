// A test harness in forty lines: TEST("a sentence") { CHECK(...); }, one binary for all files, `N passed, N
// failed`.
#pragma once

#include <cstdio>
#include <vector>

namespace mcpo::test {

struct Case {
  const char* name;
  void (*body)();
};

inline std::vector<Case>& Cases() {
  static std::vector<Case> cases;
  return cases;
}

// Failed checks of the case that runs now. Only the first ones are printed: exhaustive tests can fail a
// million times.
inline int failures = 0;
inline constexpr int kPrinted = 10;

struct Registration {
  Registration(const char* name, void (*body)()) { Cases().push_back({name, body}); }
};

inline bool Check(bool holds, const char* what, const char* file, int line) {
  if (!holds && ++failures <= kPrinted) std::fprintf(stderr, "  %s:%d: %s\n", file, line, what);
  return holds;
}

}  // namespace mcpo::test

#define MCPO_JOIN_(a, b) a##b
#define MCPO_JOIN(a, b) MCPO_JOIN_(a, b)
#define TEST(sentence)                                                                                \
  static void MCPO_JOIN(Test, __LINE__)();                                                            \
  static const mcpo::test::Registration MCPO_JOIN(registration, __LINE__)(sentence,                   \
                                                                          MCPO_JOIN(Test, __LINE__)); \
  static void MCPO_JOIN(Test, __LINE__)()
#define CHECK(condition) mcpo::test::Check((condition), #condition, __FILE__, __LINE__)
#define CHECK_THAT(condition, words) mcpo::test::Check((condition), (words), __FILE__, __LINE__)
