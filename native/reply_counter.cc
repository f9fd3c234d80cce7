#include "reply_counter.h"

#include <arpa/inet.h>

#include <vector>

#include "../bpf/count.h"
#include "../bpf/stamp.h"
#include "count.skel.h"
#include "frame.h"
#include "xdp_program.h"

namespace ivb {
namespace {

using Skeleton = std::unique_ptr<struct count, void (*)(struct count*)>;

/// Puts the reply to a request whose stamp is all `stampByte` into `payload`; returns its length.
size_t replyTo(const ReplyCounterConfig& config, uint8_t stampByte, uint8_t* payload, size_t capacity) {
  std::vector<uint8_t> frame(headerBytes + capacity);
  buildRequest(frame.data(), config.packetBytes, Route{}, 0);
  uint8_t* request = frame.data() + headerBytes;
  std::memset(request, stampByte, STAMP_BYTES);
  size_t replyBytes = config.function->run(request, config.packetBytes - headerBytes, capacity);
  if (replyBytes == functionFailed)
    throw SystemError("FUNCTION", config.function->id, 0, "the function fails on the generated request");
  std::memcpy(payload, request, replyBytes);
  return replyBytes;
}

/// Lets the function make the expected reply from a request, and masks out what differs from request to request.
Skeleton load(const ReplyCounterConfig& config) {
  constexpr size_t bytes = COUNT_WORDS * 8;
  size_t requestBytes = config.packetBytes - headerBytes;
  // The replies to two requests that differ in every byte of the stamp tell which bytes of a reply are the stamp's.
  uint8_t payload[bytes] = {}, other[bytes] = {}, mask[bytes] = {};
  size_t replyBytes = replyTo(config, STAMP_FORM & 0xff, payload, bytes);
  replyTo(config, (STAMP_FORM & 0xff) + 1, other, bytes);
  for (size_t i = 0; i < replyBytes; i++) mask[i] = payload[i] == other[i] ? 0xff : 0;
  size_t stampOffset = config.function->stampOffset(requestBytes, STAMP_BYTES);

  return loadSkeleton(count__open, count__load, count__destroy, "counting", [&](struct count& skeleton) {
    auto& fixed = *const_cast<std::remove_const_t<std::remove_pointer_t<decltype(skeleton.rodata)>>*>(skeleton.rodata);
    fixed.server_port = htons(config.serverPort);
    fixed.payload_bytes = uint32_t(replyBytes);
    fixed.stamp_offset = uint32_t(stampOffset);
    fixed.check_every = config.checkEvery;
    std::memcpy(const_cast<__u64*>(fixed.expected), payload, bytes);
    std::memcpy(const_cast<__u64*>(fixed.compared), mask, bytes);
  });
}

}  // namespace

ReplyCounter::ReplyCounter(const ReplyCounterConfig& config)
    : skeleton_(load(config)),
      link_(attachXdp(bpf_program__fd(skeleton_->progs.count_replies), config.interface, Attach::native)) {}

ReplyCounter::~ReplyCounter() = default;

void ReplyCounter::append(CounterList& out) const {
  auto sums = sumPerCpu(bpf_map__fd(skeleton_->maps.counters), COUNT_COUNTERS);
  out.emplace_back("replied", sums[COUNT_REPLIED]);
  out.emplace_back("checked", sums[COUNT_CHECKED]);
  out.emplace_back("wrong", sums[COUNT_WRONG_LENGTH] + sums[COUNT_WRONG_CONTENT]);
}

}  // namespace ivb
