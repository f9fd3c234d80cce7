// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The whole of an invoker in the receive context: runs the function of the destination port on the payload, in place,
 * and sends the frame back out of the interface it came in by. All other packets go to the kernel.
 */
#include "ends.h"
#include "respond.h"
#include "reverse.h"

/* Set before load: known to the verifier, which leaves one comparison for each service that there is. */
const volatile __u16 functions[RESPOND_MAX_SERVICES]; /* enum respond_function, of the ports in `own` */
const volatile __u32 queue_count; /* rows a service */
const volatile __u32 served_queues; /* RX queues: 0 to served_queues - 1 */
const volatile struct own_ends own;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1); /* set before load */
	__type(key, __u32);
	__type(value, struct respond_row);
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, RESPOND_PASSED);
	__type(key, __u32);
	__type(value, __u64);
} passed SEC(".maps");

static __always_inline int pass(__u32 reason)
{
	__u64 *count = bpf_map_lookup_elem(&passed, &reason);

	if (count)
		(*count)++;
	return XDP_PASS;
}

/* Fields of a frame that are read and written as words of several. */
#define ADDRESSES __builtin_offsetof(struct udp_frame, ip.saddr)
#define PORTS __builtin_offsetof(struct udp_frame, udp.source)
#define CHECKSUM __builtin_offsetof(struct udp_frame, udp.check)

/* Turns a request's headers into its reply's, whose length is the same. No UDP checksum, which IPv4 allows. */
static __always_inline void turn_round(void *frame)
{
	__u64 macs = *(__u64 *)frame, addresses = *(__u64 *)(frame + ADDRESSES);
	__u32 source_end = *(__u32 *)(frame + 8), ports = *(__u32 *)(frame + PORTS);

	*(__u64 *)frame = macs >> 48 | (__u64)source_end << 16 | macs << 48;
	*(__u32 *)(frame + 8) = macs >> 16;
	*(__u64 *)(frame + ADDRESSES) = addresses >> 32 | addresses << 32;
	*(__u32 *)(frame + PORTS) = ports >> 16 | ports << 16;
	*(__u16 *)(frame + CHECKSUM) = 0;
}

/* The time to live that a host gives its packets: that of a request may be used up. */
static __always_inline void renew_ttl(struct udp_frame *frame)
{
	__u32 sum;

	if (frame->ip.ttl == IPDEFTTL)
		return;
	/* RFC 1624: HC' = ~(~HC + ~m + m'), m being the word of time to live and protocol. */
	sum = (__u16)~frame->ip.check + (__u16)~bpf_htons(frame->ip.ttl << 8) + bpf_htons(IPDEFTTL << 8);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	frame->ip.check = ~sum;
	frame->ip.ttl = IPDEFTTL;
}

SEC("xdp")
int respond(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct udp_frame *frame = parse_udp(data, data_end);
	__u32 queue = ctx->rx_queue_index, service, length, total, key;
	struct respond_row *row;

	if (!frame)
		return pass(RESPOND_NOT_UDP);
#pragma clang loop unroll(full)
	for (service = 0; service < RESPOND_MAX_SERVICES; service++) {
		if (service >= own.port_count)
			return pass(RESPOND_NO_FUNCTION);
		if (frame->udp.dest == own.ports[service])
			break;
	}
	if (service >= RESPOND_MAX_SERVICES)
		return pass(RESPOND_NO_FUNCTION);
	if (!is_for_host(frame, &own))
		return pass(RESPOND_FOR_OTHERS);
	if (queue >= served_queues)
		return pass(RESPOND_UNSERVED_QUEUE);
	/* A driver may receive on more queues from when XDP is attached. */
	if (queue >= queue_count)
		queue %= queue_count;
	key = service * queue_count + queue;

	if (!is_from_client(frame, &own)) {
		row = bpf_map_lookup_elem(&rows, &key);
		if (row)
			row->refused++;
		return XDP_DROP;
	}
	/* The verifier of Linux 6.1 forgets that a swapped value has 16 bits, which clang knows and would not say again. */
	total = bpf_ntohs(frame->ip.tot_len);
	opaque(total);
	total &= 0xffff;
	/* The lengths inside are the sender's claim. Below 8 it wraps around and is more than any packet has. */
	length = bpf_ntohs(frame->udp.len) - sizeof(frame->udp);
	if (length > 0xffff || (void *)(frame + 1) + length > data_end ||
	    length + sizeof(frame->ip) + sizeof(frame->udp) > total || data + sizeof(frame->eth) + total > data_end) {
		row = bpf_map_lookup_elem(&rows, &key);
		if (row)
			row->malformed++;
		return XDP_DROP;
	}
	if (length > MAX_PAYLOAD_BYTES) {
		row = bpf_map_lookup_elem(&rows, &key);
		if (row)
			row->too_long++;
		return XDP_DROP;
	}
	if (functions[service] == RESPOND_REVERSE && !reverse(frame + 1, length, data_end))
		return XDP_ABORTED;
	turn_round(data);
	renew_ttl(frame);
	/* Not before: the reversal needs all registers. */
	row = bpf_map_lookup_elem(&rows, &key);
	if (row)
		row->replied++;
	return XDP_TX;
}

char _license[] SEC("license") = "Dual BSD/GPL";
