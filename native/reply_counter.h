#pragma once
// User side of bpf/count.bpf.c: counts, verifies and times the replies at the client's interface.
#include <cstdint>
#include <memory>
#include <string>

#include "../bpf/reply.h"
#include "counters.h"
#include "handle.h"
#include "histogram.h"
#include "reply_pattern.h"

struct count;

namespace ivb {

struct ReplyCounterConfig {
  std::string interface;
  reply_flows flows;
  uint32_t checkEvery;  ///< compare the whole content of one reply in so many; 0: not even stamps
  bool tracked;         ///< tell duplicates, late and reordered replies, and take round trips
};

class ReplyCounter {
 public:
  /// Loads and attaches. Throws SystemError.
  ReplyCounter(const ReplyCounterConfig& config, const ReplyPattern& pattern);
  ReplyCounter(const ReplyCounter&) = delete;
  ~ReplyCounter();
  /// Takes no more replies in; what was counted stays readable.
  void detach() { link_ = Fd(); }
  /// If tracked: whether round trips of requests that are due from here on go into the histogram.
  void record(bool on);
  /// If tracked: replies to requests that were due before `sinceNs` are not counted from here on.
  void countSince(uint64_t sinceNs);
  void append(CounterList& out) const;
  Histogram roundTrips() const;

 private:
  std::unique_ptr<struct count, void (*)(struct count*)> skeleton_;
  Mapping roundTrips_;  ///< a histogram for each CPU, where the kernel counts
  Fd link_;
};

}  // namespace ivb
