#include "load_log.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace ivb {
namespace {

/// Where what libbpf says on this thread is kept; null: nowhere.
thread_local std::string* heard = nullptr;

int hear(libbpf_print_level level, const char* format, va_list arguments) {
  if (!heard || level != LIBBPF_WARN) return 0;
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(nullptr, 0, format, arguments);
  if (length > 0) {
    size_t before = heard->size();
    heard->resize(before + size_t(length) + 1);  // with the zero at its end
    vsnprintf(heard->data() + before, size_t(length) + 1, format, again);
    heard->pop_back();
  }
  va_end(again);
  return 0;
}

std::vector<std::string_view> linesOf(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    if (end) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool startsWithAny(std::string_view line, std::initializer_list<std::string_view> beginnings) {
  for (std::string_view beginning : beginnings) {
    if (line.substr(0, beginning.size()) == beginning) return true;
  }
  return false;
}

/// Lines of a verifier's log that tell how it got there: instructions with their registers, source, backtracking.
bool isTrace(std::string_view line) {
  if (line[0] >= '0' && line[0] <= '9') return true;
  return startsWithAny(line, {";", "from ", "func#", "Live regs", "mark_precise", "regs=", "last_idx", "parent "});
}

}  // namespace

void silenceLibbpf() { libbpf_set_print(hear); }

LoadLog::LoadLog() { heard = &text_; }
LoadLog::~LoadLog() { heard = nullptr; }

std::string LoadLog::cause() const {
  constexpr std::string_view begin = "-- BEGIN PROG LOAD LOG --\n", end = "-- END PROG LOAD LOG --";
  std::string_view text = text_;
  size_t at = text.find(begin);
  if (at == text.npos) {
    std::string_view last;
    for (std::string_view line : linesOf(text)) {
      constexpr std::string_view prefix = "libbpf: ";
      if (startsWithAny(line, {prefix})) line.remove_prefix(prefix.size());
      if (!startsWithAny(line, {"failed to load"})) last = line;  // which says no more than its caller
    }
    return std::string(last);
  }
  at += begin.size();
  std::string words;
  // Its last words may be two lines: "invalid access to packet, off=..." and "R2 offset is outside of the packet".
  for (std::string_view line : linesOf(text.substr(at, text.find(end, at) - at))) {
    if (startsWithAny(line, {"processed "})) break;  // what it cost
    if (isTrace(line)) words.clear();
    else words += (words.empty() ? "" : "; ") + std::string(line);
  }
  return words.empty() ? "" : "the verifier says: " + words;
}

}  // namespace ivb
