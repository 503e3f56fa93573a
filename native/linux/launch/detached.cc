#include "detached.h"

#include <stdio.h>

#include "../syscalls.h"
#include "report.h"
#include "target.h"

namespace mcpo {
namespace {

void SetNumber(int context, const char* key, const char* format, std::uint64_t value, const char* step) {
  char text[32];
  snprintf(text, sizeof text, format, static_cast<unsigned long long>(value));
  Require(sys::FsSetString(context, key, text), step, key);
}

}  // namespace

Fd MakeTmpfs(std::uint64_t sizeBytes, std::uint32_t inodes, std::uint32_t mode, std::uint64_t attributes,
             const char* step) {
  const Fd context(Require(sys::FsOpen("tmpfs"), step, "tmpfs"));
  SetNumber(context.get(), "size", "%llu", sizeBytes, step);
  SetNumber(context.get(), "nr_inodes", "%llu", inodes, step);
  SetNumber(context.get(), "mode", "%llo", mode, step);
  Require(sys::FsCreate(context.get()), step, "tmpfs");
  Fd tree(
      Require(sys::FsMount(context.get(), attributes | sys::kMountNoSuid | sys::kMountNoDev), step, "tmpfs"));
  RememberOwnFilesystem(tree.get(), step);
  return tree;
}

Fd CopyTree(int folder, const char* path, std::uint64_t attributes, const char* step) {
  const unsigned flags = sys::kRecursive | (path[0] == 0 ? sys::kEmptyPath : 0);
  Fd tree(Require(sys::OpenTree(folder, path, flags), step, path));
  if (attributes != 0) SetAttributes(tree.get(), attributes, sys::kRecursive, step);
  return tree;
}

void SetAttributes(int tree, std::uint64_t attributes, unsigned recursive, const char* step) {
  sys::MountAttributes change{};
  change.set = attributes;
  Require(sys::MountSetattr(tree, recursive, change), step, "attributes");
}

void Attach(int tree, int target, const char* step, const char* detail) {
  Require(sys::MoveMount(tree, target, "", sys::kMoveToEmptyPath), step, detail);
}

}  // namespace mcpo
