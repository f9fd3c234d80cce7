import { describeHolder, Lock, machineLock } from '../common/process/lock.js';
import type { BenchSurroundings } from './surroundings.js';

/** Who is to have a host, as others are told of it. */
export interface Occupant {
  /** What it does while another has it. */
  busy: 'refuse' | 'wait';
  /** The command line. */
  words: readonly string[];
  surroundings: Pick<BenchSurroundings, 'stderr' | 'interrupt'>;
}

/** The lock of everything that measures on this machine; null if the user has interrupted the waiting for it. */
export async function takeMachineLock({
  busy,
  words,
  surroundings: { stderr, interrupt },
}: Occupant): Promise<Lock | null> {
  const self = { pid: process.pid, since: new Date().toISOString(), command: words.join(' ') };
  if (busy === 'refuse') return await Lock.take(machineLock, self, '--wait waits for its end');
  return await Lock.wait(machineLock, self, interrupt, (holder) => {
    stderr.write(`Waiting for another benchmark: ${describeHolder(holder)}.\n`);
  }).catch((error) => {
    if (!interrupt.aborted) throw error;
    return null;
  });
}
