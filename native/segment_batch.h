#pragma once
// UDP GRO and GSO: many datagrams of one sender in one message, both ways (UDP_GRO, UDP_SEGMENT; Linux 5.0).
#include "functions.h"
#include "invoker.h"

namespace ivb {

/// Lets the kernel hand over datagrams of one flow together. Throws SystemError.
void askForSegments(int fd);

/// Serves messages of many datagrams until the socket is shut down and empty.
void serveSegments(int fd, FunctionBody function, uint32_t batch, InvokerCounters& counters);

}  // namespace ivb
