#include "closed_loop.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>

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
constexpr uint64_t sendPauseNs = 1000000;
/// After which the last duplicates are counted.
constexpr timespec lastLook{0, 50000000};
constexpr int eventsAtOnce = 64;

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
  config_.cpus.resize(std::min<size_t>(config.cpus.size(), config.connections));
  for (size_t i = 0; i < config_.cpus.size(); i++) {
    Worker& worker = workers_.emplace_back();
    worker.events = Fd(epoll_create1(EPOLL_CLOEXEC));
    if (!worker.events) fail("SOCKET", "epoll_create1", "cannot wait for replies");
  }
  for (uint32_t i = 0; i < config.connections; i++) {
    Connection& connection = connections_.emplace_back(pattern_, connectUdp(config.serverAddress, config.port));
    connection.request = request_;
    connection.check.record(config.recording);
    Worker& worker = workers_[i % workers_.size()];
    worker.connections.push_back(&connection);
    listen(worker, connection, connection.socket);
  }
  threads_.start(config_.cpus, [this](size_t index) {
    loop(workers_[index]);
    stopped_.wait(false);
  });
}

ClosedLoop::~ClosedLoop() { stop(); }

void ClosedLoop::record(bool on) {
  for (Connection& connection : connections_) connection.check.record(on);
}

void ClosedLoop::stop() {
  quiesce();
  stopped_.store(true);
  stopped_.notify_all();
  threads_.join();
}

/// As epoll_wait() takes it.
int ClosedLoop::millisecondsUntil(uint64_t deadlineNs, uint64_t nowNs) {
  if (deadlineNs == never) return -1;
  return deadlineNs > nowNs ? int((deadlineNs - nowNs + 999999) / 1000000) : 0;
}

/// What comes on `socket` is for the connection.
void ClosedLoop::listen(const Worker& worker, Connection& connection, const Fd& socket) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &connection;
  if (epoll_ctl(worker.events.get(), EPOLL_CTL_ADD, socket.get(), &event) != 0)
    fail("SOCKET", "epoll_ctl", "cannot wait for replies");
}

void ClosedLoop::loop(Worker& worker) {
  epoll_event events[eventsAtOnce];
  for (Connection* connection : worker.connections) ask(worker, *connection);
  for (;;) {
    uint64_t nowNs = monotonicNs();
    if (nowNs >= worker.deadlineNs) lookAtDeadlines(worker, nowNs);
    if (quiet() && !isWaiting(worker)) break;
    int count = epoll_wait(worker.events.get(), events, eventsAtOnce, millisecondsUntil(worker.deadlineNs, nowNs));
    if (count < 0 && errno != EINTR) fail("SOCKET", "epoll_wait", "cannot wait for replies");
    for (int i = 0; i < count; i++) take(worker, *static_cast<Connection*>(events[i].data.ptr));
  }
  if (config_.requests == Requests::stamped) return;
  nanosleep(&lastLook, nullptr);
  for (Connection* connection : worker.connections) {
    countDuplicates(worker, *connection);
    lookAtAbandoned(*connection, monotonicNs());
  }
}

bool ClosedLoop::isWaiting(const Worker& worker) {
  return std::ranges::any_of(worker.connections, [](const Connection* connection) { return connection->waiting; });
}

void ClosedLoop::ask(Worker& worker, Connection& connection) {
  // Before the write: on a virtual wire the server's receive path runs inside it and belongs to the round trip.
  connection.beginNs = monotonicNs();
  if (config_.requests == Requests::stamped)
    stamp_write(reinterpret_cast<stamp*>(connection.request.data()), connection.sequence, connection.beginNs);
  connection.offered.add(1);
  const std::vector<uint8_t>& request = connection.request;
  connection.waiting =
      send(connection.socket.get(), request.data(), request.size(), MSG_DONTWAIT) == ssize_t(request.size());
  (connection.waiting ? connection.sent : connection.sendFailed).add(1);
  connection.deadlineNs = connection.beginNs + (connection.waiting ? TRACK_TIMEOUT_NS : sendPauseNs);
  worker.deadlineNs = std::min(worker.deadlineNs, connection.deadlineNs);
}

void ClosedLoop::take(Worker& worker, Connection& connection) {
  if (!connection.waiting && config_.requests == Requests::plain) return countDuplicates(worker, connection);
  ssize_t length = recv(connection.socket.get(), connection.reply.data(), connection.reply.size(),
                        MSG_TRUNC | MSG_DONTWAIT);
  bool ends = length >= 0 ? answers(connection, size_t(length)) : errno != EAGAIN;
  if (!ends || !connection.waiting) return;
  if (length < 0) connection.receiveFailed.add(1);
  end(worker, connection);
}

bool ClosedLoop::answers(Connection& connection, size_t length) {
  uint64_t endNs = monotonicNs();
  if (config_.requests == Requests::stamped) {
    uint32_t sequence;
    ReplyVerdict verdict = connection.check.take(connection.reply.data(), length, 0, endNs, sequence);
    // A right reply to a request that a wrong one ended is not this one's.
    return verdict == ReplyVerdict::wrong || (verdict == ReplyVerdict::right && sequence == connection.sequence);
  }
  if (length != expected_.size()) {
    connection.wrongLength.add(1);
  } else if (std::memcmp(connection.reply.data(), expected_.data(), length) != 0) {
    connection.wrongContent.add(1);
  } else {
    connection.right.add(1);
    connection.check.recordRoundTrip(connection.beginNs, endNs);
  }
  return true;
}

/// Answered or given up; asks the next thing.
void ClosedLoop::end(Worker& worker, Connection& connection) {
  connection.waiting = false;
  connection.deadlineNs = never;
  if (config_.requests == Requests::plain) countDuplicates(worker, connection);
  // A request that did not leave needs no number: those in use stay close together.
  connection.sequence = (connection.sequence + 1) & STAMP_SEQUENCE_MASK;
  if (!connection.abandoned.empty()) lookAtAbandoned(connection, monotonicNs());
  if (!quiet()) ask(worker, connection);
}

void ClosedLoop::lookAtDeadlines(Worker& worker, uint64_t nowNs) {
  for (Connection* connection : worker.connections) {
    // A thread that did not run for so long may have the reply: it came in time, and nobody looked.
    if (connection->deadlineNs <= nowNs && connection->waiting) take(worker, *connection);
    if (connection->deadlineNs > nowNs) continue;
    if (connection->waiting) {
      connection->timeouts.add(1);
      if (config_.requests == Requests::plain) renewSocket(worker, *connection, false);
      end(worker, *connection);
    } else if (quiet()) {
      connection->deadlineNs = never;
    } else {
      ask(worker, *connection);
    }
  }
  worker.deadlineNs = never;
  for (Connection* connection : worker.connections)
    worker.deadlineNs = std::min(worker.deadlineNs, connection->deadlineNs);
}

/// What came besides the reply, or while nothing was asked, is a duplicate.
void ClosedLoop::countDuplicates(Worker& worker, Connection& connection) {
  uint64_t more = takeAll(connection.socket);
  if (!more) return;
  connection.duplicates.add(more);
  if (!quiet()) renewSocket(worker, connection, true);
}

/// Plain requests are all alike: a fresh socket keeps what still comes from being taken for the next one's reply.
void ClosedLoop::renewSocket(Worker& worker, Connection& connection, bool answered) {
  try {
    Fd fresh = connectUdp(config_.serverAddress, config_.port);
    listen(worker, connection, fresh);
    std::swap(connection.socket, fresh);
    epoll_ctl(worker.events.get(), EPOLL_CTL_DEL, fresh.get(), nullptr);
    connection.abandoned.push_back({std::move(fresh), monotonicNs(), answered});
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
