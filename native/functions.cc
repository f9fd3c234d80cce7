#include "functions.h"

#include <algorithm>
#include <cstring>

#include "../bpf/payload.h"

namespace ivb {
namespace {

size_t reverse(uint8_t* payload, size_t length, size_t) {
  reverseBytes(payload, length);
  return length;
}

size_t echo(uint8_t*, size_t length, size_t) { return length; }

/// The payload twice, cut off at what fits an Ethernet frame. Fails on more than that.
size_t expand(uint8_t* payload, size_t length, size_t capacity) {
  size_t replyBytes = std::min<size_t>(2 * length, MAX_PAYLOAD_BYTES);
  if (length > MAX_PAYLOAD_BYTES || replyBytes > capacity) return functionFailed;
  std::memcpy(payload + length, payload, replyBytes - length);
  return replyBytes;
}

/// ASCII letters in upper case, all other bytes as they are.
size_t upper(uint8_t* payload, size_t length, size_t) {
  for (size_t i = 0; i < length; i++) payload[i] -= (payload[i] >= 'a' && payload[i] <= 'z') ? 'a' - 'A' : 0;
  return length;
}

constexpr Function table[] = {
    {"reverse", reverse},
    {"echo", echo},
    {"expand", expand},
    {"upper", upper},
};

}  // namespace

const Function* findFunction(const char* id) {
  for (const Function& function : table) {
    if (std::strcmp(function.id, id) == 0) return &function;
  }
  return nullptr;
}

}  // namespace ivb
