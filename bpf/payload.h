/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How much a request or a reply may hold, and on which CPUs. */
#ifndef IVB_PAYLOAD_H
#define IVB_PAYLOAD_H

/* Payloads are stamped, reversed and compared by words, whose first byte is the lowest. */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "invoker-bench needs a little-endian CPU, such as x86-64 and arm64"
#endif

#define MAX_PAYLOAD_BYTES 1472 /* of UDP over IPv4 within an Ethernet MTU of 1500 */

#endif
