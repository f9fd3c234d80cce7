import type { Counters } from '../../model/record.js';

/** Sums the counters whose names match, e.g. over queues. */
export function sumMatching(counters: Counters, pattern: RegExp): number {
  return Object.entries(counters).reduce((sum, [name, value]) => (pattern.test(name) ? sum + value : sum), 0);
}

/**
 * Packets that the RX queues of an interface dropped by themselves. virtio_net, the only driver that counts `kicks`, has among
 * them all that an XDP program dropped, counted replies too; others have the `failedRedirects` to sockets, which those count.
 */
export function droppedByQueues(kernel: Counters, failedRedirects = 0): number {
  const dropped = sumMatching(kernel, /^rx(_queue_)?\d+_drops$/);
  const holdsVerdicts = Object.keys(kernel).some((name) => /^rx(_queue_)?\d+_kicks$/.test(name));
  const told = holdsVerdicts ? sumMatching(kernel, /^rx(_queue_)?\d+_xdp_drops$/) : failedRedirects;
  return Math.max(0, dropped - told);
}

/**
 * Of `offered` live frames, those that a veth did not take at all, its peer being down. It adds them to the drops of the
 * device, as those that its peer's ring refused; only of live frames it counts what it took. 0 of other frames and wires.
 */
export function notTakenByWire(client: Counters, offered: number): number {
  const accepted = sumMatching(client, /^tx_queue_\d+_xdp_xmit$/);
  const refused = sumMatching(client, /^tx_queue_\d+_xdp_xmit_errors$/);
  if (accepted === 0) return 0;
  return Math.min(client['dev.txDropped'] ?? 0, Math.max(0, offered - accepted - refused));
}

/**
 * Packets by RX queue as drivers with `rx_queue_N_xdp_packets` name them: those that an XDP program saw. Empty for a driver
 * that does not count them, and where there was no program.
 */
export function receivedByQueue(kernel: Counters): number[] {
  const queues = new Set(Object.keys(kernel).flatMap((name) => /^rx_queue_(\d+)_/.exec(name)?.[1] ?? []));
  const received = [...queues]
    .map(Number)
    .sort((a, b) => a - b)
    .map((queue) => sumMatching(kernel, new RegExp(`^rx_queue_${queue}_xdp_packets$`)));
  return received.some((count) => count > 0) ? received : [];
}
