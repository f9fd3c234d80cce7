#include "functions.h"

#include <cstring>

namespace ivb {
namespace {

size_t reverse(uint8_t* payload, size_t length, size_t) {
  reverseBytes(payload, length);
  return length;
}

size_t echo(uint8_t*, size_t length, size_t) { return length; }

size_t stampAtFront(size_t, size_t) { return 0; }
size_t stampAtBack(size_t payloadBytes, size_t stampBytes) { return payloadBytes - stampBytes; }

constexpr Function table[] = {
    {"reverse", reverse, stampAtBack},
    {"echo", echo, stampAtFront},
};

}  // namespace

const Function* findFunction(const char* id) {
  for (const Function& function : table) {
    if (std::strcmp(function.id, id) == 0) return &function;
  }
  return nullptr;
}

}  // namespace ivb
