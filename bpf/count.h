/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the reply-counting program and its user side share. */
#ifndef IVB_COUNT_H
#define IVB_COUNT_H

#include <linux/types.h>

#include "histogram.h"
#include "payload.h"

#define COUNT_WORDS (MAX_PAYLOAD_BYTES / 8 + 1) /* 8-byte words of the longest payload, and one to spare */

/* Round trips whose replies one CPU took in. */
struct count_histogram {
	__u64 buckets[HISTOGRAM_BUCKETS];
};

enum count_counter {
	COUNT_REPLIED, /* replies back at the client; if tracked, without duplicates and late ones */
	COUNT_CHECKED, /* of which the whole content was compared */
	COUNT_WRONG_LENGTH,
	COUNT_WRONG_CONTENT,
	COUNT_DUPLICATES,
	COUNT_REORDERED,
	COUNT_LATE,
	COUNT_COUNTERS,
};

#endif
