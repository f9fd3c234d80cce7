#include "reply_counter.h"

#include <cstring>
#include <vector>

#include "../bpf/count.h"
#include "count.skel.h"
#include "reply_check.h"
#include "xdp_program.h"

namespace ivb {
namespace {

using Skeleton = std::unique_ptr<struct count, void (*)(struct count*)>;

static_assert(replyRoom == COUNT_WORDS * 8);

/// A word in which the replies to a request and to a mirrored one differ, if there is one.
uint32_t tellingWord(const ReplyPattern& pattern) {
  for (size_t i = 0; i < pattern.bytes; i++) {
    if ((pattern.expected[i] ^ pattern.expectedMirrored[i]) & pattern.fixed[i]) return uint32_t(i / 8);
  }
  return 0;
}

Skeleton load(const ReplyCounterConfig& config, const ReplyPattern& pattern) {
  return loadSkeleton(count__open, count__load, count__destroy, "counting", [&](struct count& skeleton) {
    auto& fixed = rodataOf(skeleton);
    static_assert(sizeof fixed.flows == sizeof(reply_flows));
    std::memcpy(const_cast<reply_flows*>(&fixed.flows), &config.flows, sizeof config.flows);
    fixed.payload_bytes = uint32_t(pattern.bytes);
    fixed.stamp_offset = uint32_t(pattern.stampOffset);
    fixed.stamp_mirrored = pattern.stampMirrored;
    fixed.check_every = config.checkEvery;
    fixed.tracked = config.tracked;
    fixed.telling_word = tellingWord(pattern);
    auto* expected = const_cast<__u64(*)[COUNT_WORDS]>(fixed.expected);
    std::memcpy(expected[0], pattern.expected.data(), replyRoom);
    std::memcpy(expected[1], pattern.expectedMirrored.data(), replyRoom);
    std::memcpy(const_cast<__u64*>(fixed.compared), pattern.fixed.data(), replyRoom);
  });
}

}  // namespace

ReplyCounter::ReplyCounter(const ReplyCounterConfig& config, const ReplyPattern& pattern)
    : skeleton_(load(config, pattern)),
      link_(attachXdp(bpf_program__fd(skeleton_->progs.count_replies), config.interface, Attach::native)) {}

ReplyCounter::~ReplyCounter() = default;

void ReplyCounter::record(bool on) { skeleton_->data->recorded_since = on ? monotonicNs() : UINT64_MAX; }

void ReplyCounter::countSince(uint64_t sinceNs) { skeleton_->bss->counted_since = sinceNs; }

void ReplyCounter::append(CounterList& out) const {
  auto sums = sumPerCpu(bpf_map__fd(skeleton_->maps.counters), COUNT_COUNTERS);
  ReplyCounts{sums[COUNT_REPLIED],    sums[COUNT_CHECKED],   sums[COUNT_WRONG_LENGTH], sums[COUNT_WRONG_CONTENT],
              sums[COUNT_DUPLICATES], sums[COUNT_REORDERED], sums[COUNT_LATE]}
      .append(out);
}

Histogram ReplyCounter::roundTrips() const {
  auto counts = sumPerCpu(bpf_map__fd(skeleton_->maps.round_trips), HISTOGRAM_BUCKETS);
  Histogram histogram;
  for (size_t i = 0; i < counts.size(); i++) {
    if (counts[i]) histogram.add(i, counts[i]);
  }
  return histogram;
}

}  // namespace ivb
