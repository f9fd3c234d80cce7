#pragma once
// What addon.cc sees of an invoker: started by its maker, counted, stopped.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "counters.h"
#include "functions.h"

namespace ivb {

enum class Idle { spin, poll };

/// Everything resolved; no defaults below this line.
struct InvokerConfig {
  std::string interface;  ///< AF_XDP: bound to it; sockets: SO_BINDTODEVICE
  uint16_t port;          ///< host byte order
  const Function* function;
  uint32_t threads;
  uint32_t queues;
  std::vector<int> cpus;  ///< one a thread
  Idle idle;
  uint32_t batch;
  uint32_t ringSize;
  uint32_t frameBytes;
  uint32_t socketBufferBytes;
};

/// Counted by one invoker thread.
struct alignas(64) InvokerCounters {
  Counter received;        ///< requests taken from the kernel
  Counter handled;         ///< requests the function ran on
  Counter replied;         ///< replies the kernel accepted
  Counter functionFailed;  ///< requests dropped because the function said so
  Counter malformed;       ///< packets that were no request
  Counter sendFailed;      ///< replies the kernel refused (not in `replied`)
  Counter txFull;          ///< replies dropped for want of room on the TX ring (not in `replied`)
  Counter txLost;          ///< replies the kernel took and then lost on its way out (in `replied`)
  Counter syscalls;
  HiccupCounters hiccups;

  /// Without the hiccups, which a thread that blocks for each request cannot tell from rest.
  CounterList list() const {
    return {{"received", received.get()},   {"handled", handled.get()},
                    {"replied", replied.get()},     {"functionFailed", functionFailed.get()},
                    {"malformed", malformed.get()}, {"sendFailed", sendFailed.get()},
                    {"txFull", txFull.get()},       {"txLost", txLost.get()},
                    {"syscalls", syscalls.get()}};
  }
  CounterList listWithHiccups() const {
    CounterList out = list();
    hiccups.append(out);
    return out;
  }
};

class Invoker {
 public:
  virtual ~Invoker() = default;
  /// Stops taking requests, answers those already received, joins the threads. May be called again.
  virtual void stop() = 0;
  /// One list a thread. Throws what a thread died of.
  virtual std::vector<CounterList> threadCounters() = 0;
  /// Counters of what the threads share (rings, steering).
  virtual CounterList sharedCounters() = 0;
  /// What the kernel granted, by name.
  virtual std::vector<std::pair<std::string, std::string>> granted() = 0;
};

std::unique_ptr<Invoker> startRecvfrom(const InvokerConfig& config);
std::unique_ptr<Invoker> startRecvmmsg(const InvokerConfig& config);
std::unique_ptr<Invoker> startAfxdp(const InvokerConfig& config);

}  // namespace ivb
