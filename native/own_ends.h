#pragma once
// Addresses and ports of an invoker's host and the MAC address of its interface, for programs that answer before the kernel looks at them.
#include "../bpf/own.h"
#include "invoker.h"

namespace ivb {

/// What requests to an invoker on `config.interface` may be for: its MAC address with `config.address` or, where that is
/// 0, with any IPv4 address of this host, as the kernel takes them in; and its ports, of OWN_MAX_PORTS services at most. As
/// of now: later changes are not seen. Throws
/// SystemError BIND where there is none or it is not this host's.
own_ends ownEndsOf(const InvokerConfig& config);

}  // namespace ivb
