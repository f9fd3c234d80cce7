#!/bin/sh
# Unpacks a kernel of Debian's into a folder of the user's cache, once, and prints that folder; installs nothing.
# usage: kernel.sh 6.1|6.12|7
set -eu
kernel=$1
lab=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/invoker-bench/lab
folder=$cache/$kernel
lacks() {
  echo "lab: no kernel $kernel to be had: $1" >&2
  exit 2
}

case $kernel in
6.1) suite=bookworm ;;
6.12) suite=bookworm-backports ;;
7) suite=trixie-backports ;;
*) lacks 'there are 6.1, 6.12 and 7' ;;
esac

if [ -e "$folder/.unpacked" ]; then
  echo "$folder"
  exit 0
fi
PATH=$PATH:/usr/sbin:/sbin
command -v apt-get >/dev/null || lacks 'this host has no apt-get'
mirror=$("$lab/mirror.sh")
[ -n "$mirror" ] || lacks 'the package sources of this host name no archive of Debian'

mkdir -p "$cache"
work=$(mktemp -d "$cache/.$kernel.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# Beside the lists and the cache of the host, which stay as they are. Root's own files, so no other user downloads.
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/tree"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
set -- -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists" \
  -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any \
  -o Acquire::Retries=0 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 -q
# The first complaint has the cause.
why() { sed -n 's/^[EW]: //p' "$work/log" | sed -n 1p; }
apt-get "$@" update >"$work/log" 2>&1 || lacks "$(why)"
depends() { apt-cache "$@" 2>/dev/null; }
image=$(depends "$@" depends linux-image-amd64 | awk '/Depends: linux-image-/ && !n++ { print $2 }')
[ -n "$image" ] || lacks "$suite has no linux-image-amd64"
# Newer suites split the image into a package with the kernel and one with its modules.
parts=$(depends "$@" depends "$image" | awk '/Depends: linux-(binary|modules)-/ { print $2 }')
cd "$work/tree"
# shellcheck disable=SC2086 # names of packages, one or two
apt-get "$@" download ${parts:-$image} >"$work/log" 2>&1 || lacks "$(why)"
for package in ./*.deb; do
  dpkg-deb -x "$package" .
  rm "$package"
done
rm -rf usr/share
# One place for all suites: older ones unpack to lib and boot.
if [ -d lib ]; then
  mkdir -p usr
  mv lib usr/lib
fi
release=$(basename usr/lib/modules/*)
[ -e "usr/lib/modules/$release/vmlinuz" ] || mv "boot/vmlinuz-$release" "usr/lib/modules/$release/vmlinuz"
[ -e "usr/lib/modules/$release/modules.dep" ] || depmod -b "$work/tree/usr" "$release"
touch .unpacked
# Another lab may have been faster.
if [ ! -e "$folder/.unpacked" ]; then
  rm -rf "$folder"
  mv -T "$work/tree" "$folder" || [ -e "$folder/.unpacked" ]
fi
echo "$folder"
