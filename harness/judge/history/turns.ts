/** What turns of two builds say within a night: both met the same machine. */

import { betterSide } from '../../../model/comparison.js';
import type { Change, Night, NightPair } from '../../../model/night.js';

/** How much a build must be slower in its turns: 5 %. */
export const leastByTurns = 0.05;

/** The last attempt of each cell and metric against another build. */
export function lastTurns({ turns, commit }: Night): NightPair[] {
  const others = turns.filter(({ against }) => against !== commit);
  return others.filter(
    ({ cell, metric, attempt }) =>
      !others.some((other) => other.cell === cell && other.metric === metric && other.attempt > attempt),
  );
}

/** Cells whose last turns of tonight were worse, as changes: in the first attempt, or in one after it. */
export function changesByTurns(nights: readonly Night[], attempts: 'first' | 'further'): Change[] {
  const tonight = nights.at(-1);
  if (tonight === undefined) return [];
  return lastTurns(tonight)
    .filter(({ verdict, attempt }) => verdict === 'worse' && attempt > 1 === (attempts === 'further'))
    .map((pair) => ({
      ...{ cell: pair.cell, metric: pair.metric, kind: 'step', direction: 'worse', witness: 'turns' },
      firstNight: tonight.runId,
      lastGoodNight: nights.findLast(({ commit }) => commit === pair.against)?.runId ?? tonight.runId,
      commits: { good: pair.against, bad: tonight.commit },
      ...{ ratio: pair.ratio, p: pair.p, threshold: leastByTurns, facts: [] },
    }));
}

/** Whether turns leave no room for half of a change of that ratio: build against build, there is none. */
export function isAcquitted({ metric, verdict, ratio }: NightPair, changed: number): boolean {
  if (verdict !== 'unclear' && verdict !== 'better') return false;
  const worst = betterSide[metric] === 'more' ? -Math.log(ratio.low) : Math.log(ratio.high);
  return worst < Math.abs(Math.log(changed)) / 2;
}
