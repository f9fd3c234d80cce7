import { describeHolder, Lock, machineLock } from '../common/process/lock.js';
import type { BenchSurroundings } from './surroundings.js';

/** The lock of everything that measures on this machine; null if the user has interrupted the waiting for it. */
export async function takeMachineLock(
  busy: 'refuse' | 'wait',
  words: readonly string[],
  { stderr, interrupt }: Pick<BenchSurroundings, 'stderr' | 'interrupt'>,
): Promise<Lock | null> {
  const self = { pid: process.pid, since: new Date().toISOString(), command: words.join(' ') };
  if (busy === 'refuse') return await Lock.take(machineLock, self, '--wait waits for its end');
  return await Lock.wait(machineLock, self, interrupt, (holder) => {
    stderr.write(`Waiting for another benchmark: ${describeHolder(holder)}.\n`);
  }).catch((error) => {
    if (!interrupt.aborted) throw error;
    return null;
  });
}
