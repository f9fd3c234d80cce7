/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The stamp at the front of a generated request's payload: 4 bits a byte, as 0x40 | nibble, lowest nibble first.
 * 28 bits of sequence number in 7 bytes, a byte that makes the exclusive or of all nibbles 0, then 40 bits of the time
 * at which the request was due (ns, CLOCK_MONOTONIC) in 10 bytes. The bytes are '@' and 'A'..'O', so that no function
 * that maps characters (such as upper-casing) changes them.
 */
#ifndef IVB_STAMP_H
#define IVB_STAMP_H

#include <linux/types.h>

#define STAMP_BYTES 18
#define STAMP_FORM 0x4040404040404040ULL
#define STAMP_FORM_MASK 0xf0f0f0f0f0f0f0f0ULL
#define STAMP_SEQUENCE_MASK 0x0fffffffU
#define STAMP_TIME_MASK 0xffffffffffULL
#define STAMP_INLINE static inline __attribute__((always_inline))
/*
 * A stamp stands at an odd multiple of two bytes. clang would split such words of an eBPF program into bytes, eight
 * loads or stores for one, where the CPUs that run it take them whole.
 */
#ifdef __bpf__
#define STAMP_LAYOUT
#else
#define STAMP_LAYOUT __attribute__((packed, may_alias))
#endif

/* Its first STAMP_BYTES are the stamp. */
struct stamp {
	__u64 sequence; /* and the check nibble, on top */
	__u64 time_low;
	__u16 time_high;
} STAMP_LAYOUT;

/* 32 bits as 8 stamp bytes. */
STAMP_INLINE __u64 stamp_spread(__u32 value)
{
	__u64 x = value;

	x = (x | (x << 16)) & 0x0000ffff0000ffffULL;
	x = (x | (x << 8)) & 0x00ff00ff00ff00ffULL;
	x = (x | (x << 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return x | STAMP_FORM;
}

/* The inverse of stamp_spread. */
STAMP_INLINE __u32 stamp_gather(__u64 x)
{
	x &= ~STAMP_FORM_MASK;
	x = (x | (x >> 4)) & 0x00ff00ff00ff00ffULL;
	x = (x | (x >> 8)) & 0x0000ffff0000ffffULL;
	return (__u32)(x | (x >> 16));
}

/* The exclusive or of all nibbles. */
STAMP_INLINE __u64 stamp_check(const struct stamp *stamp)
{
	__u64 x = stamp->sequence ^ stamp->time_low ^ stamp->time_high;

	x ^= x >> 32;
	x ^= x >> 16;
	x ^= x >> 8;
	return x & 0xf;
}

STAMP_INLINE void stamp_write(struct stamp *stamp, __u32 sequence, __u64 due_ns)
{
	struct stamp made;

	made.sequence = stamp_spread(sequence & STAMP_SEQUENCE_MASK);
	made.time_low = stamp_spread(due_ns);
	made.time_high = stamp_spread((due_ns >> 32) & 0xff);
	stamp->sequence = made.sequence | stamp_check(&made) << 56;
	stamp->time_low = made.time_low;
	stamp->time_high = made.time_high;
}

/* Whether no byte of it was changed. */
STAMP_INLINE int stamp_is_whole(const struct stamp *stamp)
{
	return ((stamp->sequence ^ STAMP_FORM) & STAMP_FORM_MASK) == 0 &&
	       ((stamp->time_low ^ STAMP_FORM) & STAMP_FORM_MASK) == 0 &&
	       ((stamp->time_high ^ (__u16)STAMP_FORM) & (__u16)STAMP_FORM_MASK) == 0 && stamp_check(stamp) == 0;
}

STAMP_INLINE __u32 stamp_sequence(const struct stamp *stamp)
{
	return stamp_gather(stamp->sequence) & STAMP_SEQUENCE_MASK;
}

/* Nanoseconds since the request was due. */
STAMP_INLINE __u64 stamp_age(const struct stamp *stamp, __u64 now_ns)
{
	__u64 due_ns = stamp_gather(stamp->time_low) | (__u64)(stamp_gather(stamp->time_high) & 0xff) << 32;

	return (now_ns - due_ns) & STAMP_TIME_MASK;
}

STAMP_INLINE void stamp_read(struct stamp *stamp, const void *bytes)
{
	const struct stamp *there = (const struct stamp *)bytes;

	stamp->sequence = there->sequence;
	stamp->time_low = there->time_low;
	stamp->time_high = there->time_high;
}

/* The stamp in a reply whose function put the payload back to front. */
STAMP_INLINE void stamp_mirror(struct stamp *stamp, const void *bytes)
{
	stamp->time_high = __builtin_bswap16(*(const __u16 *)bytes);
	stamp->time_low = __builtin_bswap64(*(const __u64 *)((const char *)bytes + 2));
	stamp->sequence = __builtin_bswap64(*(const __u64 *)((const char *)bytes + 10));
}

#endif
