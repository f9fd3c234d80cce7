import { setTimeout as sleep } from 'node:timers/promises';

export { nowNs } from '../../common/process/clock.js';

/** Resolves after about `ns`, or when `interrupt` fires; the caller reads the clock for what it really was. */
export async function pause(ns: number, interrupt?: AbortSignal): Promise<void> {
  await sleep(ns / 1e6, undefined, interrupt && { signal: interrupt }).catch(() => {});
}
