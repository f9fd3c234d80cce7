// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Takes the replies in at the client's interface: counts them, checks the length and the stamp's form of each one and
 * the whole content of one in `check_every`, and drops them. All other packets go to the kernel.
 */
#include "count.h"
#include "packet.h"
#include "stamp.h"

/* Set before load. */
const volatile __u16 server_port; /* network order */
const volatile __u32 payload_bytes; /* of a right reply */
const volatile __u32 stamp_offset; /* of the 18 stamp bytes in a right reply's payload */
const volatile __u32 check_every;
const volatile __u64 expected[2][COUNT_WORDS]; /* the reply to a request, and to a mirrored one */
const volatile __u32 telling_word; /* a word in which the two differ, if there is one */
const volatile __u64 compared[COUNT_WORDS]; /* mask: 0 in stamp bytes and past the end */

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

static __always_inline int stamp_is_whole(void *payload, void *data_end)
{
	void *stamp = payload + (stamp_offset & 0x7ff);

	if (stamp + STAMP_BYTES > data_end)
		return 0;
	return ((*(__u64 *)stamp ^ STAMP_FORM) & STAMP_FORM_MASK) == 0 &&
	       ((*(__u64 *)(stamp + 8) ^ STAMP_FORM) & STAMP_FORM_MASK) == 0 &&
	       ((*(__u16 *)(stamp + 16) ^ (__u16)STAMP_FORM) & (__u16)STAMP_FORM_MASK) == 0;
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

	if (!frame || frame->udp.source != server_port)
		return XDP_PASS;

	if (bpf_ntohs(frame->udp.len) != payload_bytes + sizeof(frame->udp) ||
	    data_end - (void *)(frame + 1) < payload_bytes) {
		count(COUNT_WRONG_LENGTH);
		count(COUNT_REPLIED);
		return XDP_DROP;
	}
	if (count(COUNT_REPLIED) % check_every == 0) {
		count(COUNT_CHECKED);
		if (!content_is_right(frame + 1, data_end)) {
			count(COUNT_WRONG_CONTENT);
			return XDP_DROP;
		}
	}
	if (!stamp_is_whole(frame + 1, data_end))
		count(COUNT_WRONG_CONTENT);
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
