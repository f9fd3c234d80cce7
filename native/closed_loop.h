#pragma once
// Closed-loop client: connections with one request outstanding each, every reply compared, round trips recorded.
#include <atomic>
#include <cstdint>
#include <deque>
#include <vector>

#include "counters.h"
#include "functions.h"
#include "handle.h"
#include "histogram.h"
#include "thread_group.h"

namespace ivb {

struct ClosedLoopConfig {
  uint32_t serverAddress;  ///< network byte order
  uint16_t port;           ///< host byte order
  uint32_t packetBytes;
  const Function* function;
  std::vector<int> cpus;  ///< one a connection
};

class ClosedLoop {
 public:
  /// Opens the connections; they begin at once. Throws SystemError.
  explicit ClosedLoop(const ClosedLoopConfig& config);
  ~ClosedLoop();

  /// Whether round trips go into the histogram from here on.
  void record(bool on) { recording_.store(on, std::memory_order_relaxed); }
  CounterList counters();
  /// Lets every connection end its round trip: up to the receive timeout of 1 s.
  void stop();
  /// All connections together. After stop() only.
  Histogram histogram() const;

 private:
  struct alignas(64) Connection {
    Fd socket;
    Histogram histogram;
    Counter sent, replied, right, wrong, late, timeouts, sendFailed, receiveFailed;
  };

  /// The messages of one connection, and the replies it has given up on.
  struct Exchange {
    std::vector<uint8_t> request, expected, reply;
    uint32_t sequence = 0;
    std::deque<std::vector<uint8_t>> overdue;
  };

  void loop(Connection& connection);
  void prepare(Exchange& exchange) const;
  void roundTrip(Connection& connection, Exchange& exchange);

  ClosedLoopConfig config_;
  std::vector<uint8_t> request_;
  std::deque<Connection> connections_;
  std::atomic<bool> recording_{false};
  ThreadGroup threads_;  // last: its destructor joins before the rest goes
};

}  // namespace ivb
