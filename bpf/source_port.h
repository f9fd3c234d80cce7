/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Source ports that services have, not clients: the same in the kernel and in user space. */
#ifndef IVB_SOURCE_PORT_H
#define IVB_SOURCE_PORT_H

#include <linux/types.h>

#define LAST_SYSTEM_PORT 1023 /* RFC 6335: DNS, NTP, echo and other services that answer */
/* Ports of the functions unless told otherwise (impls/functions.ts): those of another invoker, as a rule. */
#define FIRST_FUNCTION_PORT 1232
#define LAST_FUNCTION_PORT 1237

/* Whether a port, in host byte order, is one that a service sends its replies from. */
static inline __attribute__((always_inline)) int is_service_port(__u16 port)
{
	return port <= LAST_SYSTEM_PORT || (port >= FIRST_FUNCTION_PORT && port <= LAST_FUNCTION_PORT);
}

#endif
