#pragma once
// A bound UDP server socket.
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "handle.h"

namespace ivb {

enum class PortSharing { exclusive, reusePort };

struct UdpSocketOptions {
  std::string interface;  ///< confines the socket to it; empty: all
  uint32_t address;       ///< network byte order; 0: all
  uint16_t port;          ///< host byte order
  PortSharing sharing;
  uint32_t bufferBytes;
  uint32_t busyPollUs;  ///< 0: off
};

/// Has the kernel tell the address that each datagram was sent to (IP_PKTINFO). Throws SystemError.
void askForAddresses(int socket);

/// Sizes a buffer of a socket: SO_RCVBUFFORCE and SO_RCVBUF, or the same of sending. The forced form ignores the sysctl
/// limit but needs CAP_NET_ADMIN; the plain one is what is left without it.
void forceBuffer(int fd, int forced, int plain, uint32_t bytes);

/// All that bindUdp() sets but address, port and sharing, of a socket that there is. Throws SystemError.
void setUpUdp(int socket, const UdpSocketOptions& options);

/// A descriptor of this process's for one of another: of a child, or where this one may trace others. Throws SystemError.
Fd takeDescriptor(pid_t process, int descriptor);

/// Throws SystemError.
Fd bindUdp(const UdpSocketOptions& options);

/// The port is not shared by SO_REUSEADDR any more, which libuv sets on a socket that it takes over. Throws SystemError.
void keepPort(int socket);

/// Throws SystemError PORT_IN_USE where somebody has the port, be it one who would share it.
void refuseTakenPort(const std::string& interface, uint32_t address, uint16_t port);

/// Bytes of the receive buffer as the kernel counts them, which it may have limited.
uint32_t receiveBufferBytes(int socket);

/// What a receive buffer is charged with for a datagram (its `truesize`), whatever its length up to an MTU of 1500: the
/// page that a driver with XDP gives each packet, and the kernel's sk_buff. Packets that came by another way may be
/// charged less, and more of them fit (docs/sockets.md).
constexpr uint32_t datagramCharge = 4352;

/// Bytes to ask for as `bufferBytes`; where that is 0, those that hold `depthPackets` datagrams. The kernel doubles it.
constexpr uint32_t bufferBytesOf(uint32_t bufferBytes, uint32_t depthPackets) {
  return bufferBytes ? bufferBytes : uint32_t(uint64_t(depthPackets) * datagramCharge / 2);
}

/// Datagrams that a receive buffer of that many bytes, as the kernel counts them, holds for certain.
constexpr uint32_t datagramsIn(uint32_t receiveBufferBytes) { return receiveBufferBytes / datagramCharge; }

/// Makes the kernel drop what comes in from now on; false, with the cause in errno, where it cannot.
bool dropsDatagrams(int socket);

/// From now on nothing comes to the socket any more; what is in its buffer stays. Throws SystemError.
void refuseDatagrams(const Fd& socket);

/// Binds a socket to an interface that there is not: it matches no packet any more. False where that is refused, as to an
/// unprivileged process whose socket is bound to an interface already.
bool bindToNowhere(int socket);

/// Datagrams the kernel dropped on the socket: what SO_RXQ_OVFL counts, read without a control message on each
/// datagram. For want of room in its buffer, as a rule; but also for a bad checksum, and by refuseDatagrams().
uint32_t droppedDatagrams(int socket);

}  // namespace ivb
