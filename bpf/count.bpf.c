// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Takes the replies in at the client's interface: counts them, checks the length and the stamp of each one and the whole
 * content of one in `check_every` (0: neither stamps nor contents), and drops them. If `tracked`, it also tells first
 * replies from duplicates, late and reordered ones, and takes the time since each request was due. All other packets go
 * to the kernel.
 */
#include "count.h"
#include "packet.h"
#include "track.h"
#include "stamp.h"

/* Set before load. */
const volatile struct reply_flows flows;
const volatile __u32 payload_bytes; /* of a right reply */
const volatile __u32 stamp_offset; /* of the 18 stamp bytes in a right reply's payload */
const volatile __u32 stamp_mirrored; /* whether it stands there back to front */
const volatile __u32 check_every;
const volatile __u32 tracked;
const volatile __u64 expected[2][COUNT_WORDS]; /* the reply to a request, and to a mirrored one */
const volatile __u32 telling_word; /* a word in which the two differ, if there is one */
const volatile __u64 compared[COUNT_WORDS]; /* mask: 0 in stamp bytes and past the end */

/* Set while running. */
volatile __u64 recorded_since = ~0ULL; /* ns; if tracked, round trips of requests that were due from then on are recorded */
volatile __u64 counted_since; /* ns; if tracked, replies to requests that were due before are nobody's */

__u16 laps[TRACK_SLOTS];
__u32 highest[TRACK_FLOWS];

/*
 * A histogram for each CPU that is online. A per-CPU map would have one for each CPU that the host might ever have, often
 * many times as many, and copy them all when it is read: these are read where they are.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* set before load */
	__type(key, __u32);
	__type(value, struct count_histogram);
} round_trips SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNT_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static __always_inline __u64 count(__u32 counter)
{
	__u64 *value = bpf_map_lookup_elem(&counters, &counter);

	return value ? (*value)++ : 0;
}

/* Reads the stamp of a reply that is long enough; false if a byte of it was changed. */
static __always_inline int read_stamp(void *payload, void *data_end, struct stamp *stamp)
{
	void *bytes = payload + (stamp_offset & 0x7ff);

	if (bytes + STAMP_BYTES > data_end)
		return 0;
	if (stamp_mirrored)
		stamp_mirror(stamp, bytes);
	else
		stamp_read(stamp, bytes);
	return stamp_is_whole(stamp);
}

/* Whether this is the first reply to its request, and in time. */
static __always_inline int is_first(struct stamp *stamp, __u16 flow_port, __u64 age_ns)
{
	__u32 sequence = stamp_sequence(stamp);

	switch (track_reply(laps, TRACK_SLOT_BITS, sequence)) {
	case TRACK_DUPLICATE:
		count(COUNT_DUPLICATES);
		return 0;
	case TRACK_LAPPED:
		count(COUNT_LATE);
		return 0;
	default:
		break;
	}
	if (age_ns > TRACK_TIMEOUT_NS) {
		count(COUNT_LATE);
		return 0;
	}
	if (track_order(&highest[(flow_port - flows.first_client_port) & (TRACK_FLOWS - 1)], sequence))
		count(COUNT_REORDERED);
	return 1;
}

static __always_inline void record(__u64 age_ns)
{
	__u32 bucket = histogram_bucket(age_ns), cpu = bpf_get_smp_processor_id();
	struct count_histogram *own = bpf_map_lookup_elem(&round_trips, &cpu);

	if (own && bucket < HISTOGRAM_BUCKETS)
		own->buckets[bucket]++;
}

static __always_inline int content_is_right(void *payload, void *data_end)
{
	void *telling = payload + 8 * telling_word;
	__u64 tail = 0;
	__u32 side = 0, i, k;

	/* Of one side only: a loop for each would be too much for the verifier. */
	if (telling + 8 <= data_end)
		side = ((*(__u64 *)telling ^ expected[1][telling_word]) & compared[telling_word]) == 0;

	for (i = 0; i < COUNT_WORDS - 1; i++) {
		if (payload + 8 > data_end)
			break;
		if ((*(__u64 *)payload ^ expected[side][i]) & compared[i])
			return 0;
		payload += 8;
	}
	if (i >= COUNT_WORDS)
		return 0;
	for (k = 0; k < 7; k++) {
		if (payload + k + 1 > data_end)
			break;
		tail |= (__u64)*(__u8 *)(payload + k) << (8 * k);
	}
	return ((tail ^ expected[side][i]) & compared[i]) == 0;
}

SEC("xdp")
int count_replies(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct udp_frame *frame = parse_udp((void *)(long)ctx->data, data_end);
	struct stamp stamp;
	__u64 age_ns = 0, now = 0;
	int right_length, is_whole;

	if (!frame || !is_reply(frame, &flows))
		return XDP_PASS;

	right_length = bpf_ntohs(frame->udp.len) == payload_bytes + sizeof(frame->udp) &&
		       data_end - (void *)(frame + 1) >= payload_bytes;
	if (!check_every) {
		if (!right_length)
			count(COUNT_WRONG_LENGTH);
		count(COUNT_REPLIED);
		return XDP_DROP;
	}
	is_whole = read_stamp(frame + 1, data_end, &stamp);
	if (tracked && is_whole) {
		now = bpf_ktime_get_ns();
		age_ns = stamp_age(&stamp, now);
		if (age_ns > now - counted_since)
			return XDP_DROP;
	}
	if (!right_length || !is_whole) {
		count(right_length ? COUNT_WRONG_CONTENT : COUNT_WRONG_LENGTH);
		count(COUNT_REPLIED);
		return XDP_DROP;
	}
	if (tracked && !is_first(&stamp, bpf_ntohs(frame->udp.dest), age_ns))
		return XDP_DROP;
	/* Of 32 bits, as dividing 64 takes several times as long. */
	if ((__u32)count(COUNT_REPLIED) % check_every == 0) {
		count(COUNT_CHECKED);
		if (!content_is_right(frame + 1, data_end)) {
			count(COUNT_WRONG_CONTENT);
			return XDP_DROP;
		}
	}
	if (tracked && now - age_ns >= recorded_since)
		record(age_ns);
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
