#include "work.h"

#include <limits>

namespace ivb {
namespace {

/// About a millisecond. Where that is more than one, what interrupts a CPU every millisecond, as the timer of a virtual
/// machine's host does, is in each piece, as it is in the work of so many requests together. (On one host it is 35 us: 3.5 %.)
constexpr uint32_t stepsAPiece = 1'000'000;
/// What a CPU takes at most to reach its full clock rate, and tens of pieces, of which nothing else interrupts the shortest.
constexpr uint64_t measureForNs = 50'000'000;

}  // namespace

double measureStep() {
  const uint8_t payload[WORK_WORDS * sizeof(uint32_t)]{};
  uint64_t shortestNs = std::numeric_limits<uint64_t>::max();
  const uint8_t* unknown = payload;
  asm volatile("" : "+r"(unknown));  // words that the compiler knew to be zeros it could leave out
  for (uint64_t begunNs = monotonicNs(), atNs = begunNs; atNs - begunNs < measureForNs;) {
    uint32_t digest = compute(unknown, sizeof payload, stepsAPiece);
    asm volatile("" : : "r"(digest));
    uint64_t nowNs = monotonicNs();
    shortestNs = std::min(shortestNs, nowNs - atNs);
    atNs = nowNs;
  }
  return double(shortestNs) / stepsAPiece;
}

}  // namespace ivb
