#pragma once
// The one port of a DPDK program: its queues, their buffers, and what its driver counts.
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <string>

#include "../native/counters.h"
#include "../native/error.h"
#include "../native/frame.h"

namespace ivb {

class DpdkPort {
 public:
  static constexpr uint16_t id = 0;
  static constexpr uint16_t maxBurst = 64;
  /// Requests that may wait for an lcore: as many as with the others (impls/settings.ts).
  static constexpr uint16_t ringSlots = 1024;

  /// Starts the port with so many queues each way. Throws SystemError DPDK.
  explicit DpdkPort(uint16_t queues) {
    if (rte_eth_dev_count_avail() != 1)
      throw SystemError("DPDK", "rte_eth_dev_count_avail", 0,
                        "DPDK has " + std::to_string(rte_eth_dev_count_avail()) + " ports instead of one");
    try {
      start(queues);
    } catch (...) {
      rte_eth_dev_close(id);
      throw;
    }
  }
  DpdkPort(const DpdkPort&) = delete;
  ~DpdkPort() {
    rte_eth_dev_stop(id);
    rte_eth_dev_close(id);  // takes the XDP program of net_af_xdp away
  }

  static rte_ether_addr mac() {
    rte_ether_addr out{};
    rte_eth_macaddr_get(id, &out);
    return out;
  }

  static std::string driver() {
    rte_eth_dev_info info{};
    return rte_eth_dev_info_get(id, &info) == 0 ? info.driver_name : "";
  }

  /// Bytes of a payload that the port sends in one packet.
  static size_t longestPayload() {
    uint16_t mtu = RTE_ETHER_MTU;
    rte_eth_dev_get_mtu(id, &mtu);
    return mtu - sizeof(iphdr) - sizeof(udphdr);
  }

  /// Packets that came to the port and had no room in its rings, as far as its driver tells.
  static uint64_t missed() {
    rte_eth_stats stats{};
    return rte_eth_stats_get(id, &stats) == 0 ? stats.imissed + stats.rx_nombuf : 0;
  }

 private:
  /// Of a queue: what its rings hold (net_af_xdp: fill and completion ring 2,048 each, RX and TX), two bursts and the caches.
  static constexpr unsigned buffers = 8192, cached = 256;

  static void start(uint16_t queues) {
    rte_eth_conf plain{};
    check("rte_eth_dev_configure", rte_eth_dev_configure(id, queues, queues, &plain));
    const int node = rte_eth_dev_socket_id(id);
    for (uint16_t queue = 0; queue < queues; queue++) {
      const std::string name = "queue" + std::to_string(queue);
      rte_mempool* pool =
          rte_pktmbuf_pool_create(name.c_str(), buffers, cached, 0, RTE_MBUF_DEFAULT_BUF_SIZE, node);
      if (!pool) throw SystemError("DPDK", "rte_pktmbuf_pool_create", rte_errno, "no memory for the buffers of a queue");
      check("rte_eth_rx_queue_setup", rte_eth_rx_queue_setup(id, queue, ringSlots, unsigned(node), nullptr, pool));
      check("rte_eth_tx_queue_setup", rte_eth_tx_queue_setup(id, queue, ringSlots, unsigned(node), nullptr));
    }
    check("rte_eth_dev_start", rte_eth_dev_start(id));
  }

  static void check(const char* call, int result) {
    if (result < 0) throw SystemError("DPDK", call, -result, "DPDK cannot start its port");
  }
};

}  // namespace ivb
