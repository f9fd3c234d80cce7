#pragma once
// The one port of a DPDK program: its queues, their buffers, and what its driver counts.
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

  /// Starts the port with so many queues each way. Throws SystemError.
  explicit DpdkPort(uint16_t queues) {
    if (rte_eth_dev_count_avail() != 1)
      throw SystemError("DPDK", "rte_eth_dev_count_avail", 0,
                        "DPDK has " + std::to_string(rte_eth_dev_count_avail()) + " ports instead of one");
    if (queues == 0) throw SystemError("DPDK", "rte_lcore_count", 0, "no lcore is left to poll");
    rte_eth_conf plain{};
    check("rte_eth_dev_configure", rte_eth_dev_configure(id, queues, queues, &plain));
    const int node = rte_eth_dev_socket_id(id);
    for (uint16_t queue = 0; queue < queues; queue++) {
      rte_mempool* pool = rte_pktmbuf_pool_create(("queue " + std::to_string(queue)).c_str(), buffers, cached, 0,
                                                  RTE_MBUF_DEFAULT_BUF_SIZE, node);
      if (!pool) throw SystemError("DPDK", "rte_pktmbuf_pool_create", rte_errno, "no memory for the buffers of a queue");
      check("rte_eth_rx_queue_setup", rte_eth_rx_queue_setup(id, queue, ringSlots, unsigned(node), nullptr, pool));
      check("rte_eth_tx_queue_setup", rte_eth_tx_queue_setup(id, queue, ringSlots, unsigned(node), nullptr));
    }
    check("rte_eth_dev_start", rte_eth_dev_start(id));
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

  /// Bytes of a payload that the port sends in one packet.
  static size_t longestPayload() {
    uint16_t mtu = RTE_ETHER_MTU;
    rte_eth_dev_get_mtu(id, &mtu);
    return mtu - sizeof(iphdr) - sizeof(udphdr);
  }

  /// What came to the port and did not get as far as a burst.
  static CounterList counters() {
    rte_eth_stats stats{};
    rte_eth_stats_get(id, &stats);
    return {{"portMissed", stats.imissed}, {"portErrors", stats.ierrors}, {"portNoBuffer", stats.rx_nombuf}};
  }

 private:
  // Of a queue: those in its rings, four at most (fill, RX, TX and completion ring of net_af_xdp, 2,048 each), and the caches.
  static constexpr unsigned buffers = 8191 + 1, cached = 256;

  static void check(const char* call, int result) {
    if (result < 0) throw SystemError("DPDK", call, -result, "DPDK cannot start the port");
  }
};

}  // namespace ivb
