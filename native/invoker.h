#pragma once
// What the addon sees of an invoker: started by its maker, counted, scaled, stopped.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "choices.h"
#include "counters.h"
#include "functions.h"
#include "thread.h"

namespace ivb {

/// A function on a port, with so many threads for each RX queue.
struct Service {
  uint16_t port;  ///< host byte order
  const Function* function;
  uint32_t threadsPerQueue;
};

/// Everything resolved; no defaults below this line. An implementation ignores what is not its own.
struct InvokerConfig {
  std::string interface;  ///< AF_PACKET, AF_XDP, tc, XDP: bound to it; UDP sockets: SO_BINDTODEVICE unless empty
  uint32_t address;       ///< that sockets are bound to, network byte order; 0: all
  std::vector<Service> services;
  uint32_t queues;          ///< each with threads of its own
  uint32_t servedRxQueues;  ///< AF_XDP, XDP: the first so many; 0: all. RX queue i is served by the threads of i modulo `queues`
  /// One a thread: service by service, in it queue by queue. Behind them, in the same order, those of the threads that
  /// scale() may add, or none: these are not pinned then.
  std::vector<int> cpus;
  uint32_t maxThreadsPerQueue;  ///< of a service, that scale() may ask for
  Idle idle;
  uint32_t batch;
  uint32_t workSteps;     ///< that are computed after each function (bpf/work.h)
  uint32_t delayNs;       ///< that a thread is kept busy after each request; 0: not
  uint32_t depthPackets;  ///< requests that may wait for a thread
  uint32_t busyPollUs;    ///< 0: off
  // Sockets.
  uint32_t socketBufferBytes;  ///< 0: what holds `depthPackets`
  SocketSteering steering;
  Switch gro;
  // AF_XDP.
  uint32_t ringSize;  ///< entries of TX and completion rings
  uint32_t frameBytes;
  Attach attach;
  CopyMode copyMode;
  Checksum checksum;
  Switch hugePages;
  uint32_t txBudget;  ///< frames a system call may send (XDP_MAX_TX_SKB_BUDGET)
  Loop loop;

  /// The CPU of the thread of that number among those of its service and queue.
  int cpuOf(size_t service, uint32_t queue, uint32_t number) const {
    const bool added = number >= services[service].threadsPerQueue;
    size_t place = 0;
    for (size_t s = 0; s < services.size(); s++) {
      const uint32_t atStart = services[s].threadsPerQueue;
      if (added) place += size_t(queues) * atStart;
      if (s < service) place += size_t(queues) * (added ? maxThreadsPerQueue - atStart : atStart);
    }
    const uint32_t atStart = services[service].threadsPerQueue;
    place += added ? queue * (maxThreadsPerQueue - atStart) + number - atStart : queue * atStart + number;
    return place < cpus.size() ? cpus[place] : anyCpu;
  }
};

/// Counted by one invoker thread.
struct alignas(64) InvokerCounters {
  Counter received;        ///< requests taken from the kernel
  Counter handled;         ///< requests the function ran on
  Counter replied;         ///< replies the kernel took to send (docs/invoker.md says when each implementation knows)
  Counter functionFailed;  ///< requests dropped because the function said so
  Counter malformed;       ///< packets that were no request
  Counter refusedSource;   ///< requests that are not answered for where they come from (native/source_port.h)
  Counter sendFailed;      ///< replies the kernel refused (not in `replied`)
  Counter txFull;          ///< replies dropped for want of room on the TX ring (not in `replied`)
  Counter txLost;          ///< replies the kernel took and then lost on its way out (in `replied`)
  Counter kickRetries;     ///< AF_XDP: times the kernel refused to send: the interface was down or being reset
  Counter ringFull;        ///< AF_PACKET: requests dropped for want of room in the ring (not in `received`)
  Counter socketDropped;   ///< dropped by sockets that were closed since; the open one's are asked of the kernel

  CounterList list() const {
    return {{"received", received.get()},   {"handled", handled.get()},
            {"replied", replied.get()},     {"functionFailed", functionFailed.get()},
            {"malformed", malformed.get()}, {"refusedSource", refusedSource.get()},
            {"sendFailed", sendFailed.get()}, {"txFull", txFull.get()},
            {"txLost", txLost.get()}};
  }
};

/// What one thread did, and for whom. A thread that was scaled away keeps its place in the list.
struct ThreadReading {
  uint16_t port;
  uint32_t queue;
  bool running;
  CounterList counters;
};

class Invoker {
 public:
  virtual ~Invoker() = default;
  /// Gives the service on `port` that many threads for each queue. No request that was already received is lost.
  /// Throws SystemError SCALE where that cannot be.
  virtual void scale(uint16_t port, uint32_t threadsPerQueue) = 0;
  /// Stops taking requests, answers those already received, joins the threads. May be called again.
  virtual void stop() = 0;
  /// Throws what a thread died of.
  virtual std::vector<ThreadReading> readThreads() = 0;
  /// Counters of what the threads share (rings, steering).
  virtual CounterList sharedCounters() = 0;
  /// What the kernel granted, by name.
  virtual std::vector<std::pair<std::string, std::string>> granted() = 0;
};

std::unique_ptr<Invoker> startRecvfrom(const InvokerConfig& config);
std::unique_ptr<Invoker> startRecvmmsg(const InvokerConfig& config);
std::unique_ptr<Invoker> startIouring(const InvokerConfig& config);
std::unique_ptr<Invoker> startAfpacket(const InvokerConfig& config);
std::unique_ptr<Invoker> startAfxdp(const InvokerConfig& config);
std::unique_ptr<Invoker> startTc(const InvokerConfig& config);
std::unique_ptr<Invoker> startXdp(const InvokerConfig& config);

}  // namespace ivb
