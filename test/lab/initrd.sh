#!/bin/sh
# Writes the initial RAM disk of a guest whose root is a folder of this host: read only, changes stay in memory.
# Of this host's own file system it starts agent.mjs in the place of init, and powers off when that ends or its time is over.
# With a folder of files it lays those over the guest's root, and starts the init that is there.
# usage: initrd.sh MODULES_FOLDER FILE LIFE_SECONDS NODE
#        initrd.sh MODULES_FOLDER FILE FILES_FOLDER
set -eu
modules=$1
file=$2
lab=$(cd "$(dirname "$0")" && pwd)
needed='failover net_failover virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_net
  netfs fscache 9pnet 9pnet_virtio 9p overlay'

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
for folder in bin proc sys dev mod lower upper newroot; do mkdir "$root/$folder"; done
cp "$(command -v busybox)" "$root/bin/busybox"
# What is not there as a module is part of that kernel.
for module in $needed; do
  found=$(find "$modules" -name "$module.ko*" | sed -n 1p)
  case $found in
  '') ;;
  *.xz) xz -dc "$found" >"$root/mod/$module.ko" ;;
  *.zst) zstd -dqc "$found" >"$root/mod/$module.ko" ;;
  *) cp "$found" "$root/mod/$module.ko" ;;
  esac
done

if [ -d "$3" ]; then
  cp -a "$3" "$root/files"
  begin='$b cp -a /files/. /newroot/
exec $b switch_root /newroot /sbin/init </dev/console >/dev/console 2>&1'
else
  life=$3
  node=$4
  cat >"$root/guest.sh" <<GUEST
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
ip link set lo up
modprobe -q veth
stty -F /dev/ttyS1 raw -echo clocal 115200
timeout $life $node $lab/agent.mjs /dev/ttyS1
echo o >/proc/sysrq-trigger
sleep 60
GUEST
  begin="\$b mkdir -p /newroot/lib/modules; \$b mount --bind /newroot$(dirname "$modules") /newroot/lib/modules
\$b cp /guest.sh /newroot/guest.sh
exec \$b switch_root /newroot /bin/bash /guest.sh </dev/console >/dev/console 2>&1"
fi

cat >"$root/init" <<INIT
#!/bin/busybox sh
b=/bin/busybox
\$b mount -t proc proc /proc; \$b mount -t sysfs sys /sys; \$b mount -t devtmpfs dev /dev
for m in $(echo $needed); do [ ! -f /mod/\$m.ko ] || \$b insmod /mod/\$m.ko; done
\$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,ro,cache=loose host /lower
\$b mount -t tmpfs tmpfs /upper; \$b mkdir /upper/u /upper/w
\$b mount -t overlay -o lowerdir=/lower,upperdir=/upper/u,workdir=/upper/w overlay /newroot
\$b mount -t proc proc /newroot/proc; \$b mount -t sysfs sys /newroot/sys; \$b mount -t devtmpfs dev /newroot/dev
\$b mkdir -p /newroot/dev/pts /newroot/dev/shm
\$b mount -t devpts pts /newroot/dev/pts; \$b mount -t tmpfs shm /newroot/dev/shm
\$b mount -t tmpfs tmpfs /newroot/run; \$b mount -t bpf bpf /newroot/sys/fs/bpf
$begin
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$file"
