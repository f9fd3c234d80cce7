#pragma once
// UDP GRO and GSO: many datagrams of one sender in one message, both ways (UDP_GRO, UDP_SEGMENT; Linux 5.0).
#include "udp_invoker.h"

namespace ivb {

/// Lets the kernel hand over datagrams of one flow together. Throws SystemError.
void askForSegments(int fd);

/// Serves messages of many datagrams until the thread is told to leave and the socket is empty.
void serveSegments(int fd, const Work& work, const Waiting& waiting, uint32_t batch, InvokerCounters& counters);

}  // namespace ivb
