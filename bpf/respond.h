/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the responding program and its user side share. */
#ifndef IVB_RESPOND_H
#define IVB_RESPOND_H

#include <linux/types.h>

#include "payload.h"

#define RESPOND_MAX_SERVICES 16

enum respond_function {
	RESPOND_ECHO,
	RESPOND_REVERSE,
};

/* What became of the requests of a service on RX queue i: entry service * queue_count + i modulo queue_count of the map. */
struct respond_row {
	__u64 replied; /* turned round and left to XDP_TX */
	__u64 malformed; /* dropped: lengths that contradict each other */
	__u64 too_long; /* dropped: more than MAX_PAYLOAD_BYTES */
	__u64 refused; /* dropped: from a port or an address that no client has */
	__u64 digest; /* what the work on the last reply came to */
};

enum respond_passed {
	RESPOND_NOT_UDP, /* to the kernel: not plain IPv4/UDP (ARP, IPv6, VLAN, options, fragments) */
	RESPOND_NO_FUNCTION, /* to the kernel: no function on that port */
	RESPOND_UNSERVED_QUEUE, /* to the kernel: a function on that port, but not on that queue */
	RESPOND_FOR_OTHERS, /* to the kernel: to a function's port, but for another host */
	RESPOND_PASSED,
};

#endif
