#pragma once
// An eBPF program at the ingress of an interface, as a filter of its clsact qdisc: any driver, any kernel.
#include <bpf/libbpf.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ivb {

/// A filter of a qdisc.
struct TcFilter {
  uint32_t priority;
  std::string name;  ///< of its program, or its kind
};

/// Attached while this lives, and the process: however it ends by itself, the filter goes. It outlives one that dies of SIGKILL:
/// its handle says whether the qdisc goes with it then (common/wire/filters.ts).
class TcHook {
 public:
  /// Throws SystemError TC_ATTACH, naming who has a filter or a program there already.
  TcHook(const std::string& interface, int programFd);
  TcHook(const TcHook&) = delete;
  ~TcHook();

  bool isAttached() const { return handle_ != 0; }
  /// Throws SystemError INTERFACE_GONE, or TC_ATTACH where somebody took the filter away.
  void refuseMissing() const;
  /// The qdisc goes, too, if it was made for the filter and nobody else has one in it. Throws SystemError TC_ATTACH.
  void detach();

 private:
  bpf_tc_hook hook() const;

  const std::string interface_;
  const int index_;
  uint32_t handle_ = 0;  ///< 0: not attached
};

}  // namespace ivb
