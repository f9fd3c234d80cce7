// Invokers, for JavaScript.
#include "addon_classes.h"
#include "interface_counters.h"
#include "invoker.h"

namespace ivb {
namespace {

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
  config.interface = primaryName(text(from, "interface"));
  bytes(from, "address", &config.address, 4);
  config.services = services(get(from, "services").As<Napi::Array>());
  config.queues = number(from, "queues");
  config.servedRxQueues = number(from, "servedRxQueues");
  config.cpus = numbers(from, "cpus");
  config.maxThreadsPerQueue = number(from, "maxThreadsPerQueue");
  config.idle = choice<Idle>(from, "idle");
  config.batch = number(from, "batch");
  config.workSteps = number(from, "workSteps");
  config.delayNs = number(from, "delayNs");
  config.depthPackets = number(from, "depthPackets");
  config.busyPollUs = number(from, "busyPollUs");
  config.socketBufferBytes = number(from, "socketBufferBytes");
  config.steering = choice<SocketSteering>(from, "steering");
  config.gro = choice<Switch>(from, "gro");
  config.ringSize = number(from, "ringSize");
  config.frameBytes = number(from, "frameSize");
  config.attach = choice<Attach>(from, "attach");
  config.copyMode = choice<CopyMode>(from, "copyMode");
  config.checksum = choice<Checksum>(from, "checksum");
  config.txBudget = number(from, "txBudget");
  config.loop = choice<Loop>(from, "loop");
  config.hugePages = choice<Switch>(from, "hugePages");
  return config;
}

std::unique_ptr<Invoker> startInvoker(const std::string& kind, const InvokerConfig& config) {
  if (kind == "recvfrom") return startRecvfrom(config);
  if (kind == "recvmmsg") return startRecvmmsg(config);
  if (kind == "iouring") return startIouring(config);
  if (kind == "afpacket") return startAfpacket(config);
  if (kind == "afxdp") return startAfxdp(config);
  if (kind == "tc") return startTc(config);
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

}  // namespace

void exportInvoker(Napi::Env env, Napi::Object exports) { exports.Set("Invoker", InvokerHandle::define(env)); }

}  // namespace ivb
