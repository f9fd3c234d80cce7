// Reversal by blocks from both ends: load one block at each end, reverse both in registers, store them swapped.
#include <cstring>
#include <utility>

#include "functions.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace ivb {

void reverseBytewise(uint8_t* bytes, size_t length) {
  if (length < 2) return;
  for (uint8_t *low = bytes, *high = bytes + length - 1; low < high; low++, high--) std::swap(*low, *high);
}

namespace {

uint64_t load64(const uint8_t* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

uint32_t load32(const uint8_t* at) {
  uint32_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// In each of the following, what is left of up to two blocks is done with the two that begin at its low end and end at
// its high end: they may overlap, since both are loaded before either is stored.

void reverseWords(uint8_t* low, uint8_t* high) {
  for (; high - low > 16; low += 8) {
    high -= 8;
    uint64_t front = __builtin_bswap64(load64(low));
    uint64_t back = __builtin_bswap64(load64(high));
    std::memcpy(low, &back, 8);
    std::memcpy(high, &front, 8);
  }
  if (high - low >= 8) {
    uint64_t front = __builtin_bswap64(load64(low));
    uint64_t back = __builtin_bswap64(load64(high - 8));
    std::memcpy(low, &back, 8);
    std::memcpy(high - 8, &front, 8);
  } else if (high - low >= 4) {
    uint32_t front = __builtin_bswap32(load32(low));
    uint32_t back = __builtin_bswap32(load32(high - 4));
    std::memcpy(low, &back, 4);
    std::memcpy(high - 4, &front, 4);
  } else {
    reverseBytewise(low, size_t(high - low));
  }
}

[[maybe_unused]] void reversePortable(uint8_t* bytes, size_t length) { reverseWords(bytes, bytes + length); }

// Blocks of 16 bytes, with what every arm64 CPU has and almost every x86-64 one.
#if defined(__x86_64__)

#define FOR_BLOCKS __attribute__((target("ssse3")))
using Block = __m128i;

FOR_BLOCKS Block loadReversed(const uint8_t* at) {
  const __m128i order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), order);
}

FOR_BLOCKS void store(uint8_t* at, Block block) { _mm_storeu_si128(reinterpret_cast<__m128i*>(at), block); }

#elif defined(__aarch64__)

#define FOR_BLOCKS
using Block = uint8x16_t;

Block loadReversed(const uint8_t* at) {
  uint8x16_t halves = vrev64q_u8(vld1q_u8(at));
  return vextq_u8(halves, halves, 8);
}

void store(uint8_t* at, Block block) { vst1q_u8(at, block); }

#endif

#ifdef FOR_BLOCKS

FOR_BLOCKS void swap16(uint8_t* low, uint8_t* high) {
  Block front = loadReversed(low), back = loadReversed(high);
  store(low, back);
  store(high, front);
}

FOR_BLOCKS void reverseBlocks(uint8_t* bytes, size_t length) {
  uint8_t* low = bytes;
  uint8_t* high = bytes + length;
  for (; high - low > 32; low += 16) {
    high -= 16;
    swap16(low, high);
  }
  if (high - low >= 16) swap16(low, high - 16);
  else reverseWords(low, high);
}

#endif

#if defined(__x86_64__)

__attribute__((target("avx2"))) __m256i reverse32(__m256i block) {
  const __m256i order = _mm256_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,  //
                                        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  block = _mm256_shuffle_epi8(block, order);
  return _mm256_permute2x128_si256(block, block, 1);
}

__attribute__((target("avx2"))) void swap32(uint8_t* low, uint8_t* high) {
  __m256i front = reverse32(_mm256_loadu_si256(reinterpret_cast<__m256i*>(low)));
  __m256i back = reverse32(_mm256_loadu_si256(reinterpret_cast<__m256i*>(high)));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(low), back);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(high), front);
}

__attribute__((target("avx2"))) void reverseAvx2(uint8_t* bytes, size_t length) {
  uint8_t* low = bytes;
  uint8_t* high = bytes + length;
  for (; high - low > 64; low += 32) {
    high -= 32;
    swap32(low, high);
  }
  if (high - low >= 32) swap32(low, high - 32);
  else reverseBlocks(low, size_t(high - low));
}

#endif

using Reverse = void (*)(uint8_t*, size_t);

Reverse widestReverse() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) return reverseAvx2;
  if (__builtin_cpu_supports("ssse3")) return reverseBlocks;
  return reversePortable;
#elif defined(__aarch64__)
  return reverseBlocks;
#else
  return reversePortable;
#endif
}

const Reverse chosenReverse = widestReverse();

}  // namespace

void reverseBytes(uint8_t* bytes, size_t length) { chosenReverse(bytes, length); }

}  // namespace ivb
