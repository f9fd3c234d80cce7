// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Run on live frames by BPF_PROG_TEST_RUN: turns a due frame into the next request and redirects it out of the client's
 * interface, drops (recycles) a frame that is not due. One instance a generator thread, so that nothing is shared.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "generate.h"
#include "histogram.h"
#include "stamp.h"

/* Set before load. */
const volatile __u64 headers[GENERATE_HEADER_WORDS];
const volatile __u16 first_source_port; /* host order */
const volatile __u16 flow_mask; /* flows - 1, flows a power of two */
const volatile __u32 rest_bytes; /* of the payload, after the stamp */
const volatile struct generate_ends ends[2]; /* of the rest, forwards and mirrored */
const volatile __u32 first_sequence; /* with the step, so that instances number their requests apart */
const volatile __u32 sequence_step;
const volatile __u32 instances = 1; /* that share the rate: each begins its schedule at a phase of its own */
const volatile __u32 batch_mask; /* turns in a batch, a power of two, - 1 */
const volatile __u32 watched; /* whether how late requests leave is recorded */
/*
 * Whether a recycled frame may begin elsewhere: a driver that puts a header of its own in front moves it, and kernels
 * before 6.4 send it from there the next time.
 */
const volatile __u32 moved;
const volatile __u32 stamped; /* else only headers are written: what the frames alone cost */
/* Gaps between requests in turn, drawn at random, of a mean of GENERATE_GAP_UNIT; none: all the same. */
const volatile __u32 random_gaps;
__u32 gaps_drawn[GENERATE_GAPS];
__u8 rest[GENERATE_MAX_REST]; /* forwards */

/* The interface that requests leave by. A map of one, as by its index each request would look it up among all. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} egress SEC(".maps");

/* Set while running. */
volatile __u64 interval = GENERATE_PAUSED; /* 2^-10 ns between two requests */
volatile __u64 max_lag; /* 2^-10 ns: what is further behind than this is left out instead of bursting */

/* Read while running. */
__u64 offered; /* requests the schedule asked for */
__u64 sent; /* requests handed to the interface */
__u64 late; /* of them more than GENERATE_LATE_NS after they were due */
__u64 last_look_ns; /* at the clock; 0 before the first frame */
__u64 longest_gap_ns; /* between two looks at the clock */
__u64 gaps; /* of more than 1 ms */
__u64 gaps_total_ns;
__u64 away_ns; /* in gaps of more than GENERATE_AWAY_NS */
__u64 lags[HISTOGRAM_BUCKETS]; /* how late requests left */
volatile __u32 recording; /* whether lags are recorded */

static __u64 next_due; /* 2^-10 ns */
static __u64 last_interval;
static __u32 sent_before; /* the number of the next request, in steps */
static __u32 turns;

/* Where things stand in a frame. */
#define SOURCE_PORT (sizeof(struct ethhdr) + sizeof(struct iphdr))
#define STAMP (SOURCE_PORT + sizeof(struct udphdr))
#define REST (STAMP + STAMP_BYTES)

static __always_inline void watch_gap(__u64 now)
{
	__u64 gap = now - last_look_ns;

	if (last_look_ns && gap > GENERATE_AWAY_NS)
		away_ns += gap;
	if (last_look_ns && gap > 1000000) {
		gaps++;
		gaps_total_ns += gap;
		if (gap > longest_gap_ns)
			longest_gap_ns = gap;
	}
	last_look_ns = now;
}

/*
 * Now, or the last look at the clock in this batch, if the next request was due by then: the batch leaves as a whole, at
 * its end, and reading the clock is a fifth of a request's work.
 */
static __always_inline __u64 look_at_clock(__u64 pace)
{
	__u32 turn = turns++ & batch_mask;
	__u64 now;

	if (turn && (pace == GENERATE_UNPACED ||
		     (pace == last_interval && (__s64)((last_look_ns << GENERATE_FRACTION_BITS) - next_due) >= 0)))
		return last_look_ns;
	now = bpf_ktime_get_ns();
	watch_gap(now);
	return now;
}

static __always_inline __u64 next_gap(__u64 pace)
{
	if (!random_gaps)
		return pace;
	return (pace * gaps_drawn[bpf_get_prandom_u32() & (GENERATE_GAPS - 1)]) >> GENERATE_GAP_BITS;
}

/* How late a request leaves that was due at `due_at`. */
static __always_inline void watch_lag(__u64 lag)
{
	__u64 lag_ns = lag >> GENERATE_FRACTION_BITS;
	__u32 bucket = histogram_bucket(lag_ns);

	if (lag_ns > GENERATE_LATE_NS)
		late++;
	if (recording && bucket < HISTOGRAM_BUCKETS)
		lags[bucket]++;
}

/* Whether a request is due at `now`, one every `pace`, and since when (ns); advances the schedule if it is. */
static __always_inline int due(__u64 pace, __u64 now, __u64 *due_ns)
{
	__u64 at = now << GENERATE_FRACTION_BITS, most = max_lag, lag, slipped;

	*due_ns = now;
	if (pace == GENERATE_PAUSED || pace == GENERATE_UNPACED) {
		last_interval = pace;
		offered += pace == GENERATE_UNPACED;
		return pace == GENERATE_UNPACED;
	}
	/* A new rate starts a new schedule: the time before it, a pause included, is not made up for. */
	if (pace != last_interval) {
		last_interval = pace;
		next_due = at + pace * first_sequence / instances;
	}
	if ((__s64)(at - next_due) < 0)
		return 0;
	lag = at - next_due;
	if (lag > most) {
		slipped = (lag - most) / pace;
		offered += slipped;
		next_due += slipped * pace;
		lag = at - next_due;
	}
	if (watched) {
		watch_lag(lag);
		*due_ns = next_due >> GENERATE_FRACTION_BITS;
	}
	next_due += next_gap(pace);
	offered++;
	return 1;
}

/*
 * Mends the rest of a payload that a responder edited in this very page, answering by XDP_TX. Reversed, it is mirrored
 * all but the end, where the old stamp now stands: with a new end it is as good as before. Anything else is written
 * anew, which takes far longer.
 */
static __always_inline void mend(struct xdp_md *ctx, void *request)
{
	void *begin = request + REST, *end = begin + rest_bytes;
	int side, i;

	if (rest_bytes >= GENERATE_MIN_MIRRORED && end <= (void *)(long)ctx->data_end) {
#pragma clang loop unroll(full)
		for (side = 0; side < 2; side++) {
			if (*(__u64 *)begin != ends[side].first)
				continue;
			for (i = 0; i < GENERATE_END_WORDS; i++)
				*(__u64 *)(end - 8 * GENERATE_END_WORDS + 8 * i) = ends[side].last[i];
			return;
		}
	}
	if (rest_bytes)
		bpf_xdp_store_bytes(ctx, REST, rest, rest_bytes);
}

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	void *request = (void *)(long)ctx->data;
	struct stamp *stamp = request + STAMP;
	/* The pace before the time, so that no request is due before its rate was set. */
	__u64 pace = interval, now = look_at_clock(pace), due_ns;
	__u32 sequence;
	int i, action;

	if (!due(pace, now, &due_ns) || request + REST > (void *)(long)ctx->data_end)
		return XDP_DROP;

	/* A recycled page keeps what was written to it: headers and stamp are written anew, the rest where it changed. */
	if (stamped && (stamp->sequence ^ STAMP_FORM) & STAMP_FORM_MASK)
		mend(ctx, request);
	for (i = 0; i < GENERATE_HEADER_WORDS; i++)
		((__u64 *)request)[i] = headers[i];
	sequence = first_sequence + sent_before++ * sequence_step;
	*(__u16 *)(request + SOURCE_PORT) = bpf_htons(first_source_port + (sequence & flow_mask));
	if (stamped)
		stamp_write(stamp, sequence, due_ns);
	/* Where the program changed the bounds of a packet, the kernel takes those of the frame from it. */
	if (moved && bpf_xdp_adjust_meta(ctx, -(int)sizeof(__u32)) != 0)
		return XDP_ABORTED;
	/* The interface may be gone. */
	action = bpf_redirect_map(&egress, 0, XDP_DROP);
	if (action == XDP_REDIRECT)
		sent++;
	return action;
}

char _license[] SEC("license") = "Dual BSD/GPL";
