// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The whole of an invoker in the receive context: runs the function of the destination port on the payload, in place,
 * and sends the frame back out of the interface it came in by. All other packets go to the kernel.
 */
#include "serve.h"

/* Set before load. */
const volatile __u32 served_queues; /* RX queues: 0 to served_queues - 1 */

static __always_inline int pass(__u32 reason)
{
	count_passed(reason);
	return XDP_PASS;
}

SEC("xdp")
int respond(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct udp_frame *frame = parse_udp(data, data_end);
	__u32 queue = ctx->rx_queue_index, service, length, key;
	enum request_fault fault;

	if (!frame)
		return pass(RESPOND_NOT_UDP);
	service = service_of(frame);
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

	fault = fault_of(frame, data_end - data, &length);
	if (fault != FAULT_NONE) {
		count_fault(key, fault);
		return XDP_DROP;
	}
	if (functions[service] == RESPOND_REVERSE && !reverse(frame + 1, length, data_end))
		return XDP_ABORTED;
	work(key, frame + 1, length, data_end);
	turn_round(data, 0);
	renew_ttl(frame);
	/* Not before: the reversal needs all registers. */
	count_reply(key);
	return XDP_TX;
}

char _license[] SEC("license") = "Dual BSD/GPL";
