#pragma once
// One message that the kernel cuts into datagrams of one length, the last one perhaps shorter (UDP_SEGMENT, Linux 4.18).
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>

namespace ivb {

constexpr uint32_t maxSegments = 64;       // UDP_MAX_SEGMENTS of the older kernels
constexpr size_t maxMessageBytes = 65507;  // of a datagram, and so of a message

struct SegmentControl {
  alignas(cmsghdr) uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
};

/// `storage` has to live as long as `header`.
inline void askToCut(msghdr& header, SegmentControl& storage, uint16_t datagramBytes) {
  constexpr int segmentOption = 103;  // UDP_SEGMENT
  header.msg_control = storage.bytes;
  header.msg_controllen = sizeof storage.bytes;
  cmsghdr* control = CMSG_FIRSTHDR(&header);
  control->cmsg_level = IPPROTO_UDP;
  control->cmsg_type = segmentOption;
  control->cmsg_len = CMSG_LEN(sizeof datagramBytes);
  std::memcpy(CMSG_DATA(control), &datagramBytes, sizeof datagramBytes);
}

}  // namespace ivb
