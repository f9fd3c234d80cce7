// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Which of the packet sockets of a function gets a packet, and whether that one takes it. The kernel goes on with the packet
 * in any case: these sockets get a copy.
 */
#include <linux/if_packet.h>

#include "admit.h"
#include "ends.h"
#include "queue.h"
#include "reverse.h"

/* Set before load. */
const volatile struct own_ends own;
const volatile __u32 interface; /* index */
const volatile __u16 port; /* of the function, network byte order */
const volatile __u32 queue_count = 1;
const volatile __u32 records_queue; /* whether the driver says which RX queue a packet came in by */

/* Set while running. */
volatile __u32 is_open; /* whether requests are taken */
__u32 counts[ADMIT_MAX_QUEUES]; /* sockets of a queue */
__u32 seats[ADMIT_MAX_QUEUES * ADMIT_MAX_THREADS]; /* their numbers in the fanout, queue by queue */

/* The next socket of a queue; per CPU, so that no lock is needed. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ADMIT_MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} cursors SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ADMIT_VERDICTS);
	__type(key, __u32);
	__type(value, __u64);
} verdicts SEC(".maps");

static __always_inline int count(__u32 verdict)
{
	__u64 *counter = bpf_map_lookup_elem(&verdicts, &verdict);

	if (counter)
		(*counter)++;
	return verdict == ADMIT_TAKEN ? 0xffff : 0; /* bytes of the packet */
}

/* Deals the requests of a queue out to its sockets in turn. What is no request any of them will refuse. */
SEC("socket")
int choose(struct __sk_buff *skb)
{
	__u32 queue = queue_of(skb, records_queue) % queue_count, key, turn, seat, *cursor;
	__u16 asked;

	if (bpf_skb_load_bytes_relative(skb, sizeof(struct iphdr) + __builtin_offsetof(struct udphdr, dest), &asked, sizeof(asked),
					BPF_HDR_START_NET) ||
	    asked != port)
		return 0;
	/* The verifier of Linux 6.1 knows nothing of a remainder, and forgets what it knew of a value whose address is taken. */
	opaque(queue);
	queue &= ADMIT_MAX_QUEUES - 1;
	key = queue;
	cursor = bpf_map_lookup_elem(&cursors, &key);
	if (!cursor)
		return 0;
	turn = *cursor < counts[queue] ? *cursor : 0;
	*cursor = turn + 1;
	seat = queue * ADMIT_MAX_THREADS + turn;
	opaque(seat);
	return seats[seat & (ADMIT_MAX_QUEUES * ADMIT_MAX_THREADS - 1)];
}

SEC("socket")
int take(struct __sk_buff *skb)
{
	struct udp_frame frame __attribute__((aligned(8)));

	/* Datagrams that were merged are the kernel's. */
	if (!is_open || skb->gso_size || bpf_skb_load_bytes(skb, 0, &frame, sizeof(frame)))
		return 0;
	if (!parse_udp(&frame, &frame + 1) || frame.udp.dest != port)
		return 0;
	if (!is_for_host(&frame, &own))
		return count(ADMIT_FOR_OTHERS);
	/* Of a VLAN: its tag is off by now. It is another device's, or of one that there is not, whose packets are nobody's. */
	if (skb->ifindex != interface || skb->pkt_type != PACKET_HOST)
		return 0;
	return count(is_from_client(&frame, &own) ? ADMIT_TAKEN : ADMIT_REFUSED_SOURCE);
}

char _license[] SEC("license") = "Dual BSD/GPL";
