/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The work of work.h in eBPF. */
#ifndef IVB_COMPUTE_H
#define IVB_COMPUTE_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "work.h"

struct work_state {
	__u32 hash;
	__u32 words[WORK_WORDS];
};

/* Once round all words: the hash stays in a register meanwhile. */
static long work_round(__u32 round, void *context)
{
	struct work_state *state = context;
	__u32 hash = state->hash, i;

#pragma clang loop unroll(full)
	for (i = 0; i < WORK_WORDS; i++)
		hash = (hash ^ state->words[i]) * WORK_PRIME;
	state->hash = hash;
	return 0;
}

/*
 * So many steps on `length` bytes of payload. At most 2^23 rounds of WORK_WORDS (BPF_MAX_LOOPS): bpf_loop does nothing
 * where it is asked for more.
 */
static __always_inline __u32 compute(void *payload, __u32 length, void *data_end, __u32 steps)
{
	struct work_state state = {.hash = WORK_BASIS};
	__u32 i, rest = steps % WORK_WORDS;

#pragma clang loop unroll(full)
	for (i = 0; i < WORK_WORDS; i++) {
		if (4 * (i + 1) > length || payload + 4 * (i + 1) > data_end)
			break;
		state.words[i] = ((__u32 *)payload)[i];
	}
	bpf_loop(steps / WORK_WORDS, work_round, &state, 0);
#pragma clang loop unroll(full)
	for (i = 0; i < WORK_WORDS - 1; i++)
		if (i < rest)
			state.hash = (state.hash ^ state.words[i]) * WORK_PRIME;
	return state.hash;
}

#endif
