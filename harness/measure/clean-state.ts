import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../common/cli/errors.js';
import { type HostState, leftBehind } from './host-state.js';

/** The kernel frees namespaces and programs some time after their last user is gone. */
const patience = { readings: 100, pauseMs: 50 };

/** Sees to it that each cell leaves its hosts as it found them. */
export class CleanState {
  readonly #read: () => Promise<HostState | null>;
  readonly #pause: () => Promise<void>;
  #before: HostState | null = null;

  /** `read` resolves to null where a host cannot be asked just now. */
  constructor(read: () => Promise<HostState | null>, pause = () => sleep(patience.pauseMs)) {
    this.#read = read;
    this.#pause = pause;
  }

  /** Before a cell. */
  async look(): Promise<void> {
    // After a cell it was read, and nothing was done since.
    this.#before ??= await this.#read();
  }

  /** After a cell that is called so: rejects with BenchError LEFT_BEHIND, which names what is still there after 5 s. */
  async check(cell: string): Promise<void> {
    const before = this.#before;
    if (before === null) return;
    for (let readings = 1; ; readings++) {
      const after = await this.#read();
      if (after === null) return;
      const left = leftBehind(before, after);
      if (left.length === 0) {
        this.#before = after;
        return;
      }
      if (readings === patience.readings)
        throw new BenchError('LEFT_BEHIND', `${cell} left behind: ${left.join('; ')}`);
      await this.#pause();
    }
  }
}
