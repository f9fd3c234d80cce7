#pragma once
// Values and errors between JavaScript and C++: resolved values in, counters out, SystemError -> BenchError-shaped errors.
#include <napi.h>

#include <cstring>
#include <string>
#include <vector>

#include "choices.h"
#include "counters.h"
#include "error.h"
#include "functions.h"

namespace ivb {

inline Napi::Value get(const Napi::Object& object, const char* name) { return object.Get(name); }
inline std::string text(const Napi::Object& object, const char* name) { return get(object, name).As<Napi::String>(); }
inline uint32_t number(const Napi::Object& object, const char* name) { return get(object, name).As<Napi::Number>().Uint32Value(); }

inline std::vector<int> toNumbers(const Napi::Array& array) {
  std::vector<int> out;
  for (uint32_t i = 0; i < array.Length(); i++) out.push_back(array.Get(i).As<Napi::Number>().Int32Value());
  return out;
}

inline std::vector<int> numbers(const Napi::Object& object, const char* name) {
  return toNumbers(get(object, name).As<Napi::Array>());
}

inline void bytes(const Napi::Object& object, const char* name, void* out, size_t length) {
  auto value = get(object, name).As<Napi::Uint8Array>();
  if (value.ByteLength() != length)
    throw SystemError("ARGUMENT", name, 0, "expected " + std::to_string(length) + " bytes");
  std::memcpy(out, value.Data(), length);
}

inline const Function* function(const std::string& id) {
  const Function* found = findFunction(id.c_str());
  if (!found) throw SystemError("FUNCTION", "findFunction", 0, "no native function " + id);
  return found;
}

inline Napi::Object toObject(Napi::Env env, const CounterList& counters) {
  auto out = Napi::Object::New(env);
  for (const auto& [name, value] : counters) out.Set(name, Napi::Number::New(env, double(value)));
  return out;
}

inline Napi::Error toJs(Napi::Env env, const SystemError& error) {
  auto out = Napi::Error::New(env, error.what());
  out.Set("code", error.code);
  out.Set("call", error.call);
  if (error.number) out.Set("errno", Napi::Number::New(env, error.number));
  return out;
}

/// Runs `action`, turning native errors into JS ones.
template <typename Action>
auto guarded(Napi::Env env, Action action) {
  try {
    return action();
  } catch (const SystemError& error) {
    throw toJs(env, error);
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    // Out of memory or of threads.
    throw toJs(env, SystemError("RESOURCES", "native", 0, error.what()));
  }
}

template <typename Choice>
Choice choice(const Napi::Object& object, const char* name) {
  return choiceOf<Choice>(name, text(object, name));
}

}  // namespace ivb
