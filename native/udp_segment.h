#pragma once
// One message that the kernel cuts into datagrams of one length, the last one perhaps shorter (UDP_SEGMENT, Linux 4.18).
#include "control_message.h"

namespace ivb {

constexpr int segmentOption = 103;         // UDP_SEGMENT
constexpr uint32_t maxSegments = 64;       // UDP_MAX_SEGMENTS of the older kernels
constexpr size_t maxMessageBytes = 65507;  // of a datagram, and so of a message

struct SegmentControl {
  alignas(cmsghdr) uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
};

/// `storage` has to live as long as `header`.
inline void askToCut(msghdr& header, SegmentControl& storage, uint16_t datagramBytes) {
  header.msg_control = storage.bytes;
  header.msg_controllen = 0;
  appendControl(header, IPPROTO_UDP, segmentOption, datagramBytes);
}

}  // namespace ivb
