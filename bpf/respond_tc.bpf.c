// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The same as respond.bpf.c on the socket buffers of any driver, at the ingress of an interface: the reply leaves by its
 * egress. All other packets go on as they came, to the next filter or to the kernel.
 */
#include "serve.h"

#include <linux/pkt_cls.h>

#include "queue.h"

/* Set before load. */
const volatile __u32 records_queue; /* whether the driver says which RX queue a packet came in by */

static __always_inline int pass(__u32 reason)
{
	count_passed(reason);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int respond_tc(struct __sk_buff *skb)
{
	struct udp_frame *frame;
	void *data, *data_end;
	__u32 service, length, key;
	enum request_fault fault;
	__u16 checksum;

	/* Datagrams that were merged, or that stand in a VLAN whose tag was taken off. */
	if (skb->gso_size || skb->vlan_present)
		return pass(RESPOND_NOT_UDP);
	if (skb->data_end - skb->data < sizeof(*frame))
		bpf_skb_pull_data(skb, sizeof(*frame));
	frame = parse_udp((void *)(long)skb->data, (void *)(long)skb->data_end);
	if (!frame)
		return pass(RESPOND_NOT_UDP);
	service = service_of(frame);
	if (service >= RESPOND_MAX_SERVICES)
		return pass(RESPOND_NO_FUNCTION);
	if (!is_for_host(frame, &own))
		return pass(RESPOND_FOR_OTHERS);
	key = service * queue_count + queue_of(skb, records_queue) % queue_count;

	fault = fault_of(frame, skb->len, &length);
	if (fault != FAULT_NONE) {
		count_fault(key, fault);
		return TC_ACT_SHOT;
	}
	/* A driver may have left the payload in pages of its own. */
	if (skb->data_end - skb->data < sizeof(*frame) + length && bpf_skb_pull_data(skb, sizeof(*frame) + length))
		return pass(RESPOND_NOT_UDP);
	data = (void *)(long)skb->data;
	data_end = (void *)(long)skb->data_end;
	frame = data;
	if (data + sizeof(*frame) > data_end)
		return TC_ACT_SHOT;

	checksum = frame->udp.check;
	if (functions[service] == RESPOND_REVERSE && !reverse(frame + 1, length, data_end))
		return TC_ACT_SHOT;
	work(key, frame + 1, length, data_end);
	turn_round(data, checksum);
	renew_ttl(frame);
	count_reply(key);
	/*
	 * Makes it 0, unless the device that sends it is to complete it (CHECKSUM_PARTIAL): the kernel then leaves the sum of
	 * the pseudo header there, which is the reply's, too.
	 */
	if (checksum)
		bpf_l4_csum_replace(skb, CHECKSUM, 0, checksum, 0);
	return bpf_redirect(skb->ifindex, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
