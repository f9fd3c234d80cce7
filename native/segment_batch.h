#pragma once
// UDP GRO and GSO: many datagrams of one sender in one message, both ways (UDP_GRO, UDP_SEGMENT; Linux 5.0).
#include "udp_invoker.h"

namespace ivb {

/// What serveSegments() serves, and how.
struct SegmentTask {
  int fd;
  uint32_t batch;  ///< messages of one call
  Work work;
  Waiting waiting;
  Answers answers;
  InvokerCounters& counters;
};

/// Lets the kernel hand over datagrams of one flow together. Throws SystemError.
void askForSegments(int fd);

/// Serves messages of many datagrams until the thread is told to leave and the socket is empty.
void serveSegments(const SegmentTask& task);

}  // namespace ivb
