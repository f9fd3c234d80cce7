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

constexpr size_t bytes = COUNT_WORDS * 8;

/// Puts the reply to a request whose stamp is all `stampByte` into `payload`; returns its length.
size_t replyTo(std::vector<uint8_t> request, uint8_t stampByte, const Function& function, uint8_t* payload) {
  size_t requestBytes = request.size() - headerBytes;
  std::memset(request.data() + headerBytes, stampByte, STAMP_BYTES);
  request.resize(headerBytes + bytes);
  size_t replyBytes = function.run(request.data() + headerBytes, requestBytes, bytes);
  if (replyBytes == functionFailed)
    throw SystemError("FUNCTION", function.id, 0, "the function fails on the generated request");
  std::memcpy(payload, request.data() + headerBytes, replyBytes);
  return replyBytes;
}

/// Lets the function make the expected replies from the requests, and masks out what differs from request to request.
Skeleton load(const ReplyCounterConfig& config) {
  constexpr uint8_t stampByte = STAMP_FORM & 0xff;
  std::vector<uint8_t> request(config.packetBytes);
  buildRequest(request.data(), request.size(), Route{}, 0);
  // The replies to two requests that differ in every byte of the stamp tell which bytes of a reply are the stamp's.
  uint8_t payloads[2][bytes] = {}, other[bytes] = {}, mask[bytes] = {};
  size_t replyBytes = replyTo(request, stampByte, *config.function, payloads[0]);
  replyTo(request, stampByte + 1, *config.function, other);
  for (size_t i = 0; i < replyBytes; i++) mask[i] = payloads[0][i] == other[i] ? 0xff : 0;
  mirrorPayload(request);
  replyTo(request, stampByte, *config.function, payloads[1]);
  size_t telling = 0;
  while (telling < replyBytes && ((payloads[0][telling] ^ payloads[1][telling]) & mask[telling]) == 0) telling++;
  size_t stampOffset = config.function->stampOffset(request.size() - headerBytes, STAMP_BYTES);

  return loadSkeleton(count__open, count__load, count__destroy, "counting", [&](struct count& skeleton) {
    auto& fixed = *const_cast<std::remove_const_t<std::remove_pointer_t<decltype(skeleton.rodata)>>*>(skeleton.rodata);
    fixed.server_port = htons(config.serverPort);
    fixed.payload_bytes = uint32_t(replyBytes);
    fixed.stamp_offset = uint32_t(stampOffset);
    fixed.check_every = config.checkEvery;
    fixed.telling_word = uint32_t(telling < replyBytes ? telling / 8 : 0);
    std::memcpy(const_cast<__u64(*)[COUNT_WORDS]>(fixed.expected), payloads, sizeof payloads);
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
