#pragma once
// Ethernet/IPv4/UDP frames in user memory: built by generators, turned round by the AF_XDP invoker.
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "../bpf/reply.h"

namespace ivb {

struct __attribute__((packed)) UdpFrame {
  ether_header ethernet;
  iphdr ip;
  udphdr udp;

  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(this); }
  uint8_t* payload() { return reinterpret_cast<uint8_t*>(this + 1); }
};

constexpr size_t headerBytes = sizeof(UdpFrame);
static_assert(headerBytes == 42);

// What is summed is named by its place in the frame: the headers of a frame are not aligned as their types want it.
constexpr size_t ipOffset = offsetof(UdpFrame, ip);
constexpr size_t udpOffset = offsetof(UdpFrame, udp);
constexpr size_t addressesOffset = ipOffset + offsetof(iphdr, saddr);

/// One's complement sum of `bytes` bytes, not folded. Little pieces may be added to each other.
inline uint64_t onesSum(const uint8_t* at, size_t bytes) {
  uint64_t sum = 0;
  for (; bytes >= 4; bytes -= 4, at += 4) {
    uint32_t word;
    std::memcpy(&word, at, sizeof word);
    sum += word;
  }
  uint32_t rest = 0;
  std::memcpy(&rest, at, bytes);
  return sum + rest;
}

inline uint16_t foldSum(uint64_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return uint16_t(sum);
}

/// Of a frame whose checksum is 0 yet.
inline uint16_t ipChecksum(const UdpFrame& frame) {
  return uint16_t(~foldSum(onesSum(frame.bytes() + ipOffset, sizeof(iphdr))));
}

/// Sum of the pseudo header of a frame whose addresses and lengths are set, not complemented.
inline uint16_t pseudoHeaderSum(const UdpFrame& frame) {
  return foldSum(onesSum(frame.bytes() + addressesOffset, 8) + htons(IPPROTO_UDP) + frame.udp.len);
}

/// The complete UDP checksum (RFC 768) of a frame whose addresses, ports and lengths are set.
inline uint16_t udpChecksum(UdpFrame& frame) {
  frame.udp.check = 0;
  uint16_t sum = uint16_t(~foldSum(pseudoHeaderSum(frame) + onesSum(frame.bytes() + udpOffset, ntohs(frame.udp.len))));
  return sum ? sum : 0xffff;  // 0 means that there is none
}

/// Turns a request into its reply: addresses and ports swapped, lengths and time to live set, UDP checksum cleared
/// (allowed on IPv4).
inline void turnRound(UdpFrame& frame, size_t payloadBytes) {
  std::swap(frame.ethernet.ether_shost, frame.ethernet.ether_dhost);
  // By hand: a packed field cannot be swapped by reference.
  uint32_t address = frame.ip.saddr;
  frame.ip.saddr = frame.ip.daddr;
  frame.ip.daddr = address;
  uint16_t port = frame.udp.source;
  frame.udp.source = frame.udp.dest;
  frame.udp.dest = port;
  frame.udp.check = 0;
  uint16_t udpBytes = htons(uint16_t(payloadBytes + sizeof(udphdr)));
  uint16_t ipBytes = htons(uint16_t(payloadBytes + sizeof(udphdr) + sizeof(iphdr)));
  if (frame.udp.len != udpBytes || frame.ip.tot_len != ipBytes || frame.ip.ttl != IPDEFTTL) {
    frame.ip.ttl = IPDEFTTL;
    frame.udp.len = udpBytes;
    frame.ip.tot_len = ipBytes;
    frame.ip.check = 0;
    frame.ip.check = ipChecksum(frame);
  }
}

/// The two ends of a generated flow.
struct Route {
  std::string interface;
  uint8_t sourceMac[6];
  uint8_t destinationMac[6];
  uint32_t sourceAddress;       ///< network byte order
  uint32_t destinationAddress;  ///< network byte order
  uint16_t firstSourcePort;     ///< host byte order; flows use this one and those after it
  uint16_t flows;               ///< a power of two
  uint16_t destinationPort;     ///< host byte order
};

/// The replies to what `route` says is sent.
inline reply_flows repliesTo(const Route& route) {
  return {route.destinationAddress, route.sourceAddress, htons(route.destinationPort), route.firstSourcePort, route.flows};
}

/// Writes headers and the payload of the published client (byte i of the frame is the digit i mod 10) into `out`.
inline void buildRequest(uint8_t* out, size_t packetBytes, const Route& route, uint16_t sourcePort) {
  UdpFrame frame{};
  std::memcpy(frame.ethernet.ether_dhost, route.destinationMac, 6);
  std::memcpy(frame.ethernet.ether_shost, route.sourceMac, 6);
  frame.ethernet.ether_type = htons(ETHERTYPE_IP);
  frame.ip.version = 4;
  frame.ip.ihl = 5;
  frame.ip.tot_len = htons(uint16_t(packetBytes - sizeof(ether_header)));
  frame.ip.frag_off = htons(IP_DF);
  frame.ip.ttl = IPDEFTTL;
  frame.ip.protocol = IPPROTO_UDP;
  frame.ip.saddr = route.sourceAddress;
  frame.ip.daddr = route.destinationAddress;
  frame.ip.check = ipChecksum(frame);
  frame.udp.source = htons(sourcePort);
  frame.udp.dest = htons(route.destinationPort);
  frame.udp.len = htons(uint16_t(packetBytes - sizeof(ether_header) - sizeof(iphdr)));
  std::memcpy(out, &frame, headerBytes);
  for (size_t i = headerBytes; i < packetBytes; i++) out[i] = uint8_t('0' + i % 10);
}

/// Turns the payload of a request round, before its stamp is written: as good a request. Live frames whose page a
/// responder reversed are sent like that (bpf/generate.bpf.c).
inline void mirrorPayload(std::vector<uint8_t>& request) { std::reverse(request.begin() + headerBytes, request.end()); }

}  // namespace ivb
