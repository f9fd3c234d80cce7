#pragma once
// Closed-loop client: connections with one request outstanding each, every reply compared, round trips recorded.
// A few threads serve them all, as the runtime of the published client does, so that both ask the same of the scheduler.
#include <atomic>
#include <cstdint>
#include <deque>
#include <vector>

#include "choices.h"
#include "counters.h"
#include "functions.h"
#include "handle.h"
#include "histogram.h"
#include "reply_check.h"
#include "reply_pattern.h"
#include "thread_group.h"

namespace ivb {

/// `stamped`: requests are numbered, so that duplicates and late replies are told. `plain`: all alike, as those of the
/// published client.
enum class Requests { stamped, plain };

template <>
struct Words<Requests> {
  static constexpr Word<Requests> list[] = {{Requests::stamped, "stamped"}, {Requests::plain, "plain"}};
};

struct ClosedLoopConfig {
  uint32_t serverAddress;  ///< network byte order
  uint16_t port;           ///< host byte order
  uint32_t packetBytes;
  const Function* function;
  Requests requests;
  uint32_t connections;
  std::vector<int> cpus;  ///< one a thread, at least one; no more threads than connections are started
  bool recording;         ///< whether round trips are recorded from the first one on
};

class ClosedLoop {
 public:
  /// Opens the connections; they begin at once. Throws SystemError.
  explicit ClosedLoop(const ClosedLoopConfig& config);
  ~ClosedLoop();

  /// Whether round trips go into the histogram from here on.
  void record(bool on);
  CounterList counters();
  /// No request leaves after those under way are answered; returns at once. The threads stay, asleep, until stop(): the
  /// CPU time of a thread that is gone cannot be read any more.
  void quiesce() { quiet_.store(true, std::memory_order_relaxed); }
  /// Lets every connection end its round trip: up to the receive timeout of 1 s. Ends the threads.
  void stop();
  /// All connections together.
  Histogram roundTrips() const;

 private:
  static constexpr uint64_t never = ~uint64_t(0);

  struct AbandonedSocket {
    Fd socket;
    uint64_t sinceNs;
    bool answered;  ///< what still comes is a duplicate, else it is late
  };

  struct alignas(64) Connection {
    Connection(const ReplyPattern& pattern, Fd socket);
    Fd socket;
    std::vector<uint8_t> request, reply;
    bool waiting = false;                   ///< for a reply
    uint64_t beginNs = 0;                   ///< of the round trip under way
    uint64_t deadlineNs = never;            ///< when it times out, or when the next request is to be tried
    uint32_t sequence = 0;                  ///< of the stamped request under way
    std::deque<AbandonedSocket> abandoned;  ///< that a reply to a plain request may still come to
    ReplyCheck check;                       ///< of stamped requests; has the round trips of all
    Counter offered, sent, timeouts, sendFailed, receiveFailed;
    Counter right, wrongLength, wrongContent, late, duplicates;  ///< replies to plain requests
  };

  /// A thread's.
  struct alignas(64) Worker {
    Fd events;
    std::vector<Connection*> connections;
    uint64_t deadlineNs = never;  ///< not after the first of theirs
  };

  static int millisecondsUntil(uint64_t deadlineNs, uint64_t nowNs);
  static void listen(const Worker& worker, Connection& connection, const Fd& socket);
  static bool isWaiting(const Worker& worker);
  bool quiet() const { return quiet_.load(std::memory_order_relaxed); }
  void loop(Worker& worker);
  void ask(Worker& worker, Connection& connection);
  /// A socket has something.
  void take(Worker& worker, Connection& connection);
  /// Counts a reply of that length; whether it ends the round trip.
  bool answers(Connection& connection, size_t length);
  void end(Worker& worker, Connection& connection);
  void lookAtDeadlines(Worker& worker, uint64_t nowNs);
  void renewSocket(Worker& worker, Connection& connection, bool answered);
  void countDuplicates(Worker& worker, Connection& connection);
  void lookAtAbandoned(Connection& connection, uint64_t nowNs);

  ClosedLoopConfig config_;
  ReplyPattern pattern_;  ///< of stamped requests
  std::vector<uint8_t> request_, expected_;  ///< plain
  std::deque<Connection> connections_;
  std::vector<Worker> workers_;
  std::atomic<bool> quiet_{false};    ///< nothing new is asked
  std::atomic<bool> stopped_{false};  ///< the threads may end
  ThreadGroup threads_;  // last: its destructor joins before the rest goes
};

}  // namespace ivb
