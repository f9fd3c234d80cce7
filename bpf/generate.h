/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the generating program and its user side share. */
#ifndef IVB_GENERATE_H
#define IVB_GENERATE_H

#include <linux/types.h>

#include "payload.h"
#include "stamp.h"

#define GENERATE_HEADER_WORDS 6 /* 42 bytes of headers; the last word runs 6 bytes into the stamp, which is written after it */
#define GENERATE_PAUSED (~0ULL)
#define GENERATE_UNPACED 0ULL
#define GENERATE_FRACTION_BITS 10 /* intervals are in 2^-10 ns: exact to 1e-5 at 10 M/s */
#define GENERATE_LATE_NS 20000ULL /* a request that leaves later than this is a late send */
#define GENERATE_AWAY_NS 500000ULL /* a batch of requests takes less: in a longer gap the thread did not run */
#define GENERATE_GAPS 4096 /* a power of two */
#define GENERATE_GAP_BITS 16
#define GENERATE_GAP_UNIT (1U << GENERATE_GAP_BITS)
#define GENERATE_MAX_REST (MAX_PAYLOAD_BYTES - STAMP_BYTES) /* bytes after the stamp */
#define GENERATE_END_WORDS 3 /* that hold the 18 bytes where a reversed stamp stood */
#define GENERATE_MIN_MIRRORED 32 /* bytes after the stamp from which on its first word and its end do not overlap */

/* By its first word the rest of a payload is told from its mirror image; its last words make it whole again. */
struct generate_ends {
	__u64 first;
	__u64 last[GENERATE_END_WORDS];
};

#endif
