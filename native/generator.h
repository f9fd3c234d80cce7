#pragma once
// What addon.cc sees of a generator of paced requests, and the two engines.
#include <cstdint>
#include <memory>
#include <vector>

#include "counters.h"
#include "frame.h"

namespace ivb {

struct GeneratorConfig {
  Route route;
  uint32_t packetBytes;
  uint32_t queues;        ///< queues of the interface that are to be fed
  std::vector<int> cpus;  ///< one a thread
};

constexpr double unpacedRate = -1;

class Generator {
 public:
  virtual ~Generator() = default;
  /// Requests a second over all threads; 0 pauses, `unpacedRate` sends as fast as possible.
  virtual void setRate(double perSecond) = 0;
  /// Counters summed over the threads. Throws what a thread died of.
  virtual CounterList counters() = 0;
  virtual void stop() = 0;
};

/// XDP live frames: the fastest. A thread feeds the one queue that its CPU number selects.
std::unique_ptr<Generator> startLiveGenerator(const GeneratorConfig& config);
/// AF_XDP TX sockets, one a queue, each on the thread `queue mod threads`.
std::unique_ptr<Generator> startXskGenerator(const GeneratorConfig& config);

}  // namespace ivb
