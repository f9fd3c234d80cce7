import { BenchError } from '../../common/cli/errors.js';
import type { Tuning } from '../../model/tuning.js';
import { type Applied, applyTuning } from '../tuning/apply.js';
import type { TuningHost } from '../tuning/host.js';
import type { Finding } from './finding.js';
import { longestWakeUs } from './power.js';

/**
 * Journals of what is mended: not among those of runs, which the next run undoes. They are undone when it is asked for,
 * or end with the boot.
 */
export const mendsFolder = '/var/lib/invoker-bench/doctor';

/** What mends a finding by itself: settings of the host that can be read, set, read back and set back. */
const mends: Readonly<Record<string, Tuning>> = {
  'bpf-jit': { bpfJit: 'on' },
  'bpf-jit-harden': { bpfJitHarden: 'user' },
  governor: { governor: 'performance' },
  turbo: { turbo: 'off' },
  'idle-states': { idleStatesUpToUs: String(longestWakeUs) },
  irqbalance: { irqbalance: 'paused' },
};

/** A finding with what mends it. */
export interface Mend {
  id: string;
  state: string;
  tuning: Tuning;
}

/** What can be mended of what was found. */
export function mendsOf(findings: readonly Finding[]): Mend[] {
  return findings.flatMap(({ id, level, state }) => {
    const tuning = mends[id];
    return tuning === undefined || level === 'fine' || level === 'not-told' ? [] : [{ id, state, tuning }];
  });
}

/**
 * Makes each: journals it, sets it, reads it back. What is refused is undone alone: the others stay. Resolves to what was
 * set, and why the rest was not.
 */
export async function mend(
  all: readonly Mend[],
  host: TuningHost,
  folder: string,
): Promise<{ applied: Applied[]; refused: BenchError[] }> {
  const applied: Applied[] = [];
  const refused: BenchError[] = [];
  for (const { tuning } of all) {
    try {
      const tuned = await applyTuning(tuning, host, folder);
      await tuned.keep();
      applied.push(...tuned.applied);
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      refused.push(error);
    }
  }
  return { applied, refused };
}
