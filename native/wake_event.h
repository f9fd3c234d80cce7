#pragma once
// What wakes a thread that sleeps on file descriptors.
#include <sys/eventfd.h>

#include "error.h"
#include "handle.h"

namespace ivb {

/// Readable once set() was called, for ever. Throws SystemError EVENTFD.
class WakeEvent {
 public:
  WakeEvent() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!fd_) fail("EVENTFD", "eventfd", "cannot create the event that wakes a thread");
  }
  void set() {
    uint64_t one = 1;
    if (write(fd_.get(), &one, sizeof one) < 0) { /* cannot fail: the counter is far from its limit */ }
  }
  const Fd& fd() const { return fd_; }

 private:
  Fd fd_;
};

}  // namespace ivb
