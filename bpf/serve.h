/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What the responding programs share, wherever they run: whose function a request is for, whether it is answered, and how
 * its headers become those of its reply.
 */
#ifndef IVB_SERVE_H
#define IVB_SERVE_H

#include "compute.h"
#include "ends.h"
#include "respond.h"
#include "reverse.h"

/* Set before load: known to the verifier, which leaves one comparison for each service that there is. */
const volatile __u16 functions[RESPOND_MAX_SERVICES]; /* enum respond_function, of the ports in `own` */
const volatile __u32 queue_count; /* rows a service */
const volatile __u32 work_steps; /* after each function; 0: none, and nothing of it is left in the program */
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

static __always_inline void count_passed(__u32 reason)
{
	__u64 *count = bpf_map_lookup_elem(&passed, &reason);

	if (count)
		(*count)++;
}

/* The number of the service that has a request's port; RESPOND_MAX_SERVICES where none has. */
static __always_inline __u32 service_of(struct udp_frame *frame)
{
	__u32 service;

#pragma clang loop unroll(full)
	for (service = 0; service < RESPOND_MAX_SERVICES; service++) {
		if (service >= own.port_count)
			return RESPOND_MAX_SERVICES;
		if (frame->udp.dest == own.ports[service])
			return service;
	}
	return RESPOND_MAX_SERVICES;
}

/* What keeps a request from being answered. */
enum request_fault {
	FAULT_NONE,
	FAULT_SOURCE,
	FAULT_LENGTHS,
	FAULT_TOO_LONG,
};

/* Of a request in a packet of so many bytes, whose payload's length is written to `*length`. */
static __always_inline enum request_fault fault_of(struct udp_frame *frame, __u64 packet_bytes, __u32 *length)
{
	__u32 total;

	if (!is_from_client(frame, &own))
		return FAULT_SOURCE;
	/* The verifier of Linux 6.1 forgets that a swapped value has 16 bits, which clang knows and would not say again. */
	total = bpf_ntohs(frame->ip.tot_len);
	opaque(total);
	total &= 0xffff;
	/* The lengths inside are the sender's claim. Below 8 it wraps around and is more than any packet has. */
	*length = bpf_ntohs(frame->udp.len) - sizeof(frame->udp);
	if (*length > 0xffff || *length + sizeof(*frame) > packet_bytes ||
	    *length + sizeof(frame->ip) + sizeof(frame->udp) > total || total + sizeof(frame->eth) > packet_bytes)
		return FAULT_LENGTHS;
	return *length > MAX_PAYLOAD_BYTES ? FAULT_TOO_LONG : FAULT_NONE;
}

static __always_inline void count_fault(__u32 key, enum request_fault fault)
{
	struct respond_row *row = bpf_map_lookup_elem(&rows, &key);

	if (!row)
		return;
	if (fault == FAULT_SOURCE)
		row->refused++;
	else if (fault == FAULT_LENGTHS)
		row->malformed++;
	else
		row->too_long++;
}

static __always_inline void count_reply(__u32 key)
{
	struct respond_row *row = bpf_map_lookup_elem(&rows, &key);

	if (row)
		row->replied++;
}

/* The work that follows a function, on its reply of `length` bytes. */
static __always_inline void work(__u32 key, void *payload, __u32 length, void *data_end)
{
	struct respond_row *row;
	__u32 digest;

	if (!work_steps)
		return;
	digest = compute(payload, length, data_end, work_steps);
	row = bpf_map_lookup_elem(&rows, &key);
	if (row)
		row->digest = digest;
}

/* Fields of a frame that are read and written as words of several. */
#define ADDRESSES __builtin_offsetof(struct udp_frame, ip.saddr)
#define PORTS __builtin_offsetof(struct udp_frame, udp.source)
#define CHECKSUM __builtin_offsetof(struct udp_frame, udp.check)

/* Turns a request's headers into its reply's, whose length is the same. A UDP checksum of 0 is none, which IPv4 allows. */
static __always_inline void turn_round(void *frame, __u16 checksum)
{
	__u64 macs = *(__u64 *)frame, addresses = *(__u64 *)(frame + ADDRESSES);
	__u32 source_end = *(__u32 *)(frame + 8), ports = *(__u32 *)(frame + PORTS);

	*(__u64 *)frame = macs >> 48 | (__u64)source_end << 16 | macs << 48;
	*(__u32 *)(frame + 8) = macs >> 16;
	*(__u64 *)(frame + ADDRESSES) = addresses >> 32 | addresses << 32;
	*(__u32 *)(frame + PORTS) = ports >> 16 | ports << 16;
	*(__u16 *)(frame + CHECKSUM) = checksum;
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

#endif
