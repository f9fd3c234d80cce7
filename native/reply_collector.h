#pragma once
// User side of bpf/collect.bpf.c: brings replies to AF_XDP sockets.
#include <cstdint>
#include <memory>
#include <string>

#include "handle.h"

struct collect;

namespace ivb {

class ReplyCollector {
 public:
  /// Loads the program; `serverPort` in host byte order. Throws SystemError.
  explicit ReplyCollector(uint16_t serverPort);
  ReplyCollector(const ReplyCollector&) = delete;
  ~ReplyCollector();
  void setSocket(uint32_t queue, int socketFd);
  void attach(const std::string& interface);

 private:
  std::unique_ptr<struct collect, void (*)(struct collect*)> skeleton_;
  Fd link_;
};

}  // namespace ivb
