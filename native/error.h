#pragma once
// One error for the whole of native/: which call failed, on what, and the errno. addon_values.h turns it into a JS error.
#include <cerrno>
#include <cstring>
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

/// Throws with the current errno.
[[noreturn]] inline void fail(const char* code, const char* call, const std::string& detail) {
  throw SystemError(code, call, errno, detail);
}

}  // namespace ivb
