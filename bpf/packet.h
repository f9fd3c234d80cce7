/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Parsing shared by the eBPF programs: plain IPv4/UDP in, everything else is somebody else's packet. */
#ifndef IVB_PACKET_H
#define IVB_PACKET_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "reply.h"

#define IVB_FRAGMENT_MASK 0x3fff /* more-fragments flag and offset, host order */

struct udp_frame {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed, aligned(2))); /* as an Ethernet frame is, so that no field is read byte by byte */

/*
 * The headers of an unfragmented IPv4/UDP packet without IP options and VLAN tags, or NULL.
 * Anything rarer belongs to the kernel, which knows how to handle it.
 */
static __always_inline struct udp_frame *parse_udp(void *data, void *data_end)
{
	struct udp_frame *frame = data;

	if ((void *)(frame + 1) > data_end)
		return NULL;
	/* Broadcast or multicast. As a source it is forged: a reply to it would go to the whole segment. */
	if ((frame->eth.h_dest[0] | frame->eth.h_source[0]) & 1)
		return NULL;
	if (frame->eth.h_proto != bpf_htons(ETH_P_IP))
		return NULL;
	if (frame->ip.version != 4 || frame->ip.ihl != 5 || frame->ip.protocol != IPPROTO_UDP)
		return NULL;
	if (frame->ip.frag_off & bpf_htons(IVB_FRAGMENT_MASK))
		return NULL;
	return frame;
}

static __always_inline int is_reply(struct udp_frame *frame, const volatile struct reply_flows *flows)
{
	__u16 port = bpf_ntohs(frame->udp.dest);

	if (!flows->server_port)
		return 1;
	return frame->udp.source == flows->server_port && frame->ip.saddr == flows->server_address &&
	       frame->ip.daddr == flows->client_address &&
	       (__u16)(port - flows->first_client_port) < flows->client_ports;
}

#endif
