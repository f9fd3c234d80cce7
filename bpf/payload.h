/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* How much a request or a reply may hold. */
#ifndef IVB_PAYLOAD_H
#define IVB_PAYLOAD_H

#define MAX_PAYLOAD_BYTES 1472 /* of UDP over IPv4 within an Ethernet MTU of 1500 */

#endif
