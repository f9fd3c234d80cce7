#pragma once
// What a thread does for each request: the function, and what a benchmark plants behind it.
#include "functions.h"
#include "thread.h"

namespace ivb {

/// Keeps the calling thread busy for that long. It reads the clock until the time is over: that is one reading (20 to
/// 30 ns where the vDSO reads the TSC) late on average, and never early.
inline void stayBusy(uint64_t ns) {
  for (uint64_t begunNs = monotonicNs(); monotonicNs() - begunNs < ns;) {
  }
}

/// A function with a delay planted behind it. 0 costs a compare.
class Work {
 public:
  Work(FunctionBody function, uint32_t delayNs) : function_(function), delayNs_(delayNs) {}

  /// Runs on a request's payload in place. Returns the reply's length (<= capacity), or `functionFailed`.
  size_t operator()(uint8_t* payload, size_t length, size_t capacity) const {
    size_t replyBytes = function_(payload, length, capacity);
    if (delayNs_) stayBusy(delayNs_);
    return replyBytes;
  }

 private:
  FunctionBody function_;
  uint32_t delayNs_;
};

}  // namespace ivb
