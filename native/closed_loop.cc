#include "closed_loop.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "error.h"
#include "frame.h"

namespace ivb {
namespace {

constexpr size_t replyRoom = 2048;

Fd connectTo(uint32_t address, uint16_t port) {
  Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) fail("SOCKET", "socket", "cannot create a UDP socket");
  timeval timeout{1, 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_addr.s_addr = address;
  peer.sin_port = htons(port);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0)
    fail("CONNECT", "connect", "cannot reach UDP port " + std::to_string(port));
  return fd;
}

}  // namespace

ClosedLoop::ClosedLoop(const ClosedLoopConfig& config) : config_(config) {
  std::vector<uint8_t> frame(config.packetBytes);
  buildRequest(frame.data(), frame.size(), Route{}, 0);
  request_.assign(frame.begin() + headerBytes, frame.end());
  expected_ = request_;
  expected_.resize(replyRoom);
  size_t replyBytes = config.function->run(expected_.data(), request_.size(), replyRoom);
  if (replyBytes == functionFailed)
    throw SystemError("FUNCTION", config.function->id, 0, "the function fails on the generated request");
  expected_.resize(replyBytes);

  for (size_t i = 0; i < config.cpus.size(); i++) {
    connections_.emplace_back();
    connections_.back().socket = connectTo(config.serverAddress, config.port);
  }
  threads_.start(config_.cpus, [this](size_t index) { loop(connections_[index]); });
}

ClosedLoop::~ClosedLoop() { stop(); }

void ClosedLoop::stop() { threads_.join(); }

void ClosedLoop::loop(Connection& connection) {
  std::vector<uint8_t> reply(replyRoom);
  while (!threads_.stopping()) roundTrip(connection, reply);
}

void ClosedLoop::roundTrip(Connection& connection, std::vector<uint8_t>& reply) {
  int fd = connection.socket.get();
  // Before the write: on a virtual wire the server's receive path runs inside it and belongs to the round trip.
  uint64_t beginNs = monotonicNs();
  connection.sent.add(1);
  if (send(fd, request_.data(), request_.size(), 0) != ssize_t(request_.size())) {
    connection.sendFailed.add(1);
    return;
  }
  ssize_t length = recv(fd, reply.data(), reply.size(), 0);
  uint64_t endNs = monotonicNs();
  if (length < 0) {
    (errno == EAGAIN || errno == EWOULDBLOCK ? connection.timeouts : connection.receiveFailed).add(1);
    return;
  }
  connection.replied.add(1);
  if (size_t(length) != expected_.size() || std::memcmp(reply.data(), expected_.data(), expected_.size()) != 0) {
    connection.wrong.add(1);
    return;
  }
  connection.right.add(1);
  if (recording_.load(std::memory_order_relaxed)) connection.histogram.record(endNs - beginNs);
}

CounterList ClosedLoop::counters() {
  threads_.rethrow();
  uint64_t sent = 0, replied = 0, right = 0, wrong = 0, timeouts = 0, sendFailed = 0, receiveFailed = 0;
  for (const Connection& connection : connections_) {
    sent += connection.sent.get();
    replied += connection.replied.get();
    right += connection.right.get();
    wrong += connection.wrong.get();
    timeouts += connection.timeouts.get();
    sendFailed += connection.sendFailed.get();
    receiveFailed += connection.receiveFailed.get();
  }
  return {{"offered", sent},      {"sent", sent},         {"replied", replied},       {"checked", right + wrong},
          {"wrong", wrong},       {"timeouts", timeouts}, {"sendFailed", sendFailed}, {"receiveFailed", receiveFailed}};
}

Histogram ClosedLoop::histogram() const {
  Histogram sum;
  for (const Connection& connection : connections_) sum.merge(connection.histogram);
  return sum;
}

}  // namespace ivb
