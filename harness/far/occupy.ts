import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../common/cli/errors.js';
import type { Occupant } from '../machine-lock.js';
import type { FarMachine } from './far-machine.js';

/** What of it is asked. */
export type Occupied = Pick<FarMachine, 'hello' | 'occupy'>;

const pauseMs = 1000;

/** The same whoever asks: two that wait would else have one host each. */
export function inOrder<Machine extends Pick<FarMachine, 'hello'>>(machines: readonly Machine[]): Machine[] {
  return machines.toSorted((a, b) => (a.hello.host < b.hello.host ? -1 : 1));
}

/**
 * Keeps other benchmarks from all hosts, and undoes what killed runs had left there. Resolves to `interrupted` where the
 * user did not wait; rejects with BenchError BUSY where it is not to wait.
 */
export async function occupyAll(
  machines: readonly Occupied[],
  { busy, words, surroundings: { stderr, interrupt } }: Occupant,
): Promise<'occupied' | 'interrupted'> {
  const remedy = busy === 'wait' ? 'waiting for its end' : '--wait waits for its end';
  for (const machine of inOrder(machines)) {
    for (let told = false; ; ) {
      if (interrupt.aborted) return 'interrupted';
      try {
        for (const text of await machine.occupy(words.join(' '), remedy))
          stderr.write(`invoker-bench: left by a killed run: ${text}\n`);
        break;
      } catch (error) {
        if (busy === 'refuse' || !(error instanceof BenchError) || error.code !== 'BUSY') throw error;
        if (!told) stderr.write(`invoker-bench: ${error.message}\n`);
        told = true;
        await sleep(pauseMs, undefined, { signal: interrupt }).catch(() => {});
      }
    }
  }
  return 'occupied';
}
