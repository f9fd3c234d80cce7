// Compares reverseBytes() with the bytewise reference: every length up to twice the longest payload, at every alignment.
#include <cstdio>
#include <vector>

#include "../../../native/functions.h"

namespace {

constexpr size_t maxBytes = 4096, alignments = 32, guardBytes = 64;

/// Whether `length` bytes at `offset` are reversed, and all around them as before.
bool isRight(size_t length, size_t offset) {
  std::vector<uint8_t> expected(offset + length + guardBytes);
  for (size_t i = 0; i < expected.size(); i++) expected[i] = uint8_t(i * 7 + i / 256);
  std::vector<uint8_t> reversed = expected;
  ivb::reverseBytewise(expected.data() + offset, length);
  ivb::reverseBytes(reversed.data() + offset, length);
  return reversed == expected;
}

}  // namespace

int main() {
  for (size_t length = 0; length <= maxBytes; length += length < 300 ? 1 : 61) {
    for (size_t offset = 0; offset < alignments; offset++) {
      if (isRight(length, offset)) continue;
      std::printf("%zu bytes at %zu\n", length, offset);
      return 1;
    }
  }
  std::printf("right\n");
}
