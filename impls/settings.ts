import type { ImplementationSettings } from '../model/settings.js';

/**
 * Requests that may wait for a thread: the same for all, or a stall would cost one of them more than the other. 1024 hold
 * a millisecond of AF_XDP's peak, and its frames of 2 KiB stay in a cache of 2 MiB: 2048 cost it 15 to 20 % there.
 */
export const waitingRoom = { depthPackets: 1024 } as const;

/** What stands for a setting that an implementation does not have. */
const absent: ImplementationSettings = {
  batch: 1,
  workNs: 0,
  delayNs: 0,
  depthPackets: 0,
  busyPollUs: 0,
  socketBufferBytes: 0,
  steering: 'hash',
  gro: 'off',
  ringSize: 0,
  frameSize: 0,
  attach: 'native',
  copyMode: 'copy',
  checksum: 'zero',
  hugePages: 'off',
  txBudget: 0,
  dpdkVdev: 'net_af_xdp',
  loop: 'current',
};

/** An implementation's own defaults, with what was asked for instead, made whole. */
export function resolveSettings(
  defaults: Partial<ImplementationSettings>,
  asked: Partial<ImplementationSettings>,
): ImplementationSettings {
  return { ...absent, ...defaults, ...asked };
}
