#pragma once
// One turn of recvmmsg and sendmmsg, whatever the messages hold.
#include <sys/socket.h>

#include "udp_invoker.h"

namespace ivb {

/// Waits for a message and takes what else is there. Returns how many came from somebody: 0 when nothing is left to
/// answer, at the end of a socket that was shut down (which reads as a message without a sender). Throws SystemError.
inline uint32_t receiveMessages(int fd, mmsghdr* messages, uint32_t size, const Waiting& waiting) {
  for (;;) {
    bool leaving = waiting.isLeaving();
    int received = recvmmsg(fd, messages, size, MSG_WAITFORONE | waiting.flags(), nullptr);
    if (received >= 0) {
      uint32_t used = uint32_t(received);
      while (used > 0 && messages[used - 1].msg_hdr.msg_namelen == 0) used--;
      return used;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) fail("RECEIVE", "recvmmsg", "cannot receive");
    if (leaving) return 0;
    cpuRelax();
  }
}

/// Sends all that the kernel takes; calls `sent(message)` or, with the cause in errno, `refused(message)` for each.
template <typename Sent, typename Refused>
void sendMessages(int fd, mmsghdr* messages, uint32_t count, Sent sent, Refused refused) {
  for (uint32_t done = 0; done < count;) {
    int taken = sendmmsg(fd, messages + done, count - done, 0);
    if (taken < 0 && errno == EINTR) continue;
    // A message that cannot be sent is skipped: those behind it may.
    if (taken <= 0) refused(messages[done++]);
    for (int i = 0; i < taken; i++) sent(messages[done++]);
  }
}

}  // namespace ivb
