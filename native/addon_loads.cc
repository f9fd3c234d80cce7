// What sends requests and what takes them in, for JavaScript.
#include "addon_classes.h"
#include "closed_loop.h"
#include "generator.h"
#include "thread.h"

namespace ivb {
namespace {

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
  config.replies = choice<Replies>(from, "replies");
  config.copyMode = choice<CopyMode>(from, "copyMode");
  config.arrival = choice<Arrival>(from, "arrival");
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
                        InstanceMethod<&LoadHandle::lastCounters>("lastCounters"),
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
    return guarded(info.Env(), [&] {
      generator_->rethrow();
      return toObject(info.Env(), generator_->counters());
    });
  }
  Napi::Value lastCounters(const Napi::CallbackInfo& info) {
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
      config.requests = choice<Requests>(from, "requests");
      config.connections = number(from, "connections");
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

}  // namespace

void exportLoads(Napi::Env env, Napi::Object exports) {
  exports.Set("PacedLoad", LoadHandle::define(env));
  exports.Set("ClosedLoop", ClosedLoopHandle::define(env));
  exports.Set("Sink", SinkHandle::define(env));
}

}  // namespace ivb
