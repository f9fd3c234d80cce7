#pragma once
// A bound UDP server socket.
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

/// Throws SystemError.
Fd bindUdp(const UdpSocketOptions& options);

/// Bytes of the receive buffer as the kernel counts them, which it may have limited.
uint32_t receiveBufferBytes(const Fd& socket);

/// From now on the kernel drops what comes for the socket; what is in its buffer stays.
void refuseDatagrams(const Fd& socket);

/// Datagrams the kernel dropped for want of room in the socket's buffer: what SO_RXQ_OVFL counts, read without a
/// control message on each datagram.
uint32_t droppedDatagrams(int socket);

}  // namespace ivb
