// What a system call policy is made of. Data only: compile.h turns it into a program.
#pragma once

#include <linux/seccomp.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "told.h"

namespace mcpo::seccomp {

// A seccomp return value, as the kernel reads it.
using Verdict = uint32_t;
inline constexpr Verdict kAllow = SECCOMP_RET_ALLOW;
inline constexpr Verdict kKill = SECCOMP_RET_KILL_PROCESS;
constexpr Verdict Errno(int error) {
  return SECCOMP_RET_ERRNO | static_cast<uint32_t>(error);
}

// Holds when (argument & mask) is one of `values`. Looks at the low 32 bits, for the kernel takes no more of
// an int (comparing 64 is a bypass: CVE-2019-10063). `whole` also demands a zero upper half: arguments of
// pointer size.
struct Test {
  uint32_t argument;  // 0 to 5
  uint32_t mask;
  std::vector<uint32_t> values;  // never empty
  bool whole = false;
};

// Holds when all of its tests do.
struct Clause {
  std::vector<Test> tests;  // never empty
  Verdict verdict;
};

// The first clause that holds decides.
struct Rule {
  std::vector<Clause> clauses;
  Verdict otherwise;
};

struct Group {
  std::string_view why;
  std::vector<std::string_view> names;
};

struct RuledGroup {
  std::string_view why;
  std::vector<std::string_view> names;
  Rule rule;
};

// A name stands in one group of one list (`watched` apart, which only Explaining fills). Names that an
// architecture does not have are passed over there. Everything that stands nowhere gets ENOSYS, and what is
// `absent` too: that list only says why.
struct Policy {
  std::vector<Group> allowed;
  std::vector<Group> denied;  // EPERM
  std::vector<Group> absent;
  std::vector<RuledGroup> ruled;
  std::vector<Group> watched = {};  // allowed once somebody was told
};

// The server's policy, each list in a file of its own name.
std::vector<Group> ServerAllowed();
std::vector<Group> ServerDenied();
std::vector<Group> ServerAbsent();
std::vector<RuledGroup> ServerRuled();

Policy ServerPolicy();

// The policy of the sandbox's pid 1. `watches`: it holds limits by looking at the other processes.
Policy InitPolicy(bool watches);

}  // namespace mcpo::seccomp
