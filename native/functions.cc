#include "functions.h"

#include <algorithm>
#include <cstring>

namespace ivb {
namespace {

size_t reverse(uint8_t* payload, size_t length, size_t) {
  reverseBytes(payload, length);
  return length;
}

size_t echo(uint8_t*, size_t length, size_t) { return length; }

constexpr size_t maxPayloadBytes = 1472;  // of an Ethernet MTU of 1500

/// The payload twice, cut off at what fits an Ethernet frame. Fails on more than that.
size_t expand(uint8_t* payload, size_t length, size_t capacity) {
  size_t replyBytes = std::min(2 * length, maxPayloadBytes);
  if (length > maxPayloadBytes || replyBytes > capacity) return functionFailed;
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
