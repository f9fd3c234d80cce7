/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Buckets of a log-linear (HDR) histogram of nanoseconds, the same in the kernel and in user space: 3 significant
 * digits from 1 ns to 68.7 s. Values below 2^11 have a bucket each; above, each power of two has 2^10 buckets.
 */
#ifndef IVB_HISTOGRAM_H
#define IVB_HISTOGRAM_H

#include <linux/types.h>

#define HISTOGRAM_HALF_BITS 10
#define HISTOGRAM_MAX_NS ((1ULL << 36) - 1)
#define HISTOGRAM_BUCKETS (27 << HISTOGRAM_HALF_BITS)

/* The bucket of a value, below HISTOGRAM_BUCKETS. By halves, as eBPF has no instruction that counts leading zeros. */
static inline __attribute__((always_inline)) __u32 histogram_bucket(__u64 ns)
{
	__u32 shift = 0;
	__u64 high;

	if (ns > HISTOGRAM_MAX_NS)
		ns = HISTOGRAM_MAX_NS;
	high = ns >> HISTOGRAM_HALF_BITS;
	if (high >> 16) {
		shift += 16;
		high >>= 16;
	}
	if (high >> 8) {
		shift += 8;
		high >>= 8;
	}
	if (high >> 4) {
		shift += 4;
		high >>= 4;
	}
	if (high >> 2) {
		shift += 2;
		high >>= 2;
	}
	shift += high >> 1;
	return (shift << HISTOGRAM_HALF_BITS) + (__u32)(ns >> shift);
}

#endif
