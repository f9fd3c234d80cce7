import { count } from '../../common/cli/text.js';
import type { MetricId } from '../../model/comparison.js';
import { betterSide } from '../../model/comparison.js';
import type { GateVerdict, PairComparison } from '../../model/pair.js';

const significant = 0.05;
/** The least p of n turns is 2 / 2^n. */
const fewestTurns = 6;

/**
 * Whether the second candidate is worse by more than a share (0..1), as ClickHouse's performance tests judge it
 * (tests/performance/scripts/README.md): a change counts above the share and outside 95 % of the randomisation
 * distribution; a cell without one in which that distribution reaches beyond the share is unstable.
 */
export function judgeChange({ shift, figures, turns }: PairComparison, metric: MetricId, share: number): GateVerdict {
  if (shift === null || figures === null || turns < fewestTurns)
    return { verdict: 'untold', reason: `${count(turns, 'turn')} with both figures, of ${fewestTurns} that it takes` };
  const worse = betterSide[metric] === 'more' ? 1 - shift.ratio : shift.ratio - 1;
  if (shift.p > significant || Math.abs(worse) <= share)
    return { verdict: shift.noise > share ? 'unstable' : 'unchanged' };
  // The lower of the two may be more in truth.
  if (figures[shift.ratio > 1 ? 0 : 1].kind === 'lower bound')
    return { verdict: 'untold', reason: 'the lower figure is a lower bound: the load generator was the limit' };
  return { verdict: worse > 0 ? 'regression' : 'improvement' };
}
