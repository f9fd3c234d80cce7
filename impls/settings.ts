import type { ImplementationSettings } from '../model/settings.js';

/** What stands for a setting that an implementation does not have. */
const absent: ImplementationSettings = {
  batch: 1,
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
  loop: 'current',
};

/** An implementation's own defaults, with what was asked for instead, made whole. */
export function resolveSettings(
  defaults: Partial<ImplementationSettings>,
  asked: Partial<ImplementationSettings>,
): ImplementationSettings {
  return { ...absent, ...defaults, ...asked };
}
