/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which RX queue a packet came in by, as far as the kernel still knows when it has made a socket buffer of it. */
#ifndef IVB_QUEUE_H
#define IVB_QUEUE_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/*
 * The number that its driver has recorded, if it records any. Else one for each instance of NAPI, of which a queue has its
 * own: they are numbered one after the other, from where nobody knows. Without NAPI the CPU stands for a queue.
 */
static __always_inline __u32 queue_of(struct __sk_buff *skb, __u32 is_recorded)
{
	__u32 recorded = skb->queue_mapping, napi = skb->napi_id;

	if (is_recorded && recorded)
		return recorded - 1;
	return napi ? napi : bpf_get_smp_processor_id();
}

#endif
