#include "plan_codec.h"

#include <cstring>

namespace mcpo {
namespace {

// Writes, or with `out` null only counts.
class Writer {
 public:
  Writer(std::uint8_t* out, std::size_t capacity) : out_(out), capacity_(capacity) {}

  std::size_t size() const { return size_; }

  template <class Number>
  bool Value(Number& value) {
    return Bytes(&value, sizeof value);
  }

  template <class Enum>
  bool Choice(Enum& value) {
    return value < Enum::kCount && Value(value);
  }

  bool Flag(bool& value) {
    std::uint8_t byte = value ? 1 : 0;
    return Value(byte);
  }

  bool Blob(Text& text) { return Value(text.size) && Bytes(text.data, text.size) && Bytes("", 1); }

  bool String(Text& text) { return std::memchr(text.data, 0, text.size) == nullptr && Blob(text); }

  template <class T, class Each>
  bool Items(List<T>& list, T*, std::uint32_t cap, Each each) {
    if (list.size > cap || !Value(list.size)) return false;
    for (T& item : list) {
      if (!each(*this, item)) return false;
    }
    return true;
  }

 private:
  bool Bytes(const void* data, std::size_t count) {
    if (count > capacity_ - size_) return false;
    if (out_ != nullptr && count > 0) std::memcpy(out_ + size_, data, count);
    size_ += count;
    return true;
  }

  std::uint8_t* out_;
  std::size_t capacity_;
  std::size_t size_ = 0;
};

// Reads; every length is checked before it is used.
class Reader {
 public:
  Reader(const std::uint8_t* bytes, std::size_t size) : at_(bytes), left_(size) {}

  std::size_t left() const { return left_; }

  template <class Number>
  bool Value(Number& value) {
    const std::uint8_t* bytes = Take(sizeof value);
    if (bytes == nullptr) return false;
    std::memcpy(&value, bytes, sizeof value);
    return true;
  }

  template <class Enum>
  bool Choice(Enum& value) {
    std::uint8_t byte = 0;
    if (!Value(byte) || byte >= static_cast<std::uint8_t>(Enum::kCount)) return false;
    value = static_cast<Enum>(byte);
    return true;
  }

  bool Flag(bool& value) {
    std::uint8_t byte = 0;
    if (!Value(byte) || byte > 1) return false;
    value = byte == 1;
    return true;
  }

  bool Blob(Text& text) {
    std::uint32_t size = 0;
    if (!Value(size) || size >= left_) return false;
    const std::uint8_t* bytes = Take(std::size_t{size} + 1);
    if (bytes == nullptr || bytes[size] != 0) return false;
    text = {reinterpret_cast<const char*>(bytes), size};
    return true;
  }

  bool String(Text& text) { return Blob(text) && std::memchr(text.data, 0, text.size) == nullptr; }

  template <class T, class Each>
  bool Items(List<T>& list, T* storage, std::uint32_t cap, Each each) {
    std::uint32_t count = 0;
    if (!Value(count) || count > cap) return false;
    list = {storage, count};
    for (T& item : list) {
      if (!each(*this, item)) return false;
    }
    return true;
  }

 private:
  const std::uint8_t* Take(std::size_t count) {
    if (count > left_) return nullptr;
    const std::uint8_t* bytes = at_;
    at_ += count;
    left_ -= count;
    return bytes;
  }

  const std::uint8_t* at_;
  std::size_t left_;
};

constexpr auto kMount = [](auto& archive, MountOperation& mount) {
  return archive.Choice(mount.kind) && archive.String(mount.source) && archive.String(mount.target) &&
         archive.Blob(mount.content) && archive.Value(mount.sizeBytes) && archive.Value(mount.inodes) &&
         archive.Value(mount.mode) && archive.Flag(mount.readOnly) && archive.Flag(mount.idmap) &&
         archive.Flag(mount.optional);
};

constexpr auto kRule = [](auto& archive, LandlockRule& rule) {
  return archive.String(rule.path) && archive.Value(rule.access);
};

constexpr auto kLimit = [](auto& archive, ResourceLimit& limit) {
  return archive.Choice(limit.resource) && archive.Value(limit.soft) && archive.Value(limit.hard);
};

constexpr auto kNumber = [](auto& archive, std::uint32_t& number) { return archive.Value(number); };

constexpr auto kText = [](auto& archive, Text& text) { return archive.String(text); };

constexpr auto kInstruction = [](auto& archive, FilterInstruction& instruction) {
  return archive.Value(instruction);
};

// The one description of the format: the writer and the reader both follow it, so they cannot drift apart.
template <class Archive>
bool Transfer(Archive& archive, PlanStorage* storage, Plan& plan) {
  auto room = [storage](auto member) { return storage == nullptr ? nullptr : storage->*member; };
  LandlockPlan& landlock = plan.landlock;
  return archive.String(plan.hostname) && archive.Flag(plan.hasHostUid) && archive.Value(plan.hostUid) &&
         archive.Flag(plan.userNamespace) && archive.Flag(plan.shareNetwork) &&
         archive.Flag(plan.egress.enabled) &&
         archive.Items(plan.egress.ports, room(&PlanStorage::egressPorts), kMaxEgressPorts, kNumber) &&
         archive.Items(plan.egress.routes, room(&PlanStorage::egressRoutes), kMaxEgressRoutes, kText) &&
         archive.Choice(plan.root) &&
         archive.Items(plan.mounts, room(&PlanStorage::mounts), kMaxMounts, kMount) &&
         archive.Flag(landlock.enabled) && archive.Value(landlock.handledFs) &&
         archive.Value(landlock.scoped) &&
         archive.Items(landlock.rules, room(&PlanStorage::landlockRules), kMaxLandlockRules, kRule) &&
         archive.Items(plan.rlimits, room(&PlanStorage::rlimits), kMaxResourceLimits, kLimit) &&
         archive.Value(plan.watch.cpuPercent) && archive.Value(plan.watch.memoryMb) &&
         archive.String(plan.executable) &&
         archive.Items(plan.argv, room(&PlanStorage::argv), kMaxArguments, kText) &&
         archive.Items(plan.environment, room(&PlanStorage::environment), kMaxEnvironment, kText) &&
         archive.String(plan.cwd) && archive.Flag(plan.dryRun) && archive.Value(plan.enteredPid) &&
         archive.Items(plan.serverFilter, room(&PlanStorage::serverFilter), kMaxFilterInstructions,
                       kInstruction) &&
         archive.Items(plan.initFilter, room(&PlanStorage::initFilter), kMaxFilterInstructions, kInstruction);
}

bool Write(Writer& writer, Plan plan) {
  std::uint32_t magic = kPlanMagic;
  std::uint32_t version = kPlanVersion;
  return writer.Value(magic) && writer.Value(version) && Transfer(writer, nullptr, plan);
}

}  // namespace

std::size_t EncodedPlanSize(const Plan& plan) {
  Writer counter(nullptr, kMaxPlanBytes);
  return Write(counter, plan) ? counter.size() : 0;
}

bool EncodePlan(const Plan& plan, std::uint8_t* out, std::size_t capacity) {
  Writer writer(out, capacity < kMaxPlanBytes ? capacity : kMaxPlanBytes);
  return Write(writer, plan);
}

bool DecodePlan(const std::uint8_t* bytes, std::size_t size, PlanStorage& storage, Plan& plan) {
  if (size > kMaxPlanBytes) return false;
  Reader reader(bytes, size);
  std::uint32_t magic = 0;
  std::uint32_t version = 0;
  return reader.Value(magic) && magic == kPlanMagic && reader.Value(version) && version == kPlanVersion &&
         Transfer(reader, &storage, plan) && reader.left() == 0 && plan.argv.size > 0;
}

}  // namespace mcpo
