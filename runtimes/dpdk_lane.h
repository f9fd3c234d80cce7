#pragma once
// What an lcore that polls does with its queue.
#include <atomic>
#include <deque>

#include "../native/ends.h"
#include "../native/invoker.h"
#include "../native/reply.h"
#include "arp.h"
#include "dpdk_port.h"

namespace ivb {

/// What all lcores serve.
struct DpdkTask {
  InvokerConfig config{};
  own_ends own{};
  size_t longest = 0;       ///< bytes of a payload that the port sends in one packet
  bool answersArp = false;  ///< nobody else does: the kernel has no interface there
  std::atomic<bool> leaving{false};
};

/// The replies of one burst, which stay in the buffers of their requests.
class DpdkReplies {
 public:
  explicit DpdkReplies(uint16_t queue) : queue_(queue) {}

  /// `counters` may be null: of what is no reply of a function.
  void add(rte_mbuf* buffer, size_t bytes, InvokerCounters* counters) {
    buffer->data_len = uint16_t(bytes);
    buffer->pkt_len = uint32_t(bytes);
    counters_[count_] = counters;
    buffers_[count_++] = buffer;
  }

  /// What has no room in the queue is dropped: it would hold up the requests that wait.
  void send() {
    if (!count_) return;
    const uint16_t sent = rte_eth_tx_burst(DpdkPort::id, queue_, buffers_, count_);
    for (uint16_t i = 0; i < count_; i++) {
      if (!counters_[i]) continue;
      if (i < sent) counters_[i]->replied.add(1);
      else counters_[i]->txFull.add(1);
    }
    if (sent < count_) rte_pktmbuf_free_bulk(buffers_ + sent, count_ - sent);
    count_ = 0;
  }

 private:
  uint16_t queue_;
  uint16_t count_ = 0;
  rte_mbuf* buffers_[DpdkPort::maxBurst];
  InvokerCounters* counters_[DpdkPort::maxBurst];
};

class DpdkLane {
 public:
  DpdkLane(DpdkTask& task, uint16_t queue)
      : counters(task.config.services.size()), task_(task), queue_(queue), replies_(queue) {}

  /// The whole life of an lcore: polls until it is to leave and has answered what waited then.
  static int serve(void* lane) {
    static_cast<DpdkLane*>(lane)->poll();
    return 0;
  }

  std::deque<InvokerCounters> counters;  ///< one a service
  Counter notUdp, noFunction, forOthers;

 private:
  void poll() {
    rte_mbuf* burst[DpdkPort::maxBurst];
    for (uint32_t answered = 0; answered < DpdkPort::ringSlots;) {
      // Read first: what came before is in the ring by now.
      const bool leaving = task_.leaving.load(std::memory_order_acquire);
      const uint16_t count = rte_eth_rx_burst(DpdkPort::id, queue_, burst, DpdkPort::maxBurst);
      for (uint16_t i = 0; i < count; i++) {
        if (!take(burst[i])) rte_pktmbuf_free(burst[i]);
      }
      replies_.send();
      if (leaving) answered += count ? count : DpdkPort::ringSlots;
      else if (!count) cpuRelax();
    }
  }

  /// Whether the packet became a reply; its buffer is to be given back else.
  bool take(rte_mbuf* buffer) {
    const std::vector<Service>& services = task_.config.services;
    uint8_t* packet = rte_pktmbuf_mtod(buffer, uint8_t*);
    // What is in several buffers is longer than any request: its lengths contradict the first one's.
    const size_t bytes = rte_pktmbuf_data_len(buffer);
    const PacketKind kind = kindOf(packet, bytes, task_.own, services);
    if (kind == PacketKind::notUdp && task_.answersArp && answeredArp(packet, bytes, task_.own)) {
      replies_.add(buffer, bytes, nullptr);
      return true;
    }
    if (kind != PacketKind::request && kind != PacketKind::refusedSource) {
      (kind == PacketKind::notUdp ? notUdp : kind == PacketKind::noFunction ? noFunction : forOthers).add(1);
      return false;
    }
    const size_t service = serviceOf(*reinterpret_cast<UdpFrame*>(packet), services);
    InvokerCounters& counted = counters[service];
    counted.received.add(1);
    if (kind == PacketKind::refusedSource) {
      counted.refusedSource.add(1);
      return false;
    }
    const Work work(services[service].function->run, task_.config.workSteps, task_.config.delayNs);
    const size_t replyBytes =
        answer({packet, uint32_t(bytes), bytes + rte_pktmbuf_tailroom(buffer)}, work, Checksum::zero, counted);
    if (replyBytes == functionFailed) return false;
    counted.handled.add(1);
    if (replyBytes > task_.longest) {
      counted.sendFailed.add(1);
      return false;
    }
    replies_.add(buffer, headerBytes + replyBytes, &counted);
    return true;
  }

  DpdkTask& task_;
  uint16_t queue_;
  DpdkReplies replies_;
};

}  // namespace ivb
