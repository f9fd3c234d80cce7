#include "closed_loop.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "../bpf/stamp.h"
#include "error.h"
#include "frame.h"

namespace ivb {
namespace {

constexpr size_t replyRoom = 2048;
constexpr size_t maxOverdue = 16;

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
  for (size_t i = 0; i < config.cpus.size(); i++) {
    connections_.emplace_back();
    connections_.back().socket = connectTo(config.serverAddress, config.port);
  }
  threads_.start(config_.cpus, [this](size_t index) { loop(connections_[index]); });
}

ClosedLoop::~ClosedLoop() { stop(); }

void ClosedLoop::stop() { threads_.join(); }

void ClosedLoop::loop(Connection& connection) {
  Exchange exchange;
  exchange.request = request_;
  while (!threads_.stopping()) {
    prepare(exchange);
    roundTrip(connection, exchange);
  }
}

/// Numbers the request, so that a late reply is not taken for the next one's, and lets the function say what to expect.
void ClosedLoop::prepare(Exchange& exchange) const {
  uint64_t number = stamp_spread(exchange.sequence++);
  std::memcpy(exchange.request.data(), &number, sizeof number);
  exchange.expected.resize(replyRoom);
  std::memcpy(exchange.expected.data(), exchange.request.data(), exchange.request.size());
  size_t replyBytes = config_.function->run(exchange.expected.data(), exchange.request.size(), replyRoom);
  if (replyBytes == functionFailed)
    throw SystemError("FUNCTION", config_.function->id, 0, "the function fails on the generated request");
  exchange.expected.resize(replyBytes);
}

void ClosedLoop::roundTrip(Connection& connection, Exchange& exchange) {
  const std::vector<uint8_t>& request = exchange.request;
  const std::vector<uint8_t>& expected = exchange.expected;
  int fd = connection.socket.get();
  // Before the write: on a virtual wire the server's receive path runs inside it and belongs to the round trip.
  uint64_t beginNs = monotonicNs();
  connection.sent.add(1);
  if (send(fd, request.data(), request.size(), 0) != ssize_t(request.size())) {
    connection.sendFailed.add(1);
    return;
  }
  for (;;) {
    exchange.reply.resize(replyRoom);
    ssize_t length = recv(fd, exchange.reply.data(), exchange.reply.size(), 0);
    uint64_t endNs = monotonicNs();
    if (length < 0) {
      bool timedOut = errno == EAGAIN || errno == EWOULDBLOCK;
      (timedOut ? connection.timeouts : connection.receiveFailed).add(1);
      exchange.overdue.push_back(expected);
      if (exchange.overdue.size() > maxOverdue) exchange.overdue.pop_front();
      return;
    }
    exchange.reply.resize(size_t(length));
    auto& overdue = exchange.overdue;
    auto late = std::find(overdue.begin(), overdue.end(), exchange.reply);
    if (late != overdue.end()) {
      // The reply to a request given up on before: this one's is still to come.
      overdue.erase(late);
      connection.late.add(1);
      continue;
    }
    connection.replied.add(1);
    if (exchange.reply != expected) {
      connection.wrong.add(1);
      return;
    }
    connection.right.add(1);
    if (recording_.load(std::memory_order_relaxed)) connection.histogram.record(endNs - beginNs);
    return;
  }
}

CounterList ClosedLoop::counters() {
  threads_.rethrow();
  uint64_t sent = 0, replied = 0, right = 0, wrong = 0, late = 0, timeouts = 0, sendFailed = 0, receiveFailed = 0;
  for (const Connection& connection : connections_) {
    sent += connection.sent.get();
    replied += connection.replied.get();
    right += connection.right.get();
    wrong += connection.wrong.get();
    late += connection.late.get();
    timeouts += connection.timeouts.get();
    sendFailed += connection.sendFailed.get();
    receiveFailed += connection.receiveFailed.get();
  }
  return {{"offered", sent},      {"sent", sent},         {"replied", replied},       {"checked", right + wrong},
          {"wrong", wrong},       {"late", late},         {"timeouts", timeouts}, {"sendFailed", sendFailed}, {"receiveFailed", receiveFailed}};
}

Histogram ClosedLoop::histogram() const {
  Histogram sum;
  for (const Connection& connection : connections_) sum.merge(connection.histogram);
  return sum;
}

}  // namespace ivb
