import type { CompletedRun, FailedRun, Run } from '../../model/record.js';
import { objections } from './verdict.js';

/** At least this share of a cell's runs must be sound for its figures to stand; they rest on those alone. */
const fewestSound = 2 / 3;

/** What of the runs of a cell counts. */
export interface Soundness {
  completed: CompletedRun[];
  failed: FailedRun[];
  /** Whether figures stand. */
  stands: boolean;
  /** What figures rest on: the sound runs, or all that completed where figures do not stand. */
  counted: CompletedRun[];
}

export function soundnessOf(runs: readonly Run[]): Soundness {
  const completed = runs.filter((run) => run.state === 'completed');
  const failed = runs.filter((run) => run.state === 'failed');
  const sound = completed.filter((run) => objections(run).length === 0);
  const stands = sound.length >= fewestSound * (completed.length + failed.length);
  return { completed, failed, stands, counted: stands ? sound : completed };
}
