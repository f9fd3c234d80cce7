import type { Cell } from '../../model/cell.js';
import type { CeilingQuestion, PhaseName, Run, Sample, Timeline } from '../../model/record.js';

/** What happens while a benchmark goes on, in its order. */
export type BenchEvent =
  | { type: 'calibrating'; question: CeilingQuestion }
  /** `error`: why there is no figure. */
  | { type: 'calibrated'; question: CeilingQuestion; error: Error | null }
  /** Records that a run has already when it is gone on with. */
  | { type: 'resumed'; runs: readonly Run[] }
  /** A skipped cell begins and ends at once. */
  | { type: 'began'; cell: Cell; repeat: number }
  | { type: 'phase'; phase: PhaseName }
  /** Counters of a process of the cell under way, of that process alone. */
  | { type: 'sample'; sample: Sample }
  /** Round trips of a piece of the measure phase. */
  | { type: 'recorded'; piece: Timeline['roundTrips'][number] }
  | { type: 'ended'; run: Run }
  /** A line that a user must see, whatever else is shown. */
  | { type: 'warning'; text: string };

/**
 * Hears each event at once, and must not throw: many come from the output of a child, where nobody catches an error and
 * the process would end with the wire still there.
 */
export type Observe = (event: BenchEvent) => void;

/** Where nobody listens. */
export const unobserved: Observe = () => {};
