#pragma once
// Control messages of a datagram (cmsg(3)): read from one that was received, put to one that is to be sent.
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ivb {

/// Room for the address that a request was sent to, which its reply is sent from (IP_PKTINFO, ip(7)).
struct AskedAddress {
  alignas(cmsghdr) uint8_t bytes[CMSG_SPACE(sizeof(in_pktinfo))];
};

/// The control message of that kind in a message that was received, or nullptr.
inline uint8_t* findControl(msghdr& header, int level, int type) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control; control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level == level && control->cmsg_type == type) return CMSG_DATA(control);
  }
  return nullptr;
}

/// Puts one behind those that the header has; there has to be room for it.
template <typename Value>
void appendControl(msghdr& header, int level, int type, const Value& value) {
  auto* control = reinterpret_cast<cmsghdr*>(static_cast<uint8_t*>(header.msg_control) + header.msg_controllen);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(control), &value, sizeof value);
  header.msg_controllen += CMSG_SPACE(sizeof value);
}

/// Makes the control message of a request that of its reply, which then comes from the address that was asked and goes
/// by the interface that the routes say.
inline void replyFromAsked(msghdr& header) {
  uint8_t* data = findControl(header, IPPROTO_IP, IP_PKTINFO);
  if (data) std::memset(data + offsetof(in_pktinfo, ipi_ifindex), 0, sizeof(in_pktinfo::ipi_ifindex));
}

}  // namespace ivb
