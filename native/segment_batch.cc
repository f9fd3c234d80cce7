#include "segment_batch.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <cstring>
#include <vector>

#include "message_batch.h"
#include "udp_invoker.h"
#include "udp_segment.h"

namespace ivb {
namespace {

constexpr int groOption = 104;  // UDP_GRO
constexpr size_t messageBytes = 65536;
constexpr size_t maxSegmentBytes = 1472;  // the kernel cuts no message into fragments

/// A message that was received, or is to be sent, with room for its control message.
struct Message {
  std::vector<uint8_t> data = std::vector<uint8_t>(messageBytes);
  sockaddr_in peer;
  iovec vector;
  alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int))];
  SegmentControl segment;
};

class Messages {
 public:
  explicit Messages(uint32_t size) : messages_(size), headers_(size), segments_(size) {
    for (uint32_t i = 0; i < size; i++) {
      messages_[i].vector = {messages_[i].data.data(), messageBytes};
      headers_[i].msg_hdr = {};
      headers_[i].msg_hdr.msg_name = &messages_[i].peer;
      headers_[i].msg_hdr.msg_iov = &messages_[i].vector;
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  uint32_t size() const { return uint32_t(messages_.size()); }
  mmsghdr* headers() { return headers_.data(); }
  Message& at(uint32_t i) { return messages_[i]; }
  /// Replies in message i.
  uint32_t& segments(uint32_t i) { return segments_[i]; }
  uint32_t segments(const mmsghdr& header) const { return segments_[size_t(&header - headers_.data())]; }

  void prepareReceive() {
    for (uint32_t i = 0; i < size(); i++) {
      headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
      headers_[i].msg_hdr.msg_control = messages_[i].control;
      headers_[i].msg_hdr.msg_controllen = sizeof messages_[i].control;
    }
  }
  /// Bytes of each datagram in received message i but the last, which may be shorter.
  size_t segmentBytes(uint32_t i) {
    msghdr& header = headers_[i].msg_hdr;
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control; control = CMSG_NXTHDR(&header, control)) {
      if (control->cmsg_level != IPPROTO_UDP || control->cmsg_type != groOption) continue;
      int bytes;
      std::memcpy(&bytes, CMSG_DATA(control), sizeof bytes);
      if (bytes > 0) return size_t(bytes);
    }
    return headers_[i].msg_len;
  }
  /// Makes message i one to `peer`, of `bytes` bytes in datagrams of `segmentBytes`.
  void prepareSend(uint32_t i, const sockaddr_in& peer, size_t bytes, size_t segmentBytes) {
    messages_[i].peer = peer;
    messages_[i].vector.iov_len = bytes;
    msghdr& header = headers_[i].msg_hdr;
    header.msg_namelen = sizeof(sockaddr_in);
    header.msg_control = nullptr;
    header.msg_controllen = 0;
    if (segments_[i] < 2) return;
    askToCut(header, messages_[i].segment, uint16_t(segmentBytes));
  }

 private:
  std::vector<Message> messages_;
  std::vector<mmsghdr> headers_;
  std::vector<uint32_t> segments_;
};

/// Collects replies into messages: those of one peer and length together, closed by a shorter one.
class Replies {
 public:
  Replies(int fd, uint32_t size, InvokerCounters& counters) : fd_(fd), messages_(size), counters_(counters) {}

  /// Where the next reply, of up to `datagramBytes` bytes, may be written.
  uint8_t* room(const sockaddr_in& peer) {
    bool full = bytes_ + datagramBytes > maxMessageBytes || messages_.segments(used_) == maxSegments;
    bool other = peer.sin_addr.s_addr != peer_.sin_addr.s_addr || peer.sin_port != peer_.sin_port;
    if (full || other || closed_) close();
    peer_ = peer;
    return messages_.at(used_).data.data() + bytes_;
  }
  /// The reply at room() is complete.
  void put(size_t bytes) {
    // Too long for the message it was begun in, or nothing that a length could tell: it opens the next one.
    if (messages_.segments(used_) > 0 && (bytes > segmentBytes_ || bytes == 0)) {
      const uint8_t* from = messages_.at(used_).data.data() + bytes_;
      close();
      std::memmove(messages_.at(used_).data.data(), from, bytes);
    }
    if (messages_.segments(used_)++ == 0) segmentBytes_ = bytes;
    bytes_ += bytes;
    closed_ = bytes < segmentBytes_ || bytes == 0 || bytes > maxSegmentBytes;
  }
  void send() {
    close();
    if (used_ > 0) flush();
  }

 private:
  void close() {
    closed_ = false;
    if (messages_.segments(used_) == 0) return;
    messages_.prepareSend(used_, peer_, bytes_, segmentBytes_);
    bytes_ = 0;
    if (++used_ == messages_.size()) flush();
    messages_.segments(used_) = 0;
  }
  void flush() {
    sendMessages(fd_, messages_.headers(), used_, counters_,
                 [this](const mmsghdr& header) { return messages_.segments(header); });
    used_ = 0;
    messages_.segments(used_) = 0;
  }

  int fd_;
  Messages messages_;
  InvokerCounters& counters_;
  uint32_t used_ = 0;  // messages that are closed; the next one is open
  sockaddr_in peer_{};
  size_t bytes_ = 0, segmentBytes_ = 0;  // of the open message
  bool closed_ = false;                  // the open message's last reply was a shorter one
};

}  // namespace

void askForSegments(int fd) {
  int on = 1;
  if (setsockopt(fd, IPPROTO_UDP, groOption, &on, sizeof on) != 0)
    fail("SOCKET", "setsockopt(UDP_GRO)", "cannot receive segments (needs Linux 5.0)");
}

void serveSegments(int fd, const Work& work, const Waiting& waiting, uint32_t batch, InvokerCounters& counters) {
  Messages received(batch);
  Replies replies(fd, batch, counters);
  for (;;) {
    received.prepareReceive();
    uint32_t used = receiveMessages(fd, received.headers(), batch, waiting);
    if (used == 0) return;
    uint64_t requests = 0, handled = 0;
    for (uint32_t i = 0; i < used; i++) {
      size_t bytes = received.headers()[i].msg_len, segment = received.segmentBytes(i);
      // An empty datagram is a request, too.
      for (size_t at = 0; at == 0 || at < bytes; at += segment) {
        requests++;
        size_t length = std::min(segment, bytes - at);
        size_t reply = functionFailed;
        if (length <= datagramBytes) {
          uint8_t* room = replies.room(received.at(i).peer);
          std::memcpy(room, received.at(i).data.data() + at, length);
          reply = work(room, length, datagramBytes);
        }
        if (reply == functionFailed) {
          counters.functionFailed.add(1);
        } else {
          handled++;
          replies.put(reply);
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
