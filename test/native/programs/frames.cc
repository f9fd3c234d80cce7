// Builds and answers requests as they stand in a UMEM, at every alignment; to be compiled with sanitizers.
#include <cstdio>
#include <vector>

#include "../../../native/reply.h"

namespace {

using namespace ivb;

size_t reverse(uint8_t* payload, size_t length, size_t) {
  reverseBytes(payload, length);
  return length;
}

/// Whether the checksum of its IPv4 header and, if it has one, that of UDP are right (RFC 1071: the sum is then all ones).
bool sumsUp(const uint8_t* packet, size_t udpBytes) {
  const UdpFrame& frame = *reinterpret_cast<const UdpFrame*>(packet);
  uint64_t pseudo = onesSum(packet + 26, 8) + htons(IPPROTO_UDP) + frame.udp.len;
  return foldSum(onesSum(packet + 14, 20)) == 0xffff &&
         (frame.udp.check == 0 || foldSum(pseudo + onesSum(packet + 34, udpBytes)) == 0xffff);
}

bool isAnswered(size_t offset, size_t packetBytes, Checksum checksum) {
  Route route{"", {2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}, htonl(0x0a000001), htonl(0x0a000002), 16384, 1, 1232};
  // Behind the frame no byte is ours: the address sanitizer sees who reads there. In front of it the metadata may stand.
  std::vector<uint8_t> memory(sizeof(TxMetadata) + offset + packetBytes);
  uint8_t* packet = memory.data() + sizeof(TxMetadata) + offset;
  buildRequest(packet, packetBytes, route, 16384);
  if (!sumsUp(packet, packetBytes - 34)) return false;
  InvokerCounters counters;
  size_t bytes = answer({packet, uint32_t(packetBytes), packetBytes}, Work(reverse, 0, 0), checksum, counters);
  const UdpFrame& reply = *reinterpret_cast<const UdpFrame*>(packet);
  return bytes == packetBytes - headerBytes && reply.ip.saddr == route.destinationAddress &&
         reply.udp.dest == htons(16384) && (checksum == Checksum::offload || sumsUp(packet, packetBytes - 34));
}

}  // namespace

int main() {
  for (size_t offset = 0; offset < 8; offset++) {
    for (size_t packetBytes : {60, 61, 200, 1514}) {
      for (Checksum checksum : {Checksum::zero, Checksum::offload, Checksum::full}) {
        if (!isAnswered(offset, packetBytes, checksum)) return std::printf("%zu bytes at %zu\n", packetBytes, offset), 1;
      }
    }
  }
  std::printf("right\n");
}
