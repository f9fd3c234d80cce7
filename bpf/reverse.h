/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Reverses a UDP payload in place, with 8-byte words from both ends towards the middle. docs/xdp.md says what each of
 * the measures here is worth.
 */
#ifndef IVB_REVERSE_H
#define IVB_REVERSE_H

#include <linux/types.h>

/*
 * Hides a value from the compiler, which would otherwise fold an offset into a pointer that was checked without it, or
 * compute the pointer a second time: the verifier takes neither.
 */
#define opaque(value) asm volatile("" : "+r"(value))
/* Keeps memory accesses in the order of the source. */
#define in_order() asm volatile("" : : : "memory")

#define word_at(place) (*(__u64 *)(place))

/*
 * 16 bytes at `low` with 16 at `high`: all loads before the first store, and stores to neighbours next to each other, as
 * a CPU joins neighbouring stores that are not aligned, but not alternating ones.
 */
static __always_inline void swap_16(void *low, void *high)
{
	__u64 front0 = __builtin_bswap64(word_at(low)), front1 = __builtin_bswap64(word_at(low + 8));
	__u64 back0 = __builtin_bswap64(word_at(high)), back1 = __builtin_bswap64(word_at(high + 8));

	in_order();
	word_at(low) = back1;
	in_order();
	word_at(low + 8) = back0;
	in_order();
	word_at(high) = front1;
	in_order();
	word_at(high + 8) = front0;
	in_order();
}

/*
 * Swaps the first `bytes` (a multiple of 16, known to the compiler) of the `*rest` bytes from `*low` on with the last,
 * all checked at once, and takes them off the rest. Returns 0 where the packet ends before.
 */
static __always_inline int swap_ends(void **low, __u64 *rest, __u64 bytes, void *data_end)
{
	void *high;
	__u64 i;

	*rest -= bytes;
	opaque(*rest);
	high = *low + *rest;
	opaque(high);
	if (*low + bytes > data_end || high + bytes > data_end)
		return 0;
#pragma clang loop unroll(full)
	for (i = 0; i < bytes; i += 16)
		swap_16(*low + i, high + bytes - 16 - i);
	*low += bytes;
	*rest -= bytes;
	return 1;
}

/*
 * Reverses `length` bytes from `payload` on, whose UDP header stands right before them; the UDP checksum may get lost.
 * Returns 0, with the payload in pieces, where the packet ends before: the caller has checked that it does not, but the
 * verifier wants to see it again.
 */
static __always_inline int reverse(void *payload, __u64 length, void *data_end)
{
	void *low = payload, *high;
	__u64 rest = length, front, back, kept;

	/*
	 * 6 bytes of each end first, so that `low` goes on where the headers of 42 bytes leave it aligned to 8. The word
	 * at the front begins with the checksum.
	 */
	if (rest >= 12) {
		rest -= 8;
		opaque(rest);
		high = low + rest;
		opaque(high);
		if (low + 6 > data_end || high + 8 > data_end)
			return 0;
		front = word_at(low - 2);
		back = word_at(high);
		word_at(high) = __builtin_bswap64(front) << 16 | (back & 0xffff);
		word_at(low - 2) = __builtin_bswap64(back) << 16;
		low += 6;
		rest -= 4;
	}
	while (rest >= 128)
		if (!swap_ends(&low, &rest, 64, data_end))
			return 0;
	if (rest >= 64 && !swap_ends(&low, &rest, 32, data_end))
		return 0;
	if (rest >= 32 && !swap_ends(&low, &rest, 16, data_end))
		return 0;
	while (rest > 8) {
		/* A word of each end; of less than 16 bytes they overlap, which does no harm as both are loaded first. */
		rest -= 8;
		opaque(rest);
		high = low + rest;
		opaque(high);
		if (low + 8 > data_end || high + 8 > data_end)
			return 0;
		front = word_at(low);
		back = word_at(high);
		word_at(low) = __builtin_bswap64(back);
		word_at(high) = __builtin_bswap64(front);
		if (rest < 10)
			return 1;
		low += 8;
		rest -= 8;
	}
	if (rest < 2)
		return 1;
	/* The last word in the middle, or the UDP header, begins before the rest: those bytes stay. */
	back = rest;
	opaque(back);
	high = low - 8 + back;
	opaque(high);
	if (high + 8 > data_end)
		return 0;
	kept = 64 - 8 * rest;
	back = word_at(high);
	word_at(high) = __builtin_bswap64(back) << kept | (back & ((1ULL << kept) - 1));
	return 1;
}

#endif
