/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the steering program and its user side share. */
#ifndef IVB_STEER_H
#define IVB_STEER_H

#include "own.h"

#define STEER_MAX_SOCKETS 4096
#define STEER_MAX_SERVICES OWN_MAX_PORTS
/* The least that a target has is a socket; and one for every queue of a service. */
#define STEER_MAX_TARGETS (STEER_MAX_SOCKETS + STEER_MAX_SERVICES)

/* A function's port on one RX queue. */
struct steer_key {
	__u16 port; /* network byte order */
	__u16 queue;
};

/* Stands in a key for every queue: there is a target for it while the port is served on any, which is looked at only for what
 * comes in on a queue without one of its own. */
#define STEER_ANY_QUEUE 0xffff

/* The sockets that serve a key: `count` consecutive entries of the socket map from `first` on. */
struct steer_target {
	__u32 first;
	__u32 count;
};

enum steer_verdict {
	STEER_NOT_UDP, /* to the kernel: not plain IPv4/UDP (ARP, IPv6, VLAN, options, fragments) */
	STEER_NO_TARGET, /* to the kernel: no function on that port */
	STEER_UNSERVED_QUEUE, /* to the kernel: a function on that port, but not on that queue */
	STEER_FOR_OTHERS, /* to the kernel: to a function's port, but for another host */
	STEER_REFUSED_SOURCE, /* dropped: from a port or an address that no client has */
	STEER_REDIRECTED, /* meant for a socket, whose ring may yet be full */
	STEER_VERDICTS,
};

#endif
