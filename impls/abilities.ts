import { type IdleMode, type ImplementationId, idleModes } from '../harness/model.js';
import { count } from './values.js';

/** What an implementation offers beyond its settings. */
export interface Abilities {
  /** Threads of a function: only `one`, a `fixed` number, or one that may be `scaled` while it runs. */
  threads: 'one' | 'fixed' | 'scaled';
  /** The ways to wait for requests that it lets choose from, if it does. */
  idle: readonly IdleMode[];
}

export const abilities: Record<ImplementationId, Abilities> = {
  dgram: { threads: 'fixed', idle: [] },
  recvfrom: { threads: 'one', idle: [] },
  recvmmsg: { threads: 'scaled', idle: [] },
  iouring: { threads: 'fixed', idle: [] },
  afxdp: { threads: 'scaled', idle: idleModes },
};

/** Why an implementation cannot serve a function with so many threads in all, or null if it can. */
export function cannot(id: ImplementationId, { threads }: { threads: number }): string | null {
  if (abilities[id].threads === 'one' && threads > 1) return `${id} has one thread a function, not ${threads}`;
  return null;
}

/** Why the threads a queue of an implementation cannot become so many, or null if they can. */
export function cannotScale(id: ImplementationId, threadsPerQueue: number, most: number): string | null {
  if (abilities[id].threads !== 'scaled') return `${id} has a fixed number of threads`;
  if (threadsPerQueue < 1) return 'a function keeps at least 1 thread a queue';
  if (threadsPerQueue > most) return `at most ${count(most, 'thread')} a queue (see --max-threads)`;
  return null;
}
