import { withoutWork } from '../../model/settings.js';
import type { Answer, CellSummary } from '../../model/summary.js';

/** What a cell can show: a figure that may be quoted, or why it has none. */
export type Standing = 'figure' | 'invalid' | 'skipped' | 'failed' | 'unmeasured';

const answered: Record<Answer['kind'], (cell: CellSummary) => boolean> = {
  peak: ({ repliesPerSecond }) => repliesPerSecond !== null,
  // That no load held is an answer, too.
  capacity: ({ repliesPerSecond }) => repliesPerSecond !== null,
  'round-trips': ({ latencyNs }) => latencyNs !== null,
  levels: ({ levels }) => levels.length > 0,
  rest: ({ invokerCpuRatio }) => invokerCpuRatio !== null,
};

/** Whether the cell's figure may be quoted; `unmeasured`: its load should have given a figure and did not. */
export function standingOf(cell: CellSummary): Standing {
  if (cell.state !== 'completed') return cell.state;
  if (cell.verdict === 'invalid') return 'invalid';
  return answered[cell.answer.kind](cell) ? 'figure' : 'unmeasured';
}

/** What a cell ran: `afxdp`, or `afxdp batch=64` where a setting was an axis. How much work was behind it is told apart. */
export function nameOf({ impl, variant }: Pick<CellSummary, 'impl' | 'variant'>): string {
  const set = withoutWork(variant);
  return set === '' ? impl : `${impl} ${set.replaceAll(',', ' ')}`;
}

/** A label where waiting decides the figure and the label does not tell: one that spins answers sooner. */
export function withWaits(label: string, { idle, variant }: CellSummary): string {
  return idle === 'spin' && !variant.includes('idle=') ? `${label} (spins)` : label;
}

/** The generator could not offer enough to find the invoker's own limit. */
export function isLowerBound(cell: CellSummary): boolean {
  return cell.limit === 'generator';
}
