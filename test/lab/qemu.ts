/** MiB; requirements.sh knows of it. */
const memory = 2560;
/**
 * Pairs of RX and TX queues that are set at most, and CPUs: with more pairs than CPUs virtio-net has XDP send on a queue
 * that does not exist, and the kernel panics (seen with 7.3).
 */
export const queuePairs = 4;
/** Attached, XDP asks for a pair a CPU more: there are that many beside one and two pairs, and it shares those of four. */
const cardPairs = queuePairs + 2;

/** NUMA nodes, a socket each: half of the memory and of the CPUs. */
const nodes = [
  { memory: 'memory0', cpus: '0-1' },
  { memory: 'memory1', cpus: '2-3' },
];

/** Of the card of the only guest of a wire. */
export const guestMac = '02:00:00:00:00:10';

/** A card, whose queues a program may take over; memory is mapped as for a real card, which zero-copy asks for. */
const card = [
  'virtio-net-pci,mq=on',
  `vectors=${2 * cardPairs + 2}`,
  'iommu_platform=on,disable-legacy=on',
  // Packets merged by the host, or without a checksum, keep XDP from being attached.
  'guest_tso4=off,guest_tso6=off,guest_ufo=off,guest_ecn=off,guest_csum=off',
].join();

/** A card of a guest, and the tap device of the host that it is connected to. */
export interface TapCard {
  tap: string;
  mac: string;
  /** Of QEMU's device, beside those of all: `rss=on`. */
  options: readonly string[];
}

/** QEMU's words for a card. */
function cardWords({ tap, mac, options }: TapCard, id: string): string[] {
  return [
    ...['-netdev', `tap,id=${id},ifname=${tap},script=no,downscript=no,queues=${cardPairs},vhost=off`],
    ...['-device', [card, `netdev=${id}`, `mac=${mac}`, ...options].join()],
  ];
}

/** What guests differ in. */
export interface GuestMachine {
  /** Paths of the host. */
  kernel: string;
  initrd: string;
  /** The folder that is the guest's root, read only. */
  root: string;
  consolePath: string;
  cards: TapCard[];
  /** Words for its kernel. */
  append?: string;
}

/** The command line of QEMU for a guest that ends with the lab that started it, also where that is killed. */
export function qemuWords({ kernel, initrd, root, consolePath, cards, append = '' }: GuestMachine): string[] {
  return [
    ...['setpriv', '--pdeathsig', 'KILL', 'qemu-system-x86_64'],
    ...['-machine', 'q35,accel=tcg', '-cpu', 'max', '-m', String(memory), '-no-reboot'],
    ...['-smp', `${queuePairs},sockets=${nodes.length}`],
    ...nodes.flatMap((node) => ['-object', `memory-backend-ram,id=${node.memory},size=${memory / nodes.length}M`]),
    ...nodes.flatMap((node) => ['-numa', `node,cpus=${node.cpus},memdev=${node.memory}`]),
    ...['-nodefaults', '-display', 'none', '-kernel', kernel, '-initrd', initrd],
    ...['-append', `console=ttyS0 panic=-1 mitigations=off net.ifnames=0 ${append}`.trim()],
    ...['-virtfs', `local,path=${root},mount_tag=host,security_model=none,readonly=on,multidevs=remap`],
    ...['-serial', `file:${consolePath}`],
    ...cards.flatMap((card, index) => cardWords(card, `wire${index || ''}`)),
  ];
}
