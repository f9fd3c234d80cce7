// A request in a frame becomes its reply in the same bytes.
#pragma once

#include <cstring>

#include "counters.h"
#include "frame.h"
#include "invoker.h"
#include "work.h"
#include "xsk_metadata.h"

namespace ivb {

/// A request as it was received, in memory that the reply may fill.
struct ReceivedFrame {
  uint8_t* packet;
  uint32_t bytes;
  size_t room;  ///< from `packet` on
};

/// Runs the function on the request's payload and turns the headers round; returns the reply's payload length, or
/// `functionFailed` for what is no request or has no reply, which is counted.
inline size_t answer(const ReceivedFrame& received, const Work& work, Checksum checksum, InvokerCounters& counters) {
  UdpFrame& frame = *reinterpret_cast<UdpFrame*>(received.packet);
  // The steering program let only plain IPv4/UDP through; the lengths inside are still the sender's claim.
  size_t udpBytes = received.bytes < headerBytes ? 0 : ntohs(frame.udp.len);
  if (udpBytes < sizeof(udphdr) || udpBytes - sizeof(udphdr) > received.bytes - headerBytes ||
      udpBytes + sizeof(iphdr) > ntohs(frame.ip.tot_len) ||
      ntohs(frame.ip.tot_len) > received.bytes - sizeof(ether_header)) {
    counters.malformed.add(1);
    return functionFailed;
  }
  size_t replyBytes = work(frame.payload(), udpBytes - sizeof(udphdr), received.room - headerBytes);
  if (replyBytes == functionFailed) {
    counters.functionFailed.add(1);
    return functionFailed;
  }
  turnRound(frame, replyBytes);
  if (checksum == Checksum::full) frame.udp.check = udpChecksum(frame);
  if (checksum == Checksum::offload) {
    frame.udp.check = pseudoHeaderSum(frame);
    TxMetadata metadata{metadataChecksum, headerBytes - sizeof(udphdr), offsetof(udphdr, check), 0, 0};
    std::memcpy(received.packet - sizeof metadata, &metadata, sizeof metadata);  // the kernel's headroom is 256 bytes
  }
  return replyBytes;
}

}  // namespace ivb
