#include "reply_counter.h"

#include <fstream>

#include "../bpf/count.h"
#include "count.skel.h"
#include "reply_check.h"
#include "xdp_program.h"

namespace ivb {
namespace {

using Skeleton = std::unique_ptr<struct count, void (*)(struct count*)>;

/// A word in which the replies to a request and to a mirrored one differ, if there is one.
uint32_t tellingWord(const ReplyPattern& pattern) {
  for (size_t i = 0; i < pattern.bytes; i++) {
    if ((pattern.expected[i] ^ pattern.expectedMirrored[i]) & pattern.fixed[i]) return uint32_t(i / 8);
  }
  return 0;
}

/// Rows for the CPUs that are online, by their numbers. Where the kernel does not tell, for all that may ever be.
uint32_t onlineCpus() {
  std::string list;
  if (!(std::ifstream("/sys/devices/system/cpu/online") >> list)) return uint32_t(libbpf_num_possible_cpus());
  return uint32_t(std::stoul(list.substr(list.find_last_of(",-") + 1))) + 1;
}

Skeleton load(const ReplyCounterConfig& config, const ReplyPattern& pattern) {
  return loadSkeleton(count__open, count__load, count__destroy, "counting", [&](struct count& skeleton) {
    auto& fixed = rodataOf(skeleton);
    static_assert(sizeof fixed.flows == sizeof(reply_flows));
    setRodata(fixed.flows, &config.flows);
    fixed.payload_bytes = uint32_t(pattern.bytes);
    fixed.stamp_offset = uint32_t(pattern.stampOffset);
    fixed.stamp_mirrored = pattern.stampMirrored;
    fixed.check_every = config.checkEvery;
    fixed.tracked = config.tracked;
    fixed.telling_word = tellingWord(pattern);
    static_assert(sizeof fixed.compared == replyRoom);
    setRodata(fixed.expected[0], pattern.expected.data());
    setRodata(fixed.expected[1], pattern.expectedMirrored.data());
    setRodata(fixed.compared, pattern.fixed.data());
    bpf_map__set_max_entries(skeleton.maps.round_trips, config.tracked ? onlineCpus() : 1);
  });
}

/// Maps the values of an array map.
Mapping mapValues(const bpf_map* map) {
  size_t bytes = size_t(bpf_map__max_entries(map)) * bpf_map__value_size(map);
  void* address = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
  if (address == MAP_FAILED) fail("BPF_MAP", "mmap", "cannot map the histograms of the counting program");
  return Mapping(address, bytes);
}

}  // namespace

ReplyCounter::ReplyCounter(const ReplyCounterConfig& config, const ReplyPattern& pattern)
    : skeleton_(load(config, pattern)),
      roundTrips_(mapValues(skeleton_->maps.round_trips)),
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
  auto* cpus = reinterpret_cast<const count_histogram*>(roundTrips_.data());
  Histogram sum;
  for (size_t cpu = 0; cpu < roundTrips_.size() / sizeof(count_histogram); cpu++) {
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
      if (uint64_t count = __atomic_load_n(&cpus[cpu].buckets[i], __ATOMIC_RELAXED)) sum.add(i, count);
    }
  }
  return sum;
}

}  // namespace ivb
