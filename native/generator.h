#pragma once
// What the addon sees of an engine: a source of paced requests that counts, verifies and times their replies.
#include <cstdint>
#include <memory>
#include <vector>

#include "arrivals.h"
#include "choices.h"
#include "counters.h"
#include "frame.h"
#include "functions.h"
#include "histogram.h"
#include "reply_counter.h"

namespace ivb {

/// Who takes the replies in: the counting program in the kernel, or the engine's own threads.
enum class Replies { kernel, own };

template <>
struct Words<Replies> {
  static constexpr Word<Replies> list[] = {{Replies::kernel, "kernel"}, {Replies::own, "own"}};
};

struct GeneratorConfig {
  Route route;           ///< of which socket engines need only the server's address and port
  uint32_t connections;  ///< of socket engines
  uint32_t packetBytes;
  uint32_t queues;        ///< queues of the interface that are to be fed
  std::vector<int> cpus;  ///< one a thread
  const Function* function;
  /// Where the kernel takes replies in: compare the whole content of one in so many. 0, if nobody replies: `live` does not
  /// stamp either.
  uint32_t checkEvery;
  Replies replies;
  CopyMode copyMode;
  Arrival arrival;
  /// Whether times count: requests bear when they were due, a late schedule catches up, what comes back is tracked.
  bool timed;
};

constexpr double unpacedRate = -1;
/// Where times count, a millisecond, or so many requests as hardly a server's queue is too short for.
constexpr CatchUp catchUp(bool timed) { return timed ? CatchUp{1e6, 64} : CatchUp{1e5, 0}; }

/// For engines whose replies the kernel takes in.
inline ReplyCounterConfig replyCounterConfig(const GeneratorConfig& config) {
  return {config.route.interface, repliesTo(config.route), config.checkEvery, config.timed};
}

class Generator {
 public:
  virtual ~Generator() = default;
  /// Requests a second over all threads; 0 pauses, `unpacedRate` sends as fast as possible.
  virtual void setRate(double perSecond) = 0;
  /// Whether round trips and lags go into the histograms from here on.
  virtual void record(bool on) = 0;
  /// Where times count: replies to what was due before `sinceNs` (CLOCK_MONOTONIC) are not counted from here on.
  virtual void countSince(uint64_t sinceNs) = 0;
  /// Throws what a thread died of, if one did.
  virtual void rethrow() = 0;
  /// Counters summed over the threads, dead ones too.
  virtual CounterList counters() = 0;
  /// From when each request was due to its reply.
  virtual Histogram roundTrips() = 0;
  /// From when each request was due to when it was handed to the kernel.
  virtual Histogram lags() = 0;
  virtual void stop() = 0;
};

/// XDP live frames: the fastest. A thread feeds the one queue that its CPU number selects.
std::unique_ptr<Generator> startLiveGenerator(const GeneratorConfig& config);
/// AF_XDP sockets, one a queue, each on the thread `queue mod threads`.
std::unique_ptr<Generator> startXskGenerator(const GeneratorConfig& config);
/// Connected UDP sockets, each on the thread `connection mod threads`; one request a system call, or `batch`.
std::unique_ptr<Generator> startSocketGenerator(const GeneratorConfig& config, uint32_t batch);

}  // namespace ivb
