#include "functions.h"

#include <algorithm>
#include <cstring>

#include <openssl/sha.h>

#include "../bpf/payload.h"
#include "../bpf/stamp.h"
#include "lookup.h"

namespace ivb {
namespace {

size_t reverse(uint8_t* payload, size_t length, size_t) {
  reverseBytes(payload, length);
  return length;
}

size_t echo(uint8_t*, size_t length, size_t) { return length; }

/// The payload twice, cut off at what fits an Ethernet frame. Fails on more than that.
size_t expand(uint8_t* payload, size_t length, size_t capacity) {
  size_t replyBytes = std::min<size_t>(2 * length, MAX_PAYLOAD_BYTES);
  if (length > MAX_PAYLOAD_BYTES || replyBytes > capacity) return functionFailed;
  std::memcpy(payload + length, payload, replyBytes - length);
  return replyBytes;
}

/// ASCII letters in upper case, all other bytes as they are.
size_t upper(uint8_t* payload, size_t length, size_t) {
  for (size_t i = 0; i < length; i++) payload[i] -= (payload[i] >= 'a' && payload[i] <= 'z') ? 'a' - 'A' : 0;
  return length;
}

// The last two keep what a request is known by, as a service would: the length of a stamp. Payloads that are shorter fail.

/// What the request is known by, then the SHA-256 of all behind it, by the OpenSSL that Node brings.
size_t sha256(uint8_t* payload, size_t length, size_t capacity) {
  if (length < STAMP_BYTES || capacity < STAMP_BYTES + SHA256_DIGEST_LENGTH) return functionFailed;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, payload + STAMP_BYTES, length - STAMP_BYTES);
  SHA256_Final(payload + STAMP_BYTES, &context);
  return STAMP_BYTES + SHA256_DIGEST_LENGTH;
}

/// What the request is known by, then the record of the key that it begins with.
size_t lookup(uint8_t* payload, size_t length, size_t capacity) {
  if (length < STAMP_BYTES || capacity < STAMP_BYTES + recordBytes) return functionFailed;
  std::memcpy(payload + STAMP_BYTES, findRecord(payload), recordBytes);
  return STAMP_BYTES + recordBytes;
}

void nothing() {}

/// A function, and what has to be made before it runs for the first time.
struct Entry {
  Function function;
  void (*prepare)();
};

constexpr Entry table[] = {
    {{"reverse", reverse}, nothing},
    {{"echo", echo}, nothing},
    {{"expand", expand}, nothing},
    {{"upper", upper}, nothing},
    {{"sha256", sha256}, nothing},
    {{"lookup", lookup}, fillRecords},
};

}  // namespace

const Function* findFunction(const char* id) {
  for (const Entry& entry : table) {
    if (std::strcmp(entry.function.id, id) != 0) continue;
    entry.prepare();
    return &entry.function;
  }
  return nullptr;
}

}  // namespace ivb
