#pragma once
// Every reply that user space takes in: verified, told from duplicates and late ones, and timed.
#include <cstring>

#include "../bpf/track.h"
#include "counters.h"
#include "histogram.h"
#include "reply_pattern.h"
#include "thread.h"

namespace ivb {

/// Counters that name what came back, whoever counted it.
struct ReplyCounts {
  uint64_t replied = 0, checked = 0, wrongLength = 0, wrongContent = 0, duplicates = 0, reordered = 0, late = 0;

  void append(CounterList& out) const {
    out.insert(out.end(), {{"replied", replied}, {"checked", checked}, {"wrong", wrongLength + wrongContent},
                           {"wrongLength", wrongLength}, {"wrongContent", wrongContent}, {"duplicates", duplicates},
                           {"reordered", reordered}, {"late", late}});
  }
};

/// What came of a reply: the first one to its request, a wrong one, or one that is no answer any more.
enum class ReplyVerdict { right, wrong, stale };

/// Of one thread.
class ReplyCheck {
 public:
  /// `slotBits`: duplicates are told among that power of two of requests.
  explicit ReplyCheck(const ReplyPattern& pattern, uint32_t slotBits = TRACK_SLOT_BITS)
      : pattern_(pattern), slotBits_(slotBits), laps_(size_t(1) << slotBits), highest_(TRACK_FLOWS) {}

  /// Whether round trips of requests that are due from here on go into the histogram. From any thread.
  void record(bool on) { __atomic_store_n(&recordedSinceNs_, on ? monotonicNs() : never, __ATOMIC_RELAXED); }

  /// Replies to requests that were due before are nobody's from here on. From any thread.
  void countSince(uint64_t sinceNs) { __atomic_store_n(&sinceNs_, sinceNs, __ATOMIC_RELAXED); }

  /// A reply of a flow (reduced modulo TRACK_FLOWS), received at `nowNs`. `payload` has replyRoom readable bytes.
  ReplyVerdict take(const uint8_t* payload, size_t length, uint32_t flow, uint64_t nowNs) {
    uint32_t sequence;
    return take(payload, length, flow, nowNs, sequence);
  }

  /// The same; tells which request a right reply answers.
  ReplyVerdict take(const uint8_t* payload, size_t length, uint32_t flow, uint64_t nowNs, uint32_t& sequence) {
    if (length != pattern_.bytes) return wrong(wrongLength_);
    stamp stamp;
    if (pattern_.stampMirrored) stamp_mirror(&stamp, payload + pattern_.stampOffset);
    else stamp_read(&stamp, payload + pattern_.stampOffset);
    if (!stamp_is_whole(&stamp)) return wrong(wrongContent_);

    sequence = stamp_sequence(&stamp);
    uint64_t ageNs = stamp_age(&stamp, nowNs);
    if (ageNs > nowNs - __atomic_load_n(&sinceNs_, __ATOMIC_RELAXED)) return ReplyVerdict::stale;
    track_verdict verdict = track_reply(laps_.data(), slotBits_, sequence);
    if (verdict != TRACK_FRESH || ageNs > TRACK_TIMEOUT_NS) {
      (verdict == TRACK_DUPLICATE ? duplicates_ : late_).add(1);
      return ReplyVerdict::stale;
    }
    if (track_order(&highest_[flow & (TRACK_FLOWS - 1)], sequence)) reordered_.add(1);
    checked_.add(1);
    if (!isRight(payload, stamp)) return wrong(wrongContent_);
    replied_.add(1);
    recordRoundTrip(nowNs - ageNs, nowNs);
    return ReplyVerdict::right;
  }

  /// For replies that are verified elsewhere.
  void recordRoundTrip(uint64_t dueNs, uint64_t endNs) {
    if (dueNs >= __atomic_load_n(&recordedSinceNs_, __ATOMIC_RELAXED)) roundTrips_.record(endNs - dueNs);
  }

  const Histogram& roundTrips() const { return roundTrips_; }

  void addTo(ReplyCounts& sum) const {
    sum.replied += replied_.get();
    sum.checked += checked_.get();
    sum.wrongLength += wrongLength_.get();
    sum.wrongContent += wrongContent_.get();
    sum.duplicates += duplicates_.get();
    sum.reordered += reordered_.get();
    sum.late += late_.get();
  }

 private:
  static constexpr uint64_t never = UINT64_MAX;

  ReplyVerdict wrong(Counter& kind) {
    replied_.add(1);
    kind.add(1);
    return ReplyVerdict::wrong;
  }

  bool isRight(const uint8_t* payload, const stamp& stamp) const {
    uint64_t wrong = 0;
    const uint8_t *expected = pattern_.expected.data(), *fixed = pattern_.fixed.data();
    for (size_t i = 0; i < pattern_.bytes; i += 8) wrong |= (word(payload + i) ^ word(expected + i)) & word(fixed + i);
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&stamp);
    for (ReplyPattern::StampByte copy : pattern_.stampBytes) wrong |= uint64_t(payload[copy.at] ^ bytes[copy.of]);
    return wrong == 0;
  }

  static uint64_t word(const uint8_t* bytes) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }

  const ReplyPattern& pattern_;
  uint32_t slotBits_;
  std::vector<uint16_t> laps_;
  std::vector<uint32_t> highest_;
  uint64_t recordedSinceNs_ = never;
  uint64_t sinceNs_ = 0;
  Histogram roundTrips_;
  Counter replied_, checked_, wrongLength_, wrongContent_, duplicates_, reordered_, late_;
};

}  // namespace ivb
