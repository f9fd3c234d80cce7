/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the programs that give packet sockets their requests and their user side share. */
#ifndef IVB_ADMIT_H
#define IVB_ADMIT_H

#define ADMIT_MAX_QUEUES 64 /* a power of two */
#define ADMIT_MAX_THREADS 64 /* of a queue; a power of two */

enum admit_verdict {
	ADMIT_FOR_OTHERS, /* not taken: to the function's port, but for another host */
	ADMIT_REFUSED_SOURCE, /* not taken: from a port or an address that no client has */
	ADMIT_TAKEN, /* meant for the socket, whose ring may yet be full */
	ADMIT_VERDICTS,
};

#endif
