#pragma once
// What libbpf and the kernel's verifier say while a program loads, made one line.
#include <string>

namespace ivb {

/// Its messages are many lines on stderr; ours say what failed in one. To be called before any other use of libbpf.
void silenceLibbpf();

/// Keeps what libbpf says on the calling thread while this lives.
class LoadLog {
 public:
  LoadLog();
  LoadLog(const LoadLog&) = delete;
  ~LoadLog();

  /// Why the program or a map of it was refused, on one line: the verifier's last words or, where it was not asked,
  /// libbpf's. Empty where nothing was said.
  std::string cause() const;

 private:
  std::string text_;
};

}  // namespace ivb
