/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What is this host's own: packets for others are not answered, nor those that claim to come from itself. */
#ifndef IVB_OWN_H
#define IVB_OWN_H

#include <linux/types.h>

#define OWN_MAX_ADDRESSES 64
#define OWN_MAX_PORTS 64

struct own_ends {
	__u32 mac_front; /* the first 4 bytes of the interface's MAC address, as they stand in a frame */
	__u16 mac_back; /* the last 2 */
	__u16 served; /* addresses from the first on that requests may be for */
	__u32 address_count;
	__u32 addresses[OWN_MAX_ADDRESSES]; /* IPv4, network byte order */
	__u32 port_count;
	__u16 ports[OWN_MAX_PORTS]; /* of the functions, network byte order */
};

#endif
