#pragma once
// A bound UDP server socket.
#include <cstdint>
#include <string>

#include "handle.h"

namespace ivb {

enum class PortSharing { exclusive, reusePort };

/// Binds to all IPv4 addresses on `port`; a non-empty `interface` confines it to that interface. Throws SystemError.
Fd bindUdp(const std::string& interface, uint16_t port, PortSharing sharing, uint32_t bufferBytes);

/// Bytes of the receive buffer as the kernel counts them, which it may have limited.
uint32_t receiveBufferBytes(const Fd& socket);

}  // namespace ivb
