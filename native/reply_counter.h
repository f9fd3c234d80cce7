#pragma once
// User side of bpf/count.bpf.c: counts and verifies the replies at the client's interface.
#include <cstdint>
#include <memory>
#include <string>

#include "counters.h"
#include "functions.h"
#include "handle.h"

struct count;

namespace ivb {

struct ReplyCounterConfig {
  std::string interface;
  uint16_t serverPort;  ///< host byte order
  uint32_t packetBytes;
  const Function* function;
  uint32_t checkEvery;  ///< compare the whole content of one reply in so many
};

class ReplyCounter {
 public:
  /// Loads and attaches. Throws SystemError.
  explicit ReplyCounter(const ReplyCounterConfig& config);
  ReplyCounter(const ReplyCounter&) = delete;
  ~ReplyCounter();
  void append(CounterList& out) const;

 private:
  std::unique_ptr<struct count, void (*)(struct count*)> skeleton_;
  Fd link_;
};

}  // namespace ivb
