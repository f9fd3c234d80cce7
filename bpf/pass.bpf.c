// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Lets everything through. Attached under the socket invokers because veth only accepts live frames on an end that has
 * an XDP program, and so that all invokers get their requests over the same path.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
