#include "reply_pattern.h"

#include "error.h"
#include "frame.h"

namespace ivb {
namespace {

using Payload = std::vector<uint8_t>;

/// The payload of a request whose stamp is all `stampByte`.
Payload requestPayload(size_t packetBytes, uint8_t stampByte) {
  Payload frame(packetBytes);
  buildRequest(frame.data(), frame.size(), Route{}, 0);
  Payload payload(frame.begin() + headerBytes, frame.end());
  std::memset(payload.data(), stampByte, STAMP_BYTES);
  return payload;
}

/// The reply to `payload`, padded; its length goes to `bytes`.
Payload replyTo(const Function& function, Payload payload, size_t& bytes) {
  size_t requestBytes = payload.size();
  payload.resize(replyRoom);
  bytes = function.run(payload.data(), requestBytes, replyRoom);
  if (bytes == functionFailed)
    throw SystemError("FUNCTION", function.id, 0, "the function fails on the generated request");
  std::fill(payload.begin() + ptrdiff_t(bytes), payload.end(), 0);
  return payload;
}

/// Changes the bytes of the stamp one at a time to see where they come out.
void findStamp(const Function& function, const Payload& request, ReplyPattern& pattern) {
  size_t first[STAMP_BYTES];
  for (uint8_t of = 0; of < STAMP_BYTES; of++) {
    Payload changed = request;
    changed[of] ^= 1;
    size_t bytes;
    Payload reply = replyTo(function, changed, bytes);
    first[of] = SIZE_MAX;
    for (size_t at = 0; at < pattern.bytes; at++) {
      if (reply[at] == pattern.expected[at]) continue;
      pattern.stampBytes.push_back({uint16_t(at), of});
      pattern.fixed[at] = 0;
      first[of] = std::min(first[of], at);
    }
  }
  size_t front = first[0], back = first[STAMP_BYTES - 1];
  pattern.stampMirrored = back < front;
  pattern.stampOffset = std::min(front, back);
  for (size_t of = 0; of < STAMP_BYTES; of++) {
    size_t place = pattern.stampMirrored ? STAMP_BYTES - 1 - of : of;
    if (first[of] != pattern.stampOffset + place)
      throw SystemError("FUNCTION", function.id, 0, "the function's reply has no whole stamp");
  }
}

}  // namespace

ReplyPattern replyPattern(const Function& function, size_t packetBytes) {
  ReplyPattern pattern;
  Payload request = requestPayload(packetBytes, STAMP_FORM & 0xff);
  pattern.expected = replyTo(function, request, pattern.bytes);
  pattern.fixed.assign(replyRoom, 0);
  std::fill_n(pattern.fixed.begin(), pattern.bytes, uint8_t(0xff));
  findStamp(function, request, pattern);

  // The digits run backwards behind the same stamp.
  Payload frame(packetBytes);
  buildRequest(frame.data(), frame.size(), Route{}, 0);
  mirrorPayload(frame);
  std::copy(frame.begin() + headerBytes + STAMP_BYTES, frame.end(), request.begin() + STAMP_BYTES);
  size_t bytes;
  pattern.expectedMirrored = replyTo(function, request, bytes);
  return pattern;
}

}  // namespace ivb
