#pragma once
// The functions that invokers run. The JavaScript side of the same table is impls/functions.ts.
#include <cstddef>
#include <cstdint>

namespace ivb {

/// Runs on a request's payload in place. Returns the reply's length (<= capacity), or `functionFailed`.
using FunctionBody = size_t (*)(uint8_t* payload, size_t length, size_t capacity);

constexpr size_t functionFailed = SIZE_MAX;

struct Function {
  const char* id;
  FunctionBody run;
};

/// The entry of that id, ready to run, or nullptr. Not from several threads at once.
const Function* findFunction(const char* id);

/// Reverses `length` bytes in place, last byte first, with the widest shuffle this CPU has.
void reverseBytes(uint8_t* bytes, size_t length);

/// The same byte by byte: the reference that reverseBytes is tested against.
void reverseBytewise(uint8_t* bytes, size_t length);

}  // namespace ivb
