// The only file that knows Node-API: resolved values in, counters out, SystemError -> BenchError-shaped JS errors.
#include <napi.h>

#include "closed_loop.h"
#include "generator.h"
#include "interface_counters.h"
#include "invoker.h"
#include "thread.h"
#include "xdp_program.h"

namespace ivb {
namespace {

// --- values -----------------------------------------------------------------------------------------------------

Napi::Value get(const Napi::Object& object, const char* name) { return object.Get(name); }
std::string text(const Napi::Object& object, const char* name) { return get(object, name).As<Napi::String>(); }
uint32_t number(const Napi::Object& object, const char* name) { return get(object, name).As<Napi::Number>().Uint32Value(); }

std::vector<int> numbers(const Napi::Object& object, const char* name) {
  auto array = get(object, name).As<Napi::Array>();
  std::vector<int> out;
  for (uint32_t i = 0; i < array.Length(); i++) out.push_back(array.Get(i).As<Napi::Number>().Int32Value());
  return out;
}

void bytes(const Napi::Object& object, const char* name, void* out, size_t length) {
  auto value = get(object, name).As<Napi::Uint8Array>();
  if (value.ByteLength() != length)
    throw SystemError("ARGUMENT", name, 0, "expected " + std::to_string(length) + " bytes");
  std::memcpy(out, value.Data(), length);
}

const Function* function(const std::string& id) {
  const Function* found = findFunction(id.c_str());
  if (!found) throw SystemError("FUNCTION", "findFunction", 0, "no native function " + id);
  return found;
}

Napi::Object toObject(Napi::Env env, const CounterList& counters) {
  auto out = Napi::Object::New(env);
  for (const auto& [name, value] : counters) out.Set(name, Napi::Number::New(env, double(value)));
  return out;
}

Napi::Error toJs(Napi::Env env, const SystemError& error) {
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

// --- invokers ---------------------------------------------------------------------------------------------------

/// The enumerator at the place of the text in `names`.
template <typename Choice>
Choice choice(const Napi::Object& object, const char* name, std::initializer_list<const char*> names) {
  std::string given = text(object, name);
  int place = 0;
  for (const char* candidate : names) {
    if (given == candidate) return Choice(place);
    place++;
  }
  throw SystemError("ARGUMENT", name, 0, "no choice " + given);
}

std::vector<Service> services(const Napi::Array& from) {
  std::vector<Service> out;
  for (uint32_t i = 0; i < from.Length(); i++) {
    auto one = from.Get(i).As<Napi::Object>();
    out.push_back({uint16_t(number(one, "port")), function(text(one, "functionId")), number(one, "threadsPerQueue")});
  }
  return out;
}

InvokerConfig invokerConfig(const Napi::Object& from) {
  InvokerConfig config;
  config.interface = text(from, "interface");
  bytes(from, "address", &config.address, 4);
  config.services = services(get(from, "services").As<Napi::Array>());
  config.queues = number(from, "queues");
  config.cpus = numbers(from, "cpus");
  config.maxThreadsPerQueue = number(from, "maxThreadsPerQueue");
  config.idle = choice<Idle>(from, "idle", {"spin", "poll", "adaptive"});
  config.batch = number(from, "batch");
  config.busyPollUs = number(from, "busyPollUs");
  config.socketBufferBytes = number(from, "socketBufferBytes");
  config.steering = choice<SocketSteering>(from, "steering", {"hash", "port"});
  config.gro = choice<bool>(from, "gro", {"off", "on"});
  config.ringSize = number(from, "ringSize");
  config.frameBytes = number(from, "frameSize");
  config.attach = choice<Attach>(from, "attach", {"native", "skb"});
  config.copyMode = choice<CopyMode>(from, "copyMode", {"copy", "zerocopy", "auto"});
  config.checksum = choice<Checksum>(from, "checksum", {"zero", "offload", "full"});
  config.txBudget = number(from, "txBudget");
  config.classicLoop = choice<bool>(from, "loop", {"current", "2018"});
  config.hugePages = choice<bool>(from, "hugePages", {"off", "on"});
  return config;
}

std::unique_ptr<Invoker> startInvoker(const std::string& kind, const InvokerConfig& config) {
  if (kind == "recvfrom") return startRecvfrom(config);
  if (kind == "recvmmsg") return startRecvmmsg(config);
  if (kind == "iouring") return startIouring(config);
  if (kind == "afxdp") return startAfxdp(config);
  if (kind == "xdp") return startXdp(config);
  throw SystemError("IMPLEMENTATION", "startInvoker", 0, "no native implementation " + kind);
}

class InvokerHandle : public Napi::ObjectWrap<InvokerHandle> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Invoker",
                       {InstanceMethod<&InvokerHandle::threads>("threads"),
                        InstanceMethod<&InvokerHandle::shared>("shared"),
                        InstanceMethod<&InvokerHandle::granted>("granted"),
                        InstanceMethod<&InvokerHandle::scale>("scale"),
                        InstanceMethod<&InvokerHandle::stop>("stop")});
  }

  explicit InvokerHandle(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    guarded(info.Env(), [&] {
      invoker_ = startInvoker(info[0].As<Napi::String>(), invokerConfig(info[1].As<Napi::Object>()));
    });
  }

 private:
  Napi::Value threads(const Napi::CallbackInfo& info) {
    auto readings = guarded(info.Env(), [&] { return invoker_->readThreads(); });
    auto out = Napi::Array::New(info.Env(), readings.size());
    for (uint32_t i = 0; i < readings.size(); i++) {
      auto one = Napi::Object::New(info.Env());
      one.Set("port", Napi::Number::New(info.Env(), readings[i].port));
      one.Set("queue", Napi::Number::New(info.Env(), readings[i].queue));
      one.Set("state", readings[i].running ? "running" : "retired");
      one.Set("counters", toObject(info.Env(), readings[i].counters));
      out.Set(i, one);
    }
    return out;
  }
  void scale(const Napi::CallbackInfo& info) {
    guarded(info.Env(), [&] {
      invoker_->scale(uint16_t(info[0].As<Napi::Number>().Uint32Value()), info[1].As<Napi::Number>().Uint32Value());
    });
  }
  Napi::Value shared(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return toObject(info.Env(), invoker_->sharedCounters()); });
  }
  Napi::Value granted(const Napi::CallbackInfo& info) {
    auto out = Napi::Object::New(info.Env());
    guarded(info.Env(), [&] {
      for (const auto& [name, value] : invoker_->granted()) out.Set(name, value);
    });
    return out;
  }
  void stop(const Napi::CallbackInfo& info) {
    guarded(info.Env(), [&] { invoker_->stop(); });
  }

  std::unique_ptr<Invoker> invoker_;
};

// --- load -------------------------------------------------------------------------------------------------------

Napi::Value toPairs(Napi::Env env, const Histogram& histogram) {
  auto pairs = histogram.pairs();
  auto out = Napi::Array::New(env, pairs.size());
  for (uint32_t i = 0; i < pairs.size(); i++) {
    auto pair = Napi::Array::New(env, 2);
    pair.Set(0u, Napi::Number::New(env, double(pairs[i].first)));
    pair.Set(1u, Napi::Number::New(env, double(pairs[i].second)));
    out.Set(i, pair);
  }
  return out;
}

GeneratorConfig generatorConfig(const Napi::Object& from) {
  GeneratorConfig config{};
  config.route.interface = text(from, "interface");
  bytes(from, "sourceMac", config.route.sourceMac, 6);
  bytes(from, "destinationMac", config.route.destinationMac, 6);
  bytes(from, "sourceAddress", &config.route.sourceAddress, 4);
  bytes(from, "destinationAddress", &config.route.destinationAddress, 4);
  config.route.firstSourcePort = uint16_t(number(from, "firstSourcePort"));
  config.route.flows = uint16_t(number(from, "flows"));
  config.route.destinationPort = uint16_t(number(from, "port"));
  config.connections = number(from, "connections");
  config.packetBytes = number(from, "packetBytes");
  config.queues = number(from, "queues");
  config.cpus = numbers(from, "cpus");
  config.function = function(text(from, "functionId"));
  config.checkEvery = number(from, "checkEvery");
  config.replies = choice<Replies>(from, "replies", {"kernel", "own"});
  config.copyMode = choice<CopyMode>(from, "copyMode", {"copy", "zerocopy", "auto"});
  config.arrival = choice<Arrival>(from, "arrival", {"constant", "poisson"});
  config.timed = get(from, "timed").As<Napi::Boolean>();
  return config;
}

std::unique_ptr<Generator> startGenerator(const std::string& engine, const GeneratorConfig& config) {
  constexpr uint32_t sendmmsgBatch = 64;
  if (engine == "live") return startLiveGenerator(config);
  if (engine == "afxdp") return startXskGenerator(config);
  if (engine == "sendmmsg") return startSocketGenerator(config, sendmmsgBatch);
  if (engine == "socket") return startSocketGenerator(config, 1);
  throw SystemError("ENGINE", "startGenerator", 0, "no engine " + engine);
}

class LoadHandle : public Napi::ObjectWrap<LoadHandle> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "PacedLoad",
                       {InstanceMethod<&LoadHandle::setRate>("setRate"),
                        InstanceMethod<&LoadHandle::record>("record"),
                        InstanceMethod<&LoadHandle::countFromNow>("countFromNow"),
                        InstanceMethod<&LoadHandle::counters>("counters"),
                        InstanceMethod<&LoadHandle::roundTrips>("roundTrips"),
                        InstanceMethod<&LoadHandle::lags>("lags"),
                        InstanceMethod<&LoadHandle::stop>("stop")});
  }

  explicit LoadHandle(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    guarded(info.Env(), [&] {
      generator_ = startGenerator(info[0].As<Napi::String>(), generatorConfig(info[1].As<Napi::Object>()));
    });
  }

 private:
  void setRate(const Napi::CallbackInfo& info) { generator_->setRate(info[0].As<Napi::Number>().DoubleValue()); }
  void record(const Napi::CallbackInfo& info) { generator_->record(info[0].As<Napi::Boolean>()); }
  void countFromNow(const Napi::CallbackInfo&) { generator_->countSince(monotonicNs()); }
  Napi::Value counters(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return toObject(info.Env(), generator_->counters()); });
  }
  Napi::Value roundTrips(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return toPairs(info.Env(), generator_->roundTrips()); });
  }
  Napi::Value lags(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return toPairs(info.Env(), generator_->lags()); });
  }
  void stop(const Napi::CallbackInfo& info) {
    guarded(info.Env(), [&] { generator_->stop(); });
  }

  std::unique_ptr<Generator> generator_;
};

class ClosedLoopHandle : public Napi::ObjectWrap<ClosedLoopHandle> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "ClosedLoop",
                       {InstanceMethod<&ClosedLoopHandle::record>("record"),
                        InstanceMethod<&ClosedLoopHandle::counters>("counters"),
                        InstanceMethod<&ClosedLoopHandle::roundTrips>("roundTrips"),
                        InstanceMethod<&ClosedLoopHandle::quiesce>("quiesce"),
                        InstanceMethod<&ClosedLoopHandle::stop>("stop")});
  }

  explicit ClosedLoopHandle(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    guarded(info.Env(), [&] {
      auto from = info[0].As<Napi::Object>();
      ClosedLoopConfig config{};
      bytes(from, "serverAddress", &config.serverAddress, 4);
      config.port = uint16_t(number(from, "port"));
      config.packetBytes = number(from, "packetBytes");
      config.function = function(text(from, "functionId"));
      config.requests = choice<Requests>(from, "requests", {"stamped", "plain"});
      config.cpus = numbers(from, "cpus");
      config.recording = get(from, "recording").As<Napi::Boolean>();
      loop_ = std::make_unique<ClosedLoop>(config);
    });
  }

 private:
  void record(const Napi::CallbackInfo& info) { loop_->record(info[0].As<Napi::Boolean>()); }
  Napi::Value counters(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return toObject(info.Env(), loop_->counters()); });
  }
  Napi::Value roundTrips(const Napi::CallbackInfo& info) { return toPairs(info.Env(), loop_->roundTrips()); }
  void quiesce(const Napi::CallbackInfo&) { loop_->quiesce(); }
  void stop(const Napi::CallbackInfo& info) {
    guarded(info.Env(), [&] { loop_->stop(); });
  }

  std::unique_ptr<ClosedLoop> loop_;
};

/// The counting program alone, at the far end of a wire: takes in what a generator sends, and answers nothing.
class SinkHandle : public Napi::ObjectWrap<SinkHandle> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Sink",
                       {InstanceMethod<&SinkHandle::counters>("counters"), InstanceMethod<&SinkHandle::close>("close")});
  }

  explicit SinkHandle(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    guarded(info.Env(), [&] {
      // A generated request is what `echo` would reply.
      auto pattern = replyPattern(*function("echo"), info[1].As<Napi::Number>().Uint32Value());
      counter_ = std::make_unique<ReplyCounter>(
          ReplyCounterConfig{info[0].As<Napi::String>(), reply_flows{}, info[2].As<Napi::Number>().Uint32Value(), false},
          pattern);
    });
  }

 private:
  Napi::Value counters(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] {
      CounterList list;
      counter_->append(list);
      return toObject(info.Env(), list);
    });
  }
  void close(const Napi::CallbackInfo&) { counter_.reset(); }

  std::unique_ptr<ReplyCounter> counter_;
};

// --- the rest ---------------------------------------------------------------------------------------------------

class PassHandle : public Napi::ObjectWrap<PassHandle> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "PassProgram", {InstanceMethod<&PassHandle::close>("close")});
  }
  explicit PassHandle(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    guarded(info.Env(), [&] { program_ = std::make_unique<PassProgram>(info[0].As<Napi::String>()); });
  }

 private:
  void close(const Napi::CallbackInfo&) { program_.reset(); }

  std::unique_ptr<PassProgram> program_;
};

Napi::Value readInterfaceCounters(const Napi::CallbackInfo& info) {
  return guarded(info.Env(),
                 [&] { return toObject(info.Env(), interfaceCounters(info[0].As<Napi::String>())); });
}

Napi::Value readRxQueues(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), rxQueues(info[0].As<Napi::String>())); });
}

void pinToCpu(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { pinThread(info[0].As<Napi::Number>().Int32Value()); });
}

/// runFunction(id, buffer, length): runs it in place on the first `length` bytes; returns the reply's length or -1.
Napi::Value runFunction(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    auto buffer = info[1].As<Napi::Uint8Array>();
    size_t length = std::min<size_t>(info[2].As<Napi::Number>().Uint32Value(), buffer.ByteLength());
    size_t result = function(info[0].As<Napi::String>())->run(buffer.Data(), length, buffer.ByteLength());
    return Napi::Number::New(info.Env(), result == functionFailed ? -1 : double(result));
  });
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  silenceLibbpf();
  exports.Set("Invoker", InvokerHandle::define(env));
  exports.Set("PacedLoad", LoadHandle::define(env));
  exports.Set("ClosedLoop", ClosedLoopHandle::define(env));
  exports.Set("Sink", SinkHandle::define(env));
  exports.Set("PassProgram", PassHandle::define(env));
  exports.Set("interfaceCounters", Napi::Function::New(env, readInterfaceCounters));
  exports.Set("rxQueues", Napi::Function::New(env, readRxQueues));
  exports.Set("pinThread", Napi::Function::New(env, pinToCpu));
  exports.Set("runFunction", Napi::Function::New(env, runFunction));
  return exports;
}

}  // namespace

NODE_API_MODULE(invoker, init)

}  // namespace ivb
