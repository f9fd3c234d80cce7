#!/bin/sh
# Makes a bare Debian 12 in a folder of the user's cache, once, and prints that folder: systemd, udev, ip and sshd, no Python. In
# its /archive are packages that it can install without a network.
# usage: debian.sh PACKAGE...
set -eu
lab=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/invoker-bench/lab
folder=$cache/debian
packages=$*
lacks() {
  echo "lab: no Debian 12 to be had: $1" >&2
  exit 2
}

if [ "$(cat "$folder/archive/.packages" 2>/dev/null)" = "$packages" ]; then
  echo "$folder"
  exit 0
fi
PATH=$PATH:/usr/sbin:/sbin
command -v debootstrap >/dev/null || lacks 'no debootstrap (Debian package debootstrap)'
mirror=$("$lab/mirror.sh")
[ -n "$mirror" ] || lacks 'the package sources of this host name no archive of Debian'

mkdir -p "$cache"
work=$(mktemp -d "$cache/.debian.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
tree=$work/tree
debootstrap --variant=minbase --include=systemd-sysv,udev,iproute2,openssh-server bookworm "$tree" "$mirror" \
  >"$work/log" 2>&1 || lacks "$(sed -n 's/^E: //p' "$work/log" | sed -n 1p)"
chroot "$tree" apt-get clean
# shellcheck disable=SC2086 # names of packages
chroot "$tree" apt-get install -qy --no-install-recommends --download-only $packages >"$work/log" 2>&1 ||
  lacks "$(sed -n 's/^E: //p' "$work/log" | sed -n 1p)"

rm "$tree"/etc/ssh/ssh_host_* "$tree/etc/resolv.conf"
rm -rf "$tree"/var/lib/apt/lists/* "$tree/var/cache/apt/archives/partial"
mv "$tree/var/cache/apt/archives" "$tree/archive"
mkdir -p "$tree/var/cache/apt/archives/partial"
(
  cd "$tree/archive"
  for package in *.deb; do
    dpkg-deb -f "$package"
    echo "Filename: ./$package"
    echo "Size: $(stat -c %s "$package")"
    echo "SHA256: $(sha256sum "$package" | cut -d' ' -f1)"
    echo
  done >Packages
)
echo 'deb [trusted=yes] file:/archive ./' >"$tree/etc/apt/sources.list"
ln -sf /lib/systemd/system/systemd-networkd.service "$tree/etc/systemd/system/multi-user.target.wants/"
# Another boot has another one.
: >"$tree/etc/machine-id"
echo "$packages" >"$tree/archive/.packages"
rm -rf "$folder"
mv -T "$tree" "$folder"
echo "$folder"
