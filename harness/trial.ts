import { betterSide } from '../model/comparison.js';
import type { PairComparison, PairSummary } from '../model/pair.js';
import type { Tested, Worsening } from './builds/search.js';
import { judgeChange } from './judge/gate.js';

/** What turns of two builds say. */
export interface Trial {
  summary: PairSummary;
  comparison: PairComparison;
}

/** What turns with the good commit say of another; too few with both figures, or a lower bound, say nothing of it. */
export function testedBy({ summary, comparison }: Trial): Tested {
  const judged = judgeChange(comparison, summary.metric, 0);
  return judged.verdict === 'untold'
    ? { state: 'untestable', reason: judged.reason }
    : { state: 'measured', worsening: worseningOf({ summary, comparison }) };
}

/** By how much the second commit is worse than the first. */
export function worseningOf({ summary, comparison: { shift } }: Trial): Worsening {
  const { ratio, low, high } = shift ?? { ratio: 1, low: 0, high: Number.POSITIVE_INFINITY };
  const logs = [ratio, low, high].map(Math.log) as [number, number, number];
  if (betterSide[summary.metric] === 'less') return { log: logs[0], low: logs[1], high: logs[2] };
  return { log: -logs[0], low: -logs[2], high: -logs[1] };
}
