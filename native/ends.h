#pragma once
// Whose a packet is that came past every eBPF program: what bpf/packet.h and bpf/ends.h ask in the kernel.
#include <netinet/in.h>

#include <algorithm>

#include "../bpf/own.h"
#include "frame.h"
#include "source_port.h"

namespace ivb {

enum class PacketKind { request, notUdp, noFunction, forOthers, refusedSource };

/// Whether an address (network byte order) is among the first `count` of this host's.
inline bool isAmong(uint32_t address, const own_ends& own, uint32_t count) {
  return std::find(own.addresses, own.addresses + count, address) != own.addresses + count;
}

/// The number of the service that has a request's port, as many as there are where none has.
inline size_t serviceOf(const UdpFrame& frame, const std::vector<Service>& services) {
  size_t service = 0;
  while (service < services.size() && htons(services[service].port) != frame.udp.dest) service++;
  return service;
}

/// Plain IPv4/UDP without IP options, fragments and VLAN tags, from one host to one.
inline bool isPlainUdp(const uint8_t* packet, size_t bytes) {
  constexpr uint16_t fragmentMask = IP_MF | IP_OFFMASK;
  const UdpFrame& frame = *reinterpret_cast<const UdpFrame*>(packet);
  return bytes >= headerBytes && !((frame.ethernet.ether_dhost[0] | frame.ethernet.ether_shost[0]) & 1) &&
         frame.ethernet.ether_type == htons(ETHERTYPE_IP) && frame.ip.version == 4 && frame.ip.ihl == 5 &&
         frame.ip.protocol == IPPROTO_UDP && !(frame.ip.frag_off & htons(fragmentMask));
}

/// What of a packet's headers decides whether it is answered; its lengths are looked at in answer().
inline PacketKind kindOf(const uint8_t* packet, size_t bytes, const own_ends& own, const std::vector<Service>& services) {
  if (!isPlainUdp(packet, bytes)) return PacketKind::notUdp;
  const UdpFrame& frame = *reinterpret_cast<const UdpFrame*>(packet);
  if (serviceOf(frame, services) == services.size()) return PacketKind::noFunction;
  if (std::memcmp(packet, &own.mac_front, sizeof own.mac_front) != 0 ||
      std::memcmp(packet + sizeof own.mac_front, &own.mac_back, sizeof own.mac_back) != 0 ||
      !isAmong(frame.ip.daddr, own, own.served))
    return PacketKind::forOthers;
  const uint32_t network = ntohl(frame.ip.saddr) >> 24;
  const bool possible = network != 0 && network != IN_LOOPBACKNET && network < 224;
  return possible && answerable(ntohs(frame.udp.source), services) && !isAmong(frame.ip.saddr, own, own.address_count)
             ? PacketKind::request
             : PacketKind::refusedSource;
}

}  // namespace ivb
