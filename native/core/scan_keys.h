// The decisive keys as a tree, one node a letter, built by the compiler. Twin: lib/protocol/scan/keys.ts.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "scan.h"

namespace mcpo::scan {

// In the order of `fields` in lib/protocol/model.ts.
inline constexpr std::array<std::string_view, kFieldCount> kFields = {
    "id",
    "method",
    "params",
    "result",
    "error",
    "params.name",
    "params.uri",
    "params.requestId",
    "params.progressToken",
    "params.protocolVersion",
    "params._meta",
    "params._meta.progressToken",
    "params._meta.io.modelcontextprotocol/protocolVersion",
    "params._meta.io.modelcontextprotocol/subscriptionId",
};
inline constexpr std::int32_t kId = 0;
inline constexpr std::int32_t kMethod = 1;
inline constexpr std::int32_t kParams = 2;
inline constexpr std::int32_t kResult = 3;
inline constexpr std::int32_t kError = 4;
inline constexpr std::int32_t kMeta = 10;
static_assert(kFields[kMeta] == "params._meta");

// Lower case. Two letters outside ASCII fold into it: long s and the Kelvin sign.
constexpr std::int32_t Fold(std::int32_t code) {
  if (code >= 'A' && code <= 'Z') return code | 0x20;
  if (code == 0x17f) return 's';
  return code == 0x212a ? 'k' : code;
}

// Node 0 matches nothing; 1 to 3 are the roots for the keys of the message, of params and of params._meta.
class KeyTree {
 public:
  static constexpr std::int32_t kCapacity = 160;

  constexpr KeyTree() {
    for (Node& node : nodes_) node = Node{};
    for (std::int32_t field = 0; field < kFieldCount; ++field) Add(kFields[field], field);
  }

  constexpr std::int32_t size() const { return size_; }
  constexpr std::int32_t FieldAt(std::int32_t node) const { return nodes_[node].field; }
  constexpr std::int32_t LabelAt(std::int32_t node) const { return nodes_[node].label; }

  // The child that a character leads to, letter case ignored; 0 when there is none.
  constexpr std::int32_t Step(std::int32_t node, std::int32_t code) const {
    const std::int32_t folded = Fold(code);
    std::int32_t child = nodes_[node].child;
    while (child != 0 && Fold(nodes_[child].label) != folded) child = nodes_[child].sibling;
    return child;
  }

 private:
  struct Node {
    std::uint8_t label = 0;
    std::uint8_t child = 0;
    std::uint8_t sibling = 0;
    std::int8_t field = -1;
  };

  constexpr void Add(std::string_view path, std::int32_t field) {
    constexpr std::string_view kMetaPrefix = "params._meta.";
    constexpr std::string_view kParamsPrefix = "params.";
    std::int32_t node = 1;
    if (path.starts_with(kMetaPrefix)) {
      node = 3;
      path.remove_prefix(kMetaPrefix.size());
    } else if (path.starts_with(kParamsPrefix)) {
      node = 2;
      path.remove_prefix(kParamsPrefix.size());
    }
    for (const char letter : path) node = Child(node, static_cast<std::uint8_t>(letter));
    nodes_[node].field = static_cast<std::int8_t>(field);
  }

  constexpr std::int32_t Child(std::int32_t parent, std::uint8_t letter) {
    for (std::int32_t node = nodes_[parent].child; node != 0; node = nodes_[node].sibling) {
      if (nodes_[node].label == letter) return node;
    }
    nodes_[size_].label = letter;
    nodes_[size_].sibling = nodes_[parent].child;
    nodes_[parent].child = static_cast<std::uint8_t>(size_);
    return size_++;
  }

  std::array<Node, kCapacity> nodes_{};
  std::int32_t size_ = 4;
};

inline constexpr KeyTree kKeyTree{};

}  // namespace mcpo::scan
