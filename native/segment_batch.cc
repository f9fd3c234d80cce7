#include "segment_batch.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "../bpf/payload.h"
#include "message_batch.h"
#include "udp_invoker.h"
#include "udp_segment.h"

namespace ivb {
namespace {

constexpr int groOption = 104;  // UDP_GRO
constexpr size_t messageBytes = 65536;

/// Who asked, and which address; 0 where that is not told, as where there is only one.
struct Asker {
  sockaddr_in peer;
  in_addr_t address;

  bool operator==(const Asker& other) const {
    return peer.sin_addr.s_addr == other.peer.sin_addr.s_addr && peer.sin_port == other.peer.sin_port &&
           address == other.address;
  }
};

/// Memory of messages that are received or sent together, with room for their control messages.
class Messages {
 public:
  explicit Messages(uint32_t size) : slots_(size), headers_(size) {
    for (uint32_t i = 0; i < size; i++) {
      slots_[i].vector = {slots_[i].data.data(), messageBytes};
      headers_[i].msg_hdr = {};
      headers_[i].msg_hdr.msg_name = &slots_[i].peer;
      headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
      headers_[i].msg_hdr.msg_iov = &slots_[i].vector;
      headers_[i].msg_hdr.msg_iovlen = 1;
      headers_[i].msg_hdr.msg_control = slots_[i].control;
    }
  }

  uint32_t size() const { return uint32_t(slots_.size()); }
  mmsghdr* headers() { return headers_.data(); }
  uint32_t indexOf(const mmsghdr& header) const { return uint32_t(&header - headers_.data()); }
  uint8_t* data(uint32_t i) { return slots_[i].data.data(); }

  void prepareReceive() {
    for (mmsghdr& header : headers_) {
      header.msg_hdr.msg_namelen = sizeof(sockaddr_in);
      header.msg_hdr.msg_controllen = sizeof slots_.front().control;
    }
  }
  /// Bytes of each datagram in received message i but the last, which may be shorter.
  size_t segmentBytes(uint32_t i) {
    int bytes = 0;
    if (const uint8_t* told = findControl(headers_[i].msg_hdr, IPPROTO_UDP, groOption)) std::memcpy(&bytes, told, sizeof bytes);
    return bytes > 0 ? size_t(bytes) : headers_[i].msg_len;
  }
  Asker asker(uint32_t i) {
    in_pktinfo asked{};
    if (const uint8_t* told = findControl(headers_[i].msg_hdr, IPPROTO_IP, IP_PKTINFO)) std::memcpy(&asked, told, sizeof asked);
    return {slots_[i].peer, asked.ipi_spec_dst.s_addr};
  }

  /// Makes message i one of `bytes` bytes, which the kernel cuts into datagrams of `segmentBytes`.
  void prepareSend(uint32_t i, const Asker& asker, size_t bytes, size_t segmentBytes) {
    slots_[i].peer = asker.peer;
    slots_[i].vector = {slots_[i].data.data(), bytes};
    msghdr& header = headers_[i].msg_hdr;
    header.msg_controllen = 0;
    if (asker.address) {
      in_pktinfo from{};
      from.ipi_spec_dst.s_addr = asker.address;
      appendControl(header, IPPROTO_IP, IP_PKTINFO, from);
    }
    if (bytes > segmentBytes) appendControl(header, IPPROTO_UDP, segmentOption, uint16_t(segmentBytes));
  }

 private:
  struct Slot {
    std::vector<uint8_t> data = std::vector<uint8_t>(messageBytes);
    sockaddr_in peer;
    iovec vector;
    alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(in_pktinfo)) + CMSG_SPACE(sizeof(int))];
  };

  std::vector<Slot> slots_;
  std::vector<mmsghdr> headers_;
};

/// Collects replies into messages: those to one asker and of one length together, closed by a shorter one.
class Replies {
 public:
  Replies(int fd, uint32_t size, InvokerCounters& counters)
      : fd_(fd), messages_(size), contents_(size), counters_(counters) {}

  /// Where the next reply, of up to `datagramBytes` bytes, may be written.
  uint8_t* room(const Asker& asker) {
    Content& open = contents_[used_];
    if (open.bytes + datagramBytes > maxMessageBytes || open.replies == maxSegments || !(asker == open.asker) || closed_) close();
    contents_[used_].asker = asker;
    return messages_.data(used_) + contents_[used_].bytes;
  }
  /// The reply at room() is complete.
  void put(size_t bytes) {
    Content* open = &contents_[used_];
    // Too long for the message it was begun in, or nothing that a length could tell: it opens the next one.
    if (open->replies > 0 && (bytes > open->segmentBytes || bytes == 0)) {
      const uint8_t* from = messages_.data(used_) + open->bytes;
      Asker asker = open->asker;
      close();
      open = &contents_[used_];
      open->asker = asker;
      std::memmove(messages_.data(used_), from, bytes);
    }
    if (open->replies++ == 0) open->segmentBytes = bytes;
    open->bytes += bytes;
    closed_ = bytes < open->segmentBytes || bytes == 0 || bytes > longestMerged_;
  }
  void send() {
    close();
    if (used_ > 0) flush();
  }

 private:
  struct Content {
    Asker asker{};
    uint32_t replies = 0;
    size_t bytes = 0, segmentBytes = 0;  ///< of all, of each but the last
  };

  void close() {
    closed_ = false;
    Content& open = contents_[used_];
    if (open.replies == 0) return;
    messages_.prepareSend(used_, open.asker, open.bytes, open.segmentBytes);
    if (++used_ == messages_.size()) flush();
    else contents_[used_] = {};
  }
  void flush() {
    sendMessages(
        fd_, messages_.headers(), used_,
        [this](const mmsghdr& header) { counters_.replied.add(contents_[messages_.indexOf(header)].replies); },
        [this](mmsghdr& header) { refused(header, errno); });
    used_ = 0;
    contents_[used_] = {};
  }

  /// The kernel cuts no message whose datagrams are longer than the MTU allows, and none on a device without checksum
  /// offload before Linux 6.11: replies that were merged are sent again one by one, and such are merged no more.
  void refused(mmsghdr& header, int error) {
    const uint32_t i = messages_.indexOf(header);
    const Content content = contents_[i];
    if (content.replies == 1 || (error != EIO && error != EINVAL && error != EMSGSIZE))
      return counters_.sendFailed.add(content.replies);
    longestMerged_ = error == EIO ? 0 : std::min(longestMerged_, content.segmentBytes - 1);
    for (size_t at = 0; at < content.bytes; at += content.segmentBytes) {
      size_t bytes = std::min(content.segmentBytes, content.bytes - at);
      messages_.prepareSend(i, content.asker, bytes, bytes);
      header.msg_hdr.msg_iov->iov_base = messages_.data(i) + at;
      ssize_t sent;
      do sent = sendmsg(fd_, &header.msg_hdr, 0);
      while (sent < 0 && errno == EINTR);
      (sent < 0 ? counters_.sendFailed : counters_.replied).add(1);
    }
  }

  int fd_;
  Messages messages_;
  std::vector<Content> contents_;
  InvokerCounters& counters_;
  uint32_t used_ = 0;                           // messages that are closed; the next one is open
  bool closed_ = false;                         // the open message's last reply was a shorter one
  size_t longestMerged_ = MAX_PAYLOAD_BYTES;
};

}  // namespace

void askForSegments(int fd) {
  int on = 1;
  if (setsockopt(fd, IPPROTO_UDP, groOption, &on, sizeof on) != 0)
    fail("SOCKET", "setsockopt(UDP_GRO)", "cannot receive segments (needs Linux 5.0)");
}

void serveSegments(const SegmentTask& task) {
  InvokerCounters& counters = task.counters;
  Messages received(task.batch);
  Replies replies(task.fd, task.batch, counters);
  for (;;) {
    received.prepareReceive();
    uint32_t used = receiveMessages(task.fd, received.headers(), task.batch, task.waiting);
    if (used == 0) return;
    uint64_t requests = 0, handled = 0;
    for (uint32_t i = 0; i < used; i++) {
      size_t bytes = received.headers()[i].msg_len, segment = received.segmentBytes(i);
      const Asker asker = received.asker(i);
      const bool answered = task.answers(asker.peer);
      // An empty datagram is a request, too.
      for (size_t at = 0; at == 0 || at < bytes; at += segment) {
        requests++;
        if (!answered) {
          counters.refusedSource.add(1);
        } else {
          size_t length = std::min(segment, bytes - at);
          size_t reply = functionFailed;
          if (length <= datagramBytes) {
            uint8_t* room = replies.room(asker);
            std::memcpy(room, received.data(i) + at, length);
            reply = task.work(room, length, datagramBytes);
          }
          if (reply == functionFailed) {
            counters.functionFailed.add(1);
          } else {
            handled++;
            replies.put(reply);
          }
        }
        if (bytes == 0) break;
      }
    }
    counters.received.add(requests);
    counters.handled.add(handled);
    replies.send();
  }
}

}  // namespace ivb
