#!/bin/sh
# Compiles the DPDK program: dpdk.sh PROGRAM. Its functions, checks and counters are those of native/.
set -eu
program=$1
cd "$(dirname "$0")/.."
made=$program.made
trap 'rm -rf "$made"' EXIT
sh bpf/skeleton.sh bpf/deliver.bpf.c "$made/deliver.skel.h"
sources=
for name in functions interface_counters interface_facts lookup own_ends reverse udp_addresses udp_socket; do
	sources="$sources native/$name.cc"
done
# Headers of others may warn of what they like.
flags=$(pkg-config --cflags libdpdk | sed 's/-I/-isystem /g')
# The drivers are plug-ins: EAL loads them.
${CXX:-g++} -std=c++20 -O2 -Wall -Wextra -Wno-missing-field-initializers $flags "-I$made" -o "$program" runtimes/dpdk.cc $sources \
	-Wl,--as-needed -lrte_eal -lrte_ethdev -lrte_mbuf -lrte_mempool -lrte_ring -lbpf -lcrypto
