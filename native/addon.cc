// The Node addon: only addon*.{cc,h} know Node-API.
#include <arpa/inet.h>

#include "addon_classes.h"
#include "interface_counters.h"
#include "interface_facts.h"
#include "io_ring.h"
#include "packet_ring.h"
#include "reuseport_group.h"
#include "thread.h"
#include "udp_addresses.h"
#include "udp_socket.h"
#include "waits.h"
#include "work.h"
#include "xdp_program.h"
#include "xsk_socket.h"

namespace ivb {
namespace {

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

Napi::Value readQueueCounts(const Napi::CallbackInfo& info) {
  QueueCounts counts = guarded(info.Env(), [&] { return queueCounts(info[0].As<Napi::String>()); });
  auto out = Napi::Object::New(info.Env());
  out.Set("rx", Napi::Number::New(info.Env(), counts.rx));
  out.Set("tx", Napi::Number::New(info.Env(), counts.tx));
  return out;
}

/// xdpAbilities(interface): an object, or null where the kernel does not tell.
Napi::Value readXdpAbilities(const Napi::CallbackInfo& info) {
  auto abilities = guarded(info.Env(), [&] { return xdpAbilities(info[0].As<Napi::String>()); });
  if (!abilities) return info.Env().Null();
  auto features = Napi::Array::New(info.Env());
  for (const std::string& feature : abilities->features) features.Set(features.Length(), feature);
  auto out = Napi::Object::New(info.Env());
  out.Set("features", features);
  out.Set("zeroCopySegments", Napi::Number::New(info.Env(), abilities->zeroCopySegments));
  return out;
}

/// xdpPrograms(): an array of objects.
Napi::Value readXdpPrograms(const Napi::CallbackInfo& info) {
  auto programs = guarded(info.Env(), [] { return xdpPrograms(); });
  auto out = Napi::Array::New(info.Env());
  for (const XdpProgram& program : programs) {
    auto one = Napi::Object::New(info.Env());
    one.Set("id", Napi::Number::New(info.Env(), program.id));
    one.Set("name", program.name);
    out.Set(out.Length(), one);
  }
  return out;
}

/// tryMechanism(name): makes what a datapath stands on, and lets it go.
void tryMechanism(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] {
    std::string name = info[0].As<Napi::String>();
    if (name == "xdpProgram") tryXdpProgram();
    if (name == "xdpSocket") openXskSocket();
    if (name == "packetSocket") PacketRing(64);
    if (name == "ioUring") IoRing({.buffers = 2, .bufferBytes = 2048, .busyPollUs = 0, .tellsWork = false});
  });
}

void pinToCpu(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { pinThread(info[0].As<Napi::Number>().Int32Value()); });
}

/// ownWaits(): counters by the names that threads have them by; none where the kernel does not keep them.
Napi::Value readOwnWaits(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    CounterList out;
    if (auto waits = ownWaits()) out = {{"runDelayNs", waits->delayNs}, {"runs", waits->runs}};
    return toObject(info.Env(), out);
  });
}

/// severalAddresses(interface): dotted quads.
Napi::Value readAddresses(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    auto addresses = severalAddresses(info[0].As<Napi::String>());
    auto out = Napi::Array::New(info.Env(), addresses.size());
    for (uint32_t i = 0; i < addresses.size(); i++) {
      char text[INET_ADDRSTRLEN];
      out.Set(i, inet_ntop(AF_INET, &addresses[i], text, sizeof text));
    }
    return out;
  });
}

Napi::Value readLongestPayload(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), longestPayload(info[0].As<Napi::String>())); });
}

/// measureStep(cpu): ns a step of work.
Napi::Value measureStepOn(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    OnCpu there(info[0].As<Napi::Number>().Int32Value());
    return Napi::Number::New(info.Env(), measureStep());
  });
}

/// compute(payload, steps): what that work comes to.
Napi::Value computeOn(const Napi::CallbackInfo& info) {
  auto payload = info[0].As<Napi::Uint8Array>();
  uint32_t digest = compute(payload.Data(), payload.ByteLength(), info[1].As<Napi::Number>().Uint32Value());
  return Napi::Number::New(info.Env(), digest);
}

void stayBusyFor(const Napi::CallbackInfo& info) { stayBusy(info[0].As<Napi::Number>().Uint32Value()); }

/// datagramsIn(bytes): what a receive buffer of that size, as the kernel counts it, holds for certain.
Napi::Value countDatagramsIn(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), datagramsIn(info[0].As<Napi::Number>().Uint32Value()));
}

UdpSocketOptions socketOptions(const Napi::Object& from) {
  UdpSocketOptions options{.interface = text(from, "interface"),
                           .address = 0,
                           .port = uint16_t(number(from, "port")),
                           .sharing = number(from, "sharers") > 1 ? PortSharing::reusePort : PortSharing::exclusive,
                           .bufferBytes = bufferBytesOf(number(from, "socketBufferBytes"), number(from, "depthPackets")),
                           .busyPollUs = 0};
  bytes(from, "address", &options.address, 4);
  return options;
}

/// takeUdp(process, descriptor, {...}): a file descriptor, which is the caller's.
Napi::Value takeUdpSocket(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    Fd socket = takeDescriptor(info[0].As<Napi::Number>().Int32Value(), info[1].As<Napi::Number>().Int32Value());
    setUpUdp(socket.get(), socketOptions(info[2].As<Napi::Object>()));
    return Napi::Number::New(info.Env(), socket.release());
  });
}

/// bindUdp({...}): a file descriptor, which is the caller's.
Napi::Value bindUdpSocket(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    auto from = info[0].As<Napi::Object>();
    UdpSocketOptions options = socketOptions(from);
    Fd socket = bindUdp(options);
    if (options.sharing == PortSharing::reusePort && choice<SocketSteering>(from, "steering") == SocketSteering::port)
      steerByPort(socket.get(), number(from, "sharers"));
    return Napi::Number::New(info.Env(), socket.release());
  });
}

void keepPortOf(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { keepPort(info[0].As<Napi::Number>().Int32Value()); });
}

Napi::Value readReceiveBufferBytes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    return Napi::Number::New(info.Env(), receiveBufferBytes(info[0].As<Napi::Number>().Int32Value()));
  });
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
  exportInvoker(env, exports);
  exportLoads(env, exports);
  exports.Set("PassProgram", PassHandle::define(env));
  exports.Set("interfaceCounters", Napi::Function::New(env, readInterfaceCounters));
  exports.Set("queueCounts", Napi::Function::New(env, readQueueCounts));
  exports.Set("xdpAbilities", Napi::Function::New(env, readXdpAbilities));
  exports.Set("xdpPrograms", Napi::Function::New(env, readXdpPrograms));
  exports.Set("tryMechanism", Napi::Function::New(env, tryMechanism));
  exports.Set("pinThread", Napi::Function::New(env, pinToCpu));
  exports.Set("ownWaits", Napi::Function::New(env, readOwnWaits));
  exports.Set("measureStep", Napi::Function::New(env, measureStepOn));
  exports.Set("compute", Napi::Function::New(env, computeOn));
  exports.Set("stayBusy", Napi::Function::New(env, stayBusyFor));
  exports.Set("takeUdp", Napi::Function::New(env, takeUdpSocket));
  exports.Set("bindUdp", Napi::Function::New(env, bindUdpSocket));
  exports.Set("keepPort", Napi::Function::New(env, keepPortOf));
  exports.Set("receiveBufferBytes", Napi::Function::New(env, readReceiveBufferBytes));
  exports.Set("datagramsIn", Napi::Function::New(env, countDatagramsIn));
  exports.Set("severalAddresses", Napi::Function::New(env, readAddresses));
  exports.Set("longestPayload", Napi::Function::New(env, readLongestPayload));
  exports.Set("runFunction", Napi::Function::New(env, runFunction));
  return exports;
}

}  // namespace

NODE_API_MODULE(invoker, init)

}  // namespace ivb
