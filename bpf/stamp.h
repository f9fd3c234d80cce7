/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The stamp at the front of a generated request's payload: 4 bits a byte, as 0x40 | nibble, lowest nibble first.
 * 32 bits of sequence number in 8 bytes, then 40 bits of send time (ns) in 10 bytes. The bytes are '@' and 'A'..'O',
 * so that no function that maps characters (such as upper-casing) changes them.
 */
#ifndef IVB_STAMP_H
#define IVB_STAMP_H

#include <linux/types.h>

#define STAMP_BYTES 18
#define STAMP_FORM 0x4040404040404040ULL
#define STAMP_FORM_MASK 0xf0f0f0f0f0f0f0f0ULL

/* 32 bits as 8 stamp bytes. */
static inline __attribute__((always_inline)) __u64 stamp_spread(__u32 value)
{
	__u64 x = value;

	x = (x | (x << 16)) & 0x0000ffff0000ffffULL;
	x = (x | (x << 8)) & 0x00ff00ff00ff00ffULL;
	x = (x | (x << 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return x | STAMP_FORM;
}

#endif
