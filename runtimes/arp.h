#pragma once
// ARP over Ethernet and IPv4 (RFC 826): questions for our MAC become answers.
#include <net/ethernet.h>

#include "../native/ends.h"

namespace ivb {

struct __attribute__((packed)) ArpFrame {
  ether_header ethernet;
  uint16_t hardware, protocol;
  uint8_t hardwareBytes, protocolBytes;
  uint16_t operation;
  uint8_t senderMac[6];
  uint32_t senderAddress;
  uint8_t targetMac[6];
  uint32_t targetAddress;
};
static_assert(sizeof(ArpFrame) == 42);

/// Turns a question for an address that is served here into its answer; false where a packet is none.
inline bool answeredArp(uint8_t* packet, size_t bytes, const own_ends& own) {
  constexpr uint16_t ethernet = 1, request = 1, reply = 2;
  ArpFrame& arp = *reinterpret_cast<ArpFrame*>(packet);
  if (bytes < sizeof arp || arp.ethernet.ether_type != htons(ETHERTYPE_ARP) || arp.hardware != htons(ethernet) ||
      arp.protocol != htons(ETHERTYPE_IP) || arp.operation != htons(request) || (arp.senderMac[0] & 1) ||
      !isAmong(arp.targetAddress, own, own.served))
    return false;
  const uint32_t asker = arp.senderAddress;
  std::memcpy(arp.targetMac, arp.senderMac, 6);
  std::memcpy(arp.senderMac, &own.mac_front, 4);
  std::memcpy(arp.senderMac + 4, &own.mac_back, 2);
  std::memcpy(arp.ethernet.ether_dhost, arp.targetMac, 6);
  std::memcpy(arp.ethernet.ether_shost, arp.senderMac, 6);
  arp.senderAddress = arp.targetAddress;
  arp.targetAddress = asker;
  arp.operation = htons(reply);
  return true;
}

}  // namespace ivb
