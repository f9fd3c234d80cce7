#pragma once
// A client's UDP socket, connected to a server.
#include <cstdint>

#include "handle.h"

namespace ivb {

/// `address` in network, `port` in host byte order. Throws SystemError.
Fd connectUdp(uint32_t address, uint16_t port);

}  // namespace ivb
