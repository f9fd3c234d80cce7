/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Whose replies a program at the client's interface takes in: other traffic of the host goes on as before. */
#ifndef IVB_REPLY_H
#define IVB_REPLY_H

#include <linux/types.h>

/* Addresses and server port in network byte order, the client's ports in host byte order. */
struct reply_flows {
	__u32 server_address;
	__u32 client_address;
	__u16 server_port; /* 0: every packet counts as one */
	__u16 first_client_port;
	__u16 client_ports;
};

#endif
