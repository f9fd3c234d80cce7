#pragma once
// One thread's work on packets: requests on its RX rings become replies on its TX ring, in the same frames.
#include <algorithm>
#include <vector>

#include "reply.h"
#include "udp_addresses.h"
#include "xsk_queue.h"

namespace ivb {

class XskReplies {
 public:
  /// Requests from any socket of the queue, replies by `outlet`.
  XskReplies(XskQueue& queue, XskSocket& outlet, const InvokerConfig& config, const Service& service, InvokerCounters& counters)
      : queue_(queue),
        outlet_(outlet),
        config_(config),
        counters_(counters),
        work_(service.function->run, config.workSteps, config.delayNs),
        longest_(longestPayload(config.interface)) {
    dropped_.reserve(config.batch);
  }

  /// Runs the function on `received` requests in place and puts the replies on TX; returns how many.
  uint32_t put(XskSocket& inlet, uint32_t received) {
    const uint32_t options = config_.checksum == Checksum::offload ? descriptorHasMetadata : 0;
    uint32_t places = outlet_.tx.room(), put = 0, handled = 0;
    for (uint32_t i = 0; i < std::min(received, prefetchAhead); i++) prefetch(inlet.rx.peek(i));
    for (uint32_t i = 0; i < received; i++) {
      if (i + prefetchAhead < received) prefetch(inlet.rx.peek(i + prefetchAhead));
      xdp_desc descriptor = inlet.rx.peek(i);
      uint64_t chunk = queue_.chunkOf(descriptor.addr);
      queue_.moved(chunk, Owner::fill, Owner::hand);
      size_t room = config_.frameBytes - (descriptor.addr - chunk);
      size_t bytes = answer({queue_.frame(descriptor.addr), descriptor.len, room}, work_, config_.checksum, counters_);
      if (bytes == functionFailed) {
        dropped_.push_back(chunk);
        continue;
      }
      handled++;
      if (bytes > longest_ || put == places) {
        (bytes > longest_ ? counters_.sendFailed : counters_.txFull).add(1);
        dropped_.push_back(chunk);
        continue;
      }
      queue_.moved(chunk, Owner::hand, Owner::tx);
      outlet_.tx.put({descriptor.addr, uint32_t(headerBytes + bytes), options});
      put++;
    }
    inlet.rx.release(received);
    counters_.received.add(received);
    counters_.handled.add(handled);
    if (put) outlet_.tx.submit();
    return put;
  }

  /// Makes the kernel send what is on TX, as far as it will; returns how many entries are left.
  uint32_t send() {
    uint32_t pending = outlet_.tx.pending();
    for (int kicks = 0; kicks < maxKicks && pending && outlet_.tx.needsWakeup(); kicks++) {
      Kick outcome = outlet_.kick(config_.interface);
      if (outcome == Kick::refused) counters_.kickRetries.add(1);
      if (outcome == Kick::batchStopped) counters_.txLost.add(1);
      uint32_t left = outlet_.tx.pending();
      // No progress: nothing leaves before completions are reaped, which is the next turn's first step.
      if (left == pending) break;
      pending = left;
    }
    countSent();
    return pending;
  }

  void countSent() { counters_.replied.add(outlet_.tx.takenSince()); }

  /// Completed frames and those of requests without a reply go back to the kernel.
  void recycle() { queue_.recycle(dropped_); }

 private:
  static constexpr uint32_t prefetchAhead = 4;  // requests
  static constexpr uint32_t cacheLineBytes = 64;
  static constexpr int maxKicks = 16;  // bounded: a peer that takes nothing must not hold the loop

  /// The kernel wrote the request on the CPU that received it: fetches it from there, to be written to, while others
  /// are worked on.
  void prefetch(const xdp_desc& descriptor) const {
    const uint8_t* frame = queue_.frame(descriptor.addr);
    for (uint32_t at = 0; at < descriptor.len; at += cacheLineBytes) __builtin_prefetch(frame + at, 1);
  }

  XskQueue& queue_;
  XskSocket& outlet_;
  const InvokerConfig& config_;
  InvokerCounters& counters_;
  const Work work_;
  /// Of a payload. A longer one is refused, as sockets refuse it: devices drop it without a word, or count it as theirs.
  const size_t longest_;
  std::vector<uint64_t> dropped_;
};

}  // namespace ivb
