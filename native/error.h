#pragma once
// One error for the whole of native/: which call failed, on what, and the errno. addon_values.h turns it into a JS error.
#include <cerrno>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

namespace ivb {

class SystemError : public std::runtime_error {
 public:
  /// `code` is stable (e.g. "XDP_ATTACH"), `call` is the failed call, `number` an errno or 0.
  SystemError(std::string code, std::string call, int number, const std::string& detail)
      : std::runtime_error(detail + ": " + call + (number ? std::string(": ") + std::strerror(number) : "")),
        code(std::move(code)),
        call(std::move(call)),
        number(number) {}

  std::string code;
  std::string call;
  int number;
};

/// Runs one action after the other, whatever fails of them; then the first failure is thrown.
class Attempts {
 public:
  template <typename Action>
  void operator()(Action action) {
    try {
      action();
    } catch (...) {
      if (!first_) first_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::exception_ptr first_;
};

/// Throws with the current errno.
[[noreturn]] inline void fail(const char* code, const char* call, const std::string& detail) {
  throw SystemError(code, call, errno, detail);
}

}  // namespace ivb
