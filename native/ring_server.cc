#include "ring_server.h"

#include <netinet/in.h>
#include <poll.h>

#include "control_message.h"
#include "error.h"

namespace ivb {
namespace {

/// A buffer with a request, and then with its reply.
struct Envelope {
  io_uring_recvmsg_out header;
  sockaddr_in peer;
  AskedAddress asked;
  uint8_t payload[datagramBytes];
};

/// What a completion is of: a reply, by the number of its buffer, or one of these.
enum Tag : uint64_t { receiveTag = 1 << 16, wakeTag, cancelTag };

}  // namespace

const size_t RingServer::bufferBytes = sizeof(Envelope);

RingServer::RingServer(const RingTask& task)
    : ring_(task.ring),
      socket_(task.socket.get()),
      wake_(task.wake.get()),
      work_(task.work),
      answers_(task.answers),
      spins_(task.waiting.spins()),
      replies_(task.repliesFrom == RepliesFrom::asked ? task.ring.buffers() : 0),
      counters_(task.counters) {
  shape_.msg_namelen = sizeof(sockaddr_in);
  shape_.msg_controllen = sizeof(AskedAddress);
}

void RingServer::run() {
  ring_.enable();
  awaitWake();
  receive();
  while (!drained_ || sending_ > 0) {
    if (!spins_) {
      // A UDP send is done when it is submitted, as a rule. After a lone reply the thread sleeps for the next request and
      // does not turn once more only to hear of that reply.
      ring_.submitAndWait(sending_ == 1 && receiving_ ? 2 : 1);
    } else if (ring_.hasWork()) {
      ring_.submitAndTake();
    } else {
      cpuRelax();
      continue;
    }
    ring_.takeCompletions([this](const io_uring_cqe& completion) { complete(completion); });
    ring_.publish();
    // With all buffers out, some come back from sends first.
    if (!receiving_ && !drained_ && held_ < ring_.buffers()) receive();
  }
}

/// Receives until told otherwise; when leaving, until the socket's buffer is empty. Empty datagrams and a want of
/// buffers end a receive, too: another one is then begun.
void RingServer::receive() {
  io_uring_sqe* entry = ring_.prepare();
  io_uring_prep_recvmsg_multishot(entry, socket_, &shape_, leaving_ ? MSG_DONTWAIT : 0);
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->buf_group = IoRing::bufferGroup;
  entry->user_data = receiveTag;
  receiving_ = true;
  fruitful_ = false;
}

void RingServer::awaitWake() {
  io_uring_sqe* entry = ring_.prepare();
  io_uring_prep_poll_add(entry, wake_, POLLIN);
  entry->user_data = wakeTag;
}

/// Ends the receive that waits for more, so that one that does not wait can follow.
void RingServer::leave() {
  leaving_ = true;
  if (!receiving_) return;
  io_uring_sqe* entry = ring_.prepare();
  io_uring_prep_cancel64(entry, receiveTag, 0);
  entry->user_data = cancelTag;
}

void RingServer::complete(const io_uring_cqe& completion) {
  switch (completion.user_data) {
    case receiveTag: return received(completion);
    case wakeTag: return leave();
    case cancelTag: return;  // the receive's own completion says that it ended
    default: return sent(uint16_t(completion.user_data), completion.res);
  }
}

void RingServer::received(const io_uring_cqe& completion) {
  int result = completion.res;
  receiving_ = completion.flags & IORING_CQE_F_MORE;
  if (result >= 0) {
    fruitful_ = true;
    held_++;
    counters_.received.add(1);
    return answer(uint16_t(completion.flags >> IORING_CQE_BUFFER_SHIFT), size_t(result) - offsetof(Envelope, payload));
  }
  if (result == -ENOBUFS) return;
  // A receive that does not wait also ends where the kernel wants others to have their turn: not if it brought nothing.
  if (result == -EAGAIN && leaving_) drained_ = !fruitful_;
  else if (result != -ECANCELED) throw SystemError("RECEIVE", "io_uring(RECVMSG)", -result, "cannot receive");
}

void RingServer::answer(uint16_t number, size_t bytes) {
  Envelope& envelope = *reinterpret_cast<Envelope*>(ring_.buffer(number));
  if (envelope.header.flags & MSG_TRUNC) {
    counters_.malformed.add(1);
    return giveBack(number);
  }
  if (!answers_(envelope.peer)) {
    counters_.refusedSource.add(1);
    return giveBack(number);
  }
  size_t replyBytes = work_(envelope.payload, bytes, datagramBytes);
  if (replyBytes == functionFailed) {
    counters_.functionFailed.add(1);
    return giveBack(number);
  }
  counters_.handled.add(1);
  io_uring_sqe* entry = ring_.prepare();
  if (replies_.empty()) {
    // Not sendmsg: that would have the kernel copy a message header and a vector first.
    io_uring_prep_send(entry, socket_, envelope.payload, replyBytes, 0);
    io_uring_prep_send_set_addr(entry, reinterpret_cast<sockaddr*>(&envelope.peer), sizeof envelope.peer);
  } else {
    Reply& reply = replies_[number];
    reply.vector = {envelope.payload, replyBytes};
    reply.header = {};
    reply.header.msg_name = &envelope.peer;
    reply.header.msg_namelen = sizeof envelope.peer;
    reply.header.msg_iov = &reply.vector;
    reply.header.msg_iovlen = 1;
    reply.header.msg_control = envelope.asked.bytes;
    reply.header.msg_controllen = envelope.header.controllen;
    replyFromAsked(reply.header);
    io_uring_prep_sendmsg(entry, socket_, &reply.header, 0);
  }
  entry->user_data = number;
  sending_++;
}

void RingServer::sent(uint16_t number, int result) {
  (result >= 0 ? counters_.replied : counters_.sendFailed).add(1);
  sending_--;
  giveBack(number);
}

void RingServer::giveBack(uint16_t number) {
  held_--;
  ring_.give(number);
}

}  // namespace ivb
