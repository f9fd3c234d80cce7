import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../common/cli/errors.js';
import { difference, type HostState } from './host-state.js';

/** The kernel frees namespaces and programs some time after their last user is gone. */
const patienceMs = 5000;
const pauseMs = 50;

/** How time passes. */
export interface Patience {
  nowMs(): number;
  pause(): Promise<void>;
}

const realTime: Patience = { nowMs: () => performance.now(), pause: () => sleep(pauseMs) };

/** Sees to it that each cell leaves its hosts as it found them. */
export class CleanState {
  readonly #read: () => Promise<HostState | null>;
  readonly #time: Patience;
  #before: HostState | null = null;

  /** `read` resolves to null where a host cannot be asked just now. */
  constructor(read: () => Promise<HostState | null>, time = realTime) {
    this.#read = read;
    this.#time = time;
  }

  /** Before a cell. */
  async look(): Promise<void> {
    // After a cell it was read, and nothing was done since.
    this.#before ??= await this.#read();
  }

  /** After what is called so: rejects with BenchError HOST_CHANGED, which names what is still otherwise after 5 s. */
  async check(run: string): Promise<void> {
    const before = this.#before;
    if (before === null) return;
    for (const deadline = this.#time.nowMs() + patienceMs; ; ) {
      const after = await this.#read();
      if (after === null) {
        // A host that comes back may have been booted anew, with other settings.
        this.#before = { ...before, settings: {} };
        return;
      }
      const { left, changed } = difference(before, after);
      if (left.length + changed.length === 0) {
        this.#before = after;
        return;
      }
      if (this.#time.nowMs() > deadline) {
        const leaves = left.length > 0 ? [`${run} left behind: ${left.join('; ')}`] : [];
        // Who did is not known.
        const changes = changed.length > 0 ? [`while ${run} ran, it or others changed: ${changed.join('; ')}`] : [];
        throw new BenchError('HOST_CHANGED', [...leaves, ...changes].join('; '));
      }
      await this.#time.pause();
    }
  }
}
