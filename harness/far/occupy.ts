import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../common/cli/errors.js';
import type { BenchSurroundings } from '../surroundings.js';
import type { FarMachine } from './far-machine.js';

/** What of it is asked. */
export type Occupied = Pick<FarMachine, 'hello' | 'occupy'>;

const pauseMs = 1000;

/**
 * Keeps other benchmarks from all hosts, and undoes what killed runs had left there. Resolves to `interrupted` where the
 * user did not wait; rejects with BenchError BUSY where it is not to wait.
 */
export async function occupyAll(
  machines: readonly Occupied[],
  busy: 'refuse' | 'wait',
  words: readonly string[],
  { stderr, interrupt }: Pick<BenchSurroundings, 'stderr' | 'interrupt'>,
): Promise<'occupied' | 'interrupted'> {
  const remedy = busy === 'wait' ? 'waiting for its end' : '--wait waits for its end';
  // In one order whoever asks: two that wait would else have one host each.
  const inOrder = machines.toSorted((a, b) => (a.hello.host < b.hello.host ? -1 : 1));
  for (const machine of inOrder) {
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
