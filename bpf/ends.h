/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Whether a request is for this host, and from where a request may come. */
#ifndef IVB_ENDS_H
#define IVB_ENDS_H

#include "own.h"
#include "packet.h"
#include "source_port.h"

static __always_inline int is_among(__u32 address, const volatile struct own_ends *own, __u32 count)
{
	__u32 i;

	for (i = 0; i < OWN_MAX_ADDRESSES && i < count; i++)
		if (own->addresses[i] == address)
			return 1;
	return 0;
}

static __always_inline int is_own_port(__u16 port, const volatile struct own_ends *own)
{
	__u32 i;

	for (i = 0; i < OWN_MAX_PORTS && i < own->port_count; i++)
		if (own->ports[i] == port)
			return 1;
	return 0;
}

/* A frame in promiscuous mode, or one to be routed, is for somebody else. */
static __always_inline int is_for_host(struct udp_frame *frame, const volatile struct own_ends *own)
{
	void *mac = frame;

	return *(__u32 *)mac == own->mac_front && *(__u16 *)(mac + 4) == own->mac_back &&
	       is_among(frame->ip.daddr, own, own->served);
}

/* Whether it comes from a port of clients, and from an address that another host may have (RFC 1812, 5.3.7). */
static __always_inline int is_from_client(struct udp_frame *frame, const volatile struct own_ends *own)
{
	__u8 network = *(__u8 *)&frame->ip.saddr;

	return network != 0 && network != 127 && network < 224 && !is_service_port(bpf_ntohs(frame->udp.source)) &&
	       !is_own_port(frame->udp.source, own) && !is_among(frame->ip.saddr, own, own->address_count);
}

#endif
