// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What the driver net_af_xdp of DPDK attaches (its argument xdp_prog): plain IPv4/UDP goes to the socket of its queue, ARP and
 * all else to the kernel. DPDK finds the map by its name.
 */
#include "packet.h"

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

SEC("xdp")
int deliver(struct xdp_md *ctx)
{
	if (!parse_udp((void *)(long)ctx->data, (void *)(long)ctx->data_end))
		return XDP_PASS;
	/* A queue without a socket, as after the program has died: to the kernel. */
	return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
