// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Steers requests to AF_XDP sockets by destination port and RX queue, round robin over the sockets of that pair. */
#include "ends.h"
#include "steer.h"

/* Set before load. */
const volatile struct own_ends own;

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, STEER_MAX_SOCKETS);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, STEER_MAX_TARGETS);
	__type(key, struct steer_key);
	__type(value, struct steer_target);
} targets SEC(".maps");

/* Next socket of a target, by the target's first socket; per CPU, so that no lock is needed. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, STEER_MAX_SOCKETS);
	__type(key, __u32);
	__type(value, __u32);
} cursors SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, STEER_VERDICTS);
	__type(key, __u32);
	__type(value, __u64);
} verdicts SEC(".maps");

static __always_inline void count(__u32 verdict)
{
	__u64 *counter = bpf_map_lookup_elem(&verdicts, &verdict);

	if (counter)
		(*counter)++;
}

SEC("xdp")
int steer(struct xdp_md *ctx)
{
	struct udp_frame *frame = parse_udp((void *)(long)ctx->data, (void *)(long)ctx->data_end);
	struct steer_target *target;
	struct steer_key key;
	__u32 *cursor, first, index;

	if (!frame) {
		count(STEER_NOT_UDP);
		return XDP_PASS;
	}
	key.port = frame->udp.dest;
	key.queue = ctx->rx_queue_index;
	target = bpf_map_lookup_elem(&targets, &key);
	if (!target) {
		key.queue = STEER_ANY_QUEUE;
		count(is_for_host(frame, &own) && bpf_map_lookup_elem(&targets, &key) ? STEER_UNSERVED_QUEUE : STEER_NO_TARGET);
		return XDP_PASS;
	}
	if (!is_for_host(frame, &own)) {
		count(STEER_FOR_OTHERS);
		return XDP_PASS;
	}
	if (!is_from_client(frame, &own)) {
		count(STEER_REFUSED_SOURCE);
		return XDP_DROP;
	}
	first = target->first;
	index = 0;
	cursor = bpf_map_lookup_elem(&cursors, &first);
	if (cursor) {
		index = *cursor;
		if (index >= target->count)
			index = 0;
		*cursor = index + 1;
	}
	count(STEER_REDIRECTED);
	return bpf_redirect_map(&sockets, first + index, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
