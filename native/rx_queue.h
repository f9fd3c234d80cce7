#pragma once
// What a socket buffer tells of the RX queue that its packet came in by (bpf/queue.h).
#include <string>

#include "interface_facts.h"

namespace ivb {

/// Whether the driver records the queue, as far as anybody knows. A veth does not, since Linux 5.17: what stands there is the
/// queue that the other end sent by.
inline bool recordsQueue(const std::string& interface) { return driverOf(interface) != "veth"; }

}  // namespace ivb
