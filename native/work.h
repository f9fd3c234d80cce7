#pragma once
// What a thread does for each request: the function, and what a benchmark plants behind it.
#include <algorithm>
#include <cstring>

#include "../bpf/work.h"
#include "functions.h"
#include "thread.h"

namespace ivb {

/// Keeps the calling thread busy for that long. It reads the clock until the time is over: that is one reading (20 to
/// 30 ns where the vDSO reads the TSC) late on average, and never early.
inline void stayBusy(uint64_t ns) {
  for (uint64_t begunNs = monotonicNs(); monotonicNs() - begunNs < ns;) {
  }
}

/// So many steps of the work that bpf/work.h tells of, on a payload of that length; what they come to.
inline uint32_t compute(const uint8_t* payload, size_t length, uint32_t steps) {
  uint32_t words[WORK_WORDS]{};
  std::memcpy(words, payload, std::min(length, sizeof words) / sizeof *words * sizeof *words);
  uint32_t hash = WORK_BASIS;
  for (uint32_t step = 0; step < steps; step++) hash = (hash ^ words[step % WORK_WORDS]) * WORK_PRIME;
  return hash;
}

/// Nanoseconds that a step takes the calling thread, with what interrupts its CPU all the time and nothing beyond.
double measureStep();

/// A function with work and a delay planted behind it. None costs a compare each.
class Work {
 public:
  Work(FunctionBody function, uint32_t workSteps, uint32_t delayNs)
      : function_(function), workSteps_(workSteps), delayNs_(delayNs) {}

  /// Runs on a request's payload in place. Returns the reply's length (<= capacity), or `functionFailed`.
  size_t operator()(uint8_t* payload, size_t length, size_t capacity) const {
    size_t replyBytes = function_(payload, length, capacity);
    if (workSteps_ && replyBytes != functionFailed) {
      // Nobody asks what it comes to, but the compiler is not to know.
      uint32_t digest = compute(payload, replyBytes, workSteps_);
      asm volatile("" : : "r"(digest));
    }
    if (delayNs_) stayBusy(delayNs_);
    return replyBytes;
  }

 private:
  FunctionBody function_;
  uint32_t workSteps_, delayNs_;
};

}  // namespace ivb
