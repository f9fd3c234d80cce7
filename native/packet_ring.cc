#include "packet_ring.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <sys/socket.h>

#include "error.h"
#include "interface_counters.h"
#include "udp_socket.h"

namespace ivb {
namespace {

constexpr uint32_t blockBytes = 64 * PacketRing::slotBytes;  // that the kernel takes from its memory in one piece

template <typename Value>
void setOption(const Fd& socket, int option, const char* call, const Value& value, const char* detail) {
  if (setsockopt(socket.get(), SOL_PACKET, option, &value, sizeof value) != 0) fail("PACKET_SOCKET", call, detail);
}

}  // namespace

PacketRing::PacketRing(uint32_t slots) : socket_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)), slots_(slots) {
  if (!socket_)
    fail("PACKET_SOCKET", "socket",
         std::string("cannot create a packet socket") + (errno == EPERM ? " (needs CAP_NET_RAW)" : ""));
  setOption(socket_, PACKET_VERSION, "setsockopt(PACKET_VERSION)", int(TPACKET_V2), "cannot choose a layout of rings");
  tpacket_req request{.tp_block_size = blockBytes,
                      .tp_block_nr = slots * slotBytes / blockBytes,
                      .tp_frame_size = slotBytes,
                      .tp_frame_nr = slots};
  setOption(socket_, PACKET_RX_RING, "setsockopt(PACKET_RX_RING)", request, "cannot make the ring of a packet socket");
  // Past the queue of the interface's egress, as the replies of AF_XDP and XDP go.
  setOption(socket_, PACKET_QDISC_BYPASS, "setsockopt(PACKET_QDISC_BYPASS)", 1, "cannot send past the qdisc");
  size_t bytes = size_t(slots) * slotBytes;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, socket_.get(), 0);
  if (memory == MAP_FAILED) fail("PACKET_SOCKET", "mmap", "cannot map the ring of a packet socket");
  memory_ = Mapping(memory, bytes);
  // Bytes that replies may take until the interface has sent them.
  forceBuffer(socket_.get(), SO_SNDBUFFORCE, SO_SNDBUF, bufferBytesOf(0, slots));
}

void PacketRing::bindTo(const std::string& interface) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  // Not ETH_P_ALL: it would hear what the host sends, too, and what other hosts say to a bridge.
  address.sll_protocol = htons(ETH_P_IP);
  address.sll_ifindex = interfaceIndexOf(interface);
  if (bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    fail("PACKET_SOCKET", "bind", "cannot bind a packet socket to " + interface);
}

uint32_t PacketRing::takeDropped() {
  tpacket_stats counted{};
  socklen_t length = sizeof counted;
  if (getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &counted, &length) != 0) return 0;
  return counted.tp_drops;
}

}  // namespace ivb
