/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The work that may follow a function: FNV-1a over 32-bit words instead of bytes, round and round over the first words of
 * the payload. Each step needs the result of the one before, so that no CPU does two at once. What C++ and eBPF share;
 * in JavaScript: impls/work.ts.
 */
#ifndef IVB_WORK_H
#define IVB_WORK_H

#define WORK_WORDS 16 /* whole little-endian words of the payload, zeros behind its end: a cache line */
#define WORK_BASIS 2166136261U
#define WORK_PRIME 16777619U

#endif
