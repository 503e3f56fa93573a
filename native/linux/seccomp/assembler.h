// Writes a classic BPF program from its end to its start, so that the target of every jump is known when it
// is written.
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace mcpo::seccomp {

class Assembler {
 public:
  // An instruction already written, counted from the program's end.
  using Label = size_t;

  // The program ends here with this value.
  Label Return(uint32_t value);

  // Compares the accumulator; `code` is BPF_JEQ or BPF_JGE. Either target may be any distance away.
  Label Branch(uint16_t code, uint32_t operand, Label yes, Label no);

  // A statement that goes on with `next`.
  Label Before(Label next, uint16_t code, uint32_t operand);

  // The program in the order in which it runs. The last label written is where it starts.
  std::vector<sock_filter> Finish() &&;

 private:
  Label Push(sock_filter instruction);
  Label Near(Label target);

  std::vector<sock_filter> reversed_;
  std::map<uint32_t, Label> returns_;
};

}  // namespace mcpo::seccomp
