#pragma once
// A packet socket whose requests the kernel puts into memory that it shares with this process, a slot each.
#include <linux/if_packet.h>

#include <atomic>
#include <cstdint>
#include <string>

#include "handle.h"

namespace ivb {

/// What the kernel put into a slot.
struct PacketSlot {
  uint8_t* packet;   ///< from its Ethernet header on
  uint32_t bytes;    ///< of it in the slot
  uint32_t length;   ///< of it as it came in: more than `bytes` where the slot was too small
  uint32_t room;     ///< from `packet` to the end of the slot
};

/// An AF_PACKET socket with an RX ring (TPACKET_V2) and no way round the ring. It hears nothing before bindTo().
class PacketRing {
 public:
  /// `slots`: a power of two, 64 or more. Throws SystemError PACKET_SOCKET.
  explicit PacketRing(uint32_t slots);

  int fd() const { return socket_.get(); }
  /// From here on the socket hears the IPv4 packets that an interface receives, as its filter says, and sends by that one.
  /// Throws SystemError PACKET_SOCKET or NO_INTERFACE.
  void bindTo(const std::string& interface);

  /// How many slots from the next one on hold packets, `most` at most.
  uint32_t ready(uint32_t most) const {
    uint32_t count = 0;
    while (count < most && isFull(next_ + count)) count++;
    return count;
  }
  /// The i-th of those.
  PacketSlot slot(uint32_t i) const {
    tpacket2_hdr* header = headerOf(next_ + i);
    auto* begin = reinterpret_cast<uint8_t*>(header);
    return {begin + header->tp_mac, header->tp_snaplen, header->tp_len, slotBytes - header->tp_mac};
  }
  /// Gives the first `count` of them back.
  void release(uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
      std::atomic_ref(headerOf(next_ + i)->tp_status).store(TP_STATUS_KERNEL, std::memory_order_release);
    next_ = (next_ + count) & (slots_ - 1);
  }

  /// Packets that the filter took and no slot was free for, since the last call: the kernel forgets them then.
  uint32_t takeDropped();

  /// A frame of 1514 bytes, what the kernel puts in front of it, and room for a function to make it longer.
  static constexpr uint32_t slotBytes = 2048;

 private:
  tpacket2_hdr* headerOf(uint32_t number) const {
    return reinterpret_cast<tpacket2_hdr*>(memory_.data() + size_t(number & (slots_ - 1)) * slotBytes);
  }
  bool isFull(uint32_t number) const {
    return std::atomic_ref(headerOf(number)->tp_status).load(std::memory_order_acquire) & TP_STATUS_USER;
  }

  Fd socket_;
  Mapping memory_;  // goes before the socket does
  uint32_t slots_;
  uint32_t next_ = 0;
};

}  // namespace ivb
