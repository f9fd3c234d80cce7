#!/bin/sh
# Says in one line what this host lacks for a guest, and exits with 2; prints nothing where it has all.
set -eu
# MiB: the memory of a guest, and what QEMU takes beside it.
needed=3072
lacks() {
  echo "lab: $1" >&2
  exit 2
}

[ "$(id -u)" = 0 ] || lacks 'needs root, for a tap device and a network namespace'
PATH=$PATH:/usr/sbin:/sbin
for pair in qemu-system-x86_64:qemu-system-x86 cpio:cpio busybox:busybox-static depmod:kmod xz:xz-utils setpriv:util-linux; do
  command -v "${pair%%:*}" >/dev/null || lacks "no ${pair%%:*} (Debian package ${pair#*:})"
done
[ -c /dev/net/tun ] || lacks 'no tun device: /dev/net/tun is missing (modprobe tun)'
# Opened, as a container may show a device that it does not let its processes use.
(: <>/dev/net/tun) 2>/dev/null || lacks 'no tun device: /dev/net/tun cannot be opened'
available=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
[ "$available" -ge $needed ] || lacks "no memory for a guest: $available MiB are available, it takes $needed"
for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
  limit=$(cat $file 2>/dev/null) || continue
  [ "$limit" != max ] || continue
  [ $((limit / 1048576)) -ge $needed ] || lacks "no memory for a guest: this container may use $((limit / 1048576)) MiB, it takes $needed"
done
