// The one function of the scanner. Node-API is called directly: it runs once a chunk, and wrappers cost as
// much as a message.
#include "scan.h"

#include "../core/scan.h"

namespace mcpo {
namespace {

constexpr std::int32_t kBadArgument = -1;

template <class Element>
struct Words {
  Element* data = nullptr;
  std::size_t count = 0;
};

// False unless the value is a typed array of that type.
template <class Element>
bool Read(napi_env env, napi_value value, napi_typedarray_type expected, Words<Element>& words) {
  napi_typedarray_type type{};
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &words.count, &data, nullptr, nullptr) != napi_ok)
    return false;
  words.data = static_cast<Element*>(data);
  return type == expected;
}

// (chunk: Uint8Array, from: number, state: Int32Array, records: Int32Array): number of records, or -1 for bad
// arguments.
std::int32_t Scan(napi_env env, const napi_value (&arguments)[4]) {
  Words<const std::uint8_t> chunk;
  Words<std::int32_t> state;
  Words<std::int32_t> records;
  std::uint32_t from = 0;
  if (!Read(env, arguments[0], napi_uint8_array, chunk) ||
      !Read(env, arguments[2], napi_int32_array, state) ||
      !Read(env, arguments[3], napi_int32_array, records) || state.count < scan::kStateWords ||
      napi_get_value_uint32(env, arguments[1], &from) != napi_ok) {
    return kBadArgument;
  }
  auto& words = *reinterpret_cast<scan::State*>(state.data);
  return scan::ScanChunk({chunk.data, chunk.count}, from, words, {records.data, records.count});
}

napi_value Call(napi_env env, napi_callback_info info) {
  napi_value arguments[4] = {};
  std::size_t count = 4;
  napi_value result = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr) != napi_ok) return nullptr;
  napi_create_int32(env, count == 4 ? Scan(env, arguments) : kBadArgument, &result);
  return result;
}

}  // namespace

void ExportScan(Napi::Env env, Napi::Object exports) {
  napi_value function = nullptr;
  napi_create_function(env, "scanChunk", NAPI_AUTO_LENGTH, Call, nullptr, &function);
  exports.Set("scanChunk", function);
}

}  // namespace mcpo
