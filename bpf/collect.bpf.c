// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Hands replies to the generator's AF_XDP socket of the queue that they came in on. All other packets go to the kernel. */
#include "collect.h"
#include "packet.h"

/* Set before load. */
const volatile struct reply_flows flows;

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, COLLECT_MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

SEC("xdp")
int collect(struct xdp_md *ctx)
{
	struct udp_frame *frame = parse_udp((void *)(long)ctx->data, (void *)(long)ctx->data_end);

	if (!frame || !is_reply(frame, &flows))
		return XDP_PASS;
	return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
