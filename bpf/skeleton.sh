#!/bin/sh
# Compiles an eBPF program and writes its bpftool skeleton: skeleton.sh NAME.bpf.c NAME.skel.h
set -eu
source=$1
header=$2
name=$(basename "$source" .bpf.c)
object=${header%.skel.h}.bpf.o
mkdir -p "$(dirname "$header")"
# The multiarch directory is where Debian keeps asm/types.h, which -target bpf does not search. The compiler of the addon
# knows its name: that of the running kernel may be another.
types=/usr/include/$(${CC:-gcc} -print-multiarch)
# Packets are read and written as words of several sizes.
clang -O2 -fno-strict-aliasing -g -Wall -Werror -target bpf -mcpu=v3 -I"$types" -c "$source" -o "$object"
# bpftool stands in sbin, which is not on everybody's path.
PATH=$PATH:/usr/sbin bpftool gen skeleton "$object" name "$name" >"$header.new"
mv "$header.new" "$header"
