#include "mount_from_js.h"

#include <iterator>

namespace mcpo {
namespace {

// In the order of enum MountKind.
constexpr const char* kOperations[] = {"tmpfs", "dir",      "file", "symlink", "bind", "dev",
                                       "proc",  "readonly", "pin",  "mask",    "guard"};
static_assert(std::size(kOperations) == static_cast<std::size_t>(MountKind::kCount));

constexpr const char* kAccess[] = {"ro", "rw"};
constexpr std::uint64_t kMaxMode = 07777;
constexpr std::uint64_t kMaxInodes = 1u << 30;
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 50;

// The fields of one operation, each under its own name.
class Fields {
 public:
  Fields(JsReader& reader, const Napi::Object& object, const std::string& where)
      : reader_(reader), object_(object), where_(where) {}

  bool ReadText(const char* name, Text& out) { return reader_.ReadText(Get(name), Name(name), out); }
  bool ReadFlag(const char* name, bool& out) { return reader_.ReadFlag(Get(name), Name(name), out); }
  bool ReadSize(const char* name, std::uint64_t& out) {
    return reader_.ReadNumber(Get(name), Name(name), kMaxBytes, out);
  }
  bool ReadSmall(const char* name, std::uint64_t most, std::uint32_t& out) {
    std::uint64_t number = 0;
    if (!reader_.ReadNumber(Get(name), Name(name), most, number)) return false;
    out = static_cast<std::uint32_t>(number);
    return true;
  }
  bool ReadMode(std::uint32_t& out) { return ReadSmall("mode", kMaxMode, out); }
  template <std::size_t count>
  bool ReadChoice(const char* name, const char* const (&names)[count], std::uint32_t& out) {
    return reader_.ReadChoice(Get(name), Name(name), names, count, out);
  }

 private:
  Napi::Value Get(const char* name) { return reader_.Field(object_, name, where_); }
  std::string Name(const char* name) const { return where_ + "." + name; }

  JsReader& reader_;
  const Napi::Object& object_;
  const std::string& where_;
};

bool ReadBind(Fields& fields, MountOperation& out) {
  std::uint32_t access = 0;
  const bool read = fields.ReadText("source", out.source) && fields.ReadText("target", out.target) &&
                    fields.ReadChoice("access", kAccess, access) && fields.ReadFlag("idmap", out.idmap) &&
                    fields.ReadFlag("optional", out.optional);
  out.readOnly = access == 0;
  return read;
}

bool ReadFields(Fields& fields, MountOperation& out) {
  switch (out.kind) {
    case MountKind::kTmpfs:
      return fields.ReadText("target", out.target) && fields.ReadSize("sizeBytes", out.sizeBytes) &&
             fields.ReadSmall("inodes", kMaxInodes, out.inodes) && fields.ReadMode(out.mode);
    case MountKind::kDir:
      return fields.ReadText("target", out.target) && fields.ReadMode(out.mode);
    case MountKind::kFile:
      return fields.ReadText("target", out.target) && fields.ReadMode(out.mode) &&
             fields.ReadText("content", out.content);
    case MountKind::kSymlink:
      return fields.ReadText("target", out.target) && fields.ReadText("to", out.source);
    case MountKind::kBind:
      return ReadBind(fields, out);
    case MountKind::kDev:
      return fields.ReadSize("shmBytes", out.sizeBytes);
    case MountKind::kProc:
      return true;
    case MountKind::kReadOnly:
    case MountKind::kPin:
    case MountKind::kMask:
      return fields.ReadText("target", out.target) && fields.ReadFlag("optional", out.optional);
    case MountKind::kGuard:
      return fields.ReadText("target", out.target) && fields.ReadText("content", out.content);
    case MountKind::kCount:
      break;
  }
  return false;
}

}  // namespace

bool ReadMount(JsReader& reader, const Napi::Value& value, const std::string& where, MountOperation& out) {
  Napi::Object object;
  if (!reader.ReadObject(value, where, object)) return false;
  Fields fields(reader, object, where);
  std::uint32_t kind = 0;
  if (!fields.ReadChoice("op", kOperations, kind)) return false;
  out.kind = static_cast<MountKind>(kind);
  return ReadFields(fields, out);
}

}  // namespace mcpo
