#pragma once
// User side of bpf/collect.bpf.c: brings replies to AF_XDP sockets.
#include <cstdint>
#include <memory>
#include <string>

#include "../bpf/reply.h"
#include "handle.h"

struct collect;

namespace ivb {

class ReplyCollector {
 public:
  /// Loads the program. Throws SystemError.
  explicit ReplyCollector(const reply_flows& flows);
  ReplyCollector(const ReplyCollector&) = delete;
  ~ReplyCollector();
  void setSocket(uint32_t queue, int socketFd);
  void attach(const std::string& interface);

 private:
  std::unique_ptr<struct collect, void (*)(struct collect*)> skeleton_;
  Fd link_;
};

}  // namespace ivb
