/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which replies came already: a window of the newest sequence numbers, the same in the kernel and in user space. */
#ifndef IVB_TRACK_H
#define IVB_TRACK_H

#include <linux/types.h>

#define TRACK_SLOT_BITS 20 /* a second's requests at 1 M/s */
#define TRACK_SLOTS (1U << TRACK_SLOT_BITS)
#define TRACK_LAP_MASK 0xffU
#define TRACK_LATE_LAPS 16 /* a reply so many laps behind is late; further ones are told by their age */
#define TRACK_FLOWS 1024
#define TRACK_TRIES 4 /* to note the newest reply, while other CPUs note theirs */
#define TRACK_TIMEOUT_NS 1000000000ULL /* a reply that takes longer is late */

enum track_verdict { TRACK_FRESH, TRACK_DUPLICATE, TRACK_LAPPED };

/* Notes the reply with that sequence number; `laps` has 2^bits entries: 1 + the lap of the newest reply, or 0. */
static inline __attribute__((always_inline)) enum track_verdict track_reply(__u16 *laps, __u32 bits, __u32 sequence)
{
	__u16 *slot = &laps[sequence & ((1U << bits) - 1)];
	__u32 lap = (sequence >> bits) & TRACK_LAP_MASK, behind;

	if (*slot) {
		behind = (*slot - 1 - lap) & TRACK_LAP_MASK;
		if (behind == 0)
			return TRACK_DUPLICATE;
		if (behind <= TRACK_LATE_LAPS)
			return TRACK_LAPPED;
	}
	*slot = lap + 1;
	return TRACK_FRESH;
}

/*
 * Whether a reply came after one to a later request of its flow (RFC 4737); `highest` is the newest of the flow. Replies
 * of one flow may come on several CPUs at once: none may put an older number over a newer one.
 */
static inline __attribute__((always_inline)) int track_order(__u32 *highest, __u32 sequence)
{
	int tries;

	for (tries = 0; tries < TRACK_TRIES; tries++) {
		__u32 newest = *(volatile __u32 *)highest;

		if (((sequence - newest) & 0x0fffffffU) > 0x07ffffffU)
			return 1;
		if (__sync_val_compare_and_swap(highest, newest, sequence) == newest)
			break;
	}
	return 0;
}

#endif
