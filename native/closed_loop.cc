#include "closed_loop.h"

#include <sched.h>
#include <sys/socket.h>

#include "error.h"
#include "frame.h"
#include "udp_connection.h"

namespace ivb {
namespace {

/// A connection has one request outstanding: few of its past ones can still be answered.
constexpr uint32_t slotBits = 12;
constexpr size_t maxAbandoned = 16;
/// A reply that takes longer than this is lost, not late.
constexpr uint64_t longestLateNs = 5000000000;
/// Between two attempts to send on an interface that takes nothing.
constexpr timespec sendPause{0, 1000000};
/// After which the last duplicates are counted.
constexpr timespec lastLook{0, 50000000};

/// Takes what a socket holds; returns how many datagrams. Not without end: a server may send faster than this takes.
uint64_t takeAll(const Fd& socket) {
  constexpr uint64_t most = 1024;
  uint64_t count = 0;
  uint8_t byte;
  while (count < most && recv(socket.get(), &byte, sizeof byte, MSG_DONTWAIT) >= 0) count++;
  return count;
}

}  // namespace

ClosedLoop::Connection::Connection(const ReplyPattern& pattern, Fd socket)
    : socket(std::move(socket)), reply(replyRoom), check(pattern, slotBits) {}

ClosedLoop::ClosedLoop(const ClosedLoopConfig& config)
    : config_(config) {
  if (config.requests == Requests::stamped) pattern_ = replyPattern(*config.function, config.packetBytes);
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
    Connection& connection = connections_.emplace_back(pattern_, connectUdp(config.serverAddress, config.port));
    limitReceiveToSecond(connection.socket);
    connection.request = request_;
    connection.check.record(config.recording);
  }
  threads_.start(config_.cpus, [this](size_t index) { loop(connections_[index]); });
}

ClosedLoop::~ClosedLoop() { stop(); }

void ClosedLoop::record(bool on) {
  for (Connection& connection : connections_) connection.check.record(on);
}

void ClosedLoop::stop() { threads_.join(); }

void ClosedLoop::loop(Connection& connection) {
  // A reply that wakes its connection must not take the CPU from a server on the same host, which is sending the next
  // ones: Go's clients do not either, as their goroutines are woken by few threads. Where it is refused it is slower.
  sched_param none{};
  sched_setscheduler(0, SCHED_BATCH, &none);
  while (!threads_.stopping()) roundTrip(connection);
  if (config_.requests == Requests::stamped) return;
  nanosleep(&lastLook, nullptr);
  countDuplicates(connection);
  lookAtAbandoned(connection, monotonicNs());
}

void ClosedLoop::roundTrip(Connection& connection) {
  // Before the write: on a virtual wire the server's receive path runs inside it and belongs to the round trip.
  uint64_t beginNs = monotonicNs();
  if (config_.requests == Requests::stamped)
    stamp_write(reinterpret_cast<stamp*>(connection.request.data()), connection.sequence, beginNs);
  connection.offered.add(1);
  const std::vector<uint8_t>& request = connection.request;
  if (send(connection.socket.get(), request.data(), request.size(), 0) != ssize_t(request.size())) {
    connection.sendFailed.add(1);
    nanosleep(&sendPause, nullptr);
    return;
  }
  connection.sent.add(1);
  for (;;) {
    ssize_t length = recv(connection.socket.get(), connection.reply.data(), connection.reply.size(), MSG_TRUNC);
    if (length >= 0) {
      if (ends(connection, size_t(length), beginNs)) break;
    } else if (errno != EINTR) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) giveUp(connection);
      else connection.receiveFailed.add(1);
      break;
    }
  }
  if (config_.requests == Requests::plain) countDuplicates(connection);
  // A request that did not leave needs no number: those in use stay close together.
  connection.sequence = (connection.sequence + 1) & STAMP_SEQUENCE_MASK;
  if (!connection.abandoned.empty()) lookAtAbandoned(connection, monotonicNs());
}

bool ClosedLoop::ends(Connection& connection, size_t length, uint64_t beginNs) {
  uint64_t endNs = monotonicNs();
  if (config_.requests == Requests::stamped) {
    uint32_t sequence;
    ReplyVerdict verdict = connection.check.take(connection.reply.data(), length, 0, endNs, sequence);
    // A right reply to a request that a wrong one ended is not this one's; waiting for ever is no answer either.
    bool answers = verdict == ReplyVerdict::wrong || (verdict == ReplyVerdict::right && sequence == connection.sequence);
    return answers || endNs - beginNs > TRACK_TIMEOUT_NS;
  }
  if (length != expected_.size()) {
    connection.wrongLength.add(1);
  } else if (std::memcmp(connection.reply.data(), expected_.data(), length) != 0) {
    connection.wrongContent.add(1);
  } else {
    connection.right.add(1);
    connection.check.recordRoundTrip(endNs - beginNs);
  }
  return true;
}

void ClosedLoop::giveUp(Connection& connection) {
  connection.timeouts.add(1);
  if (config_.requests == Requests::plain) renewSocket(connection, false);
}

/// What came besides the reply is a duplicate.
void ClosedLoop::countDuplicates(Connection& connection) {
  uint64_t more = takeAll(connection.socket);
  if (!more) return;
  connection.duplicates.add(more);
  renewSocket(connection, true);
}

/// Plain requests are all alike: a fresh socket keeps what still comes from being taken for the next one's reply.
void ClosedLoop::renewSocket(Connection& connection, bool answered) {
  try {
    Fd fresh = connectUdp(config_.serverAddress, config_.port);
    limitReceiveToSecond(fresh);
    connection.abandoned.push_back({std::move(connection.socket), monotonicNs(), answered});
    connection.socket = std::move(fresh);
  } catch (const SystemError&) {
    // No way to the server right now, perhaps: the old socket goes on.
  }
  if (connection.abandoned.size() > maxAbandoned) connection.abandoned.pop_front();
}

void ClosedLoop::lookAtAbandoned(Connection& connection, uint64_t nowNs) {
  std::erase_if(connection.abandoned, [&](AbandonedSocket& abandoned) {
    uint64_t count = takeAll(abandoned.socket);
    if (count && !abandoned.answered) {
      connection.late.add(1);
      abandoned.answered = true;
      count--;
    }
    connection.duplicates.add(count);
    return nowNs - abandoned.sinceNs > longestLateNs;
  });
}

CounterList ClosedLoop::counters() {
  threads_.rethrow();
  uint64_t offered = 0, sent = 0, timeouts = 0, sendFailed = 0, receiveFailed = 0;
  ReplyCounts replies;
  for (const Connection& connection : connections_) {
    offered += connection.offered.get();
    sent += connection.sent.get();
    timeouts += connection.timeouts.get();
    sendFailed += connection.sendFailed.get();
    receiveFailed += connection.receiveFailed.get();
    connection.check.addTo(replies);
    uint64_t right = connection.right.get(), wrongContent = connection.wrongContent.get();
    replies.checked += right + wrongContent;
    replies.replied += right + wrongContent + connection.wrongLength.get();
    replies.wrongLength += connection.wrongLength.get();
    replies.wrongContent += wrongContent;
    replies.late += connection.late.get();
    replies.duplicates += connection.duplicates.get();
  }
  CounterList list{{"offered", offered}, {"sent", sent}, {"timeouts", timeouts}, {"sendFailed", sendFailed},
                   {"receiveFailed", receiveFailed}};
  replies.append(list);
  return list;
}

Histogram ClosedLoop::roundTrips() const {
  Histogram sum;
  for (const Connection& connection : connections_) sum.merge(connection.check.roundTrips());
  return sum;
}

}  // namespace ivb
