import { describe, expect, it } from 'vitest';
import { judgeChange } from '../../../harness/judge/gate.js';
import { shiftOf } from '../../../harness/judge/side-swaps.js';
import type { ComparedFigure, MetricId } from '../../../model/comparison.js';
import type { PairComparison } from '../../../model/pair.js';

type Kinds = [ComparedFigure['kind'], ComparedFigure['kind']];

/** Turns in which the newer is by these shares more. */
function comparisonOf(changes: readonly number[], kinds: Kinds = ['exact', 'exact']): PairComparison {
  const shift = changes.length === 0 ? null : shiftOf(changes.map((change) => [1000, 1000 * (1 + change)]));
  const figure = (kind: ComparedFigure['kind']) => ({ median: 1, repeats: changes.length, kind });
  return {
    ...{ packetBytes: 200, control: null, turns: changes.length, objections: [], ratio: null, shift },
    figures: [figure(kinds[0]), figure(kinds[1])],
    ...{ p: 1, holmP: 1, signP: 1, outcome: 'unclear' },
  };
}

/** A change that differs by up to `spread` from turn to turn. */
const around = (change: number, spread: number, turns = 12) =>
  Array.from({ length: turns }, (_, turn) => change + spread * (((turn * 5) % turns) / (turns - 1) - 0.5) * 2);

describe('judgeChange', () => {
  it.each<[string, number[], MetricId, string]>([
    ['10 % less', around(-0.1, 0.02), 'peak', 'regression'],
    ['10 % less of a capacity', around(-0.1, 0.02), 'ndr', 'regression'],
    ['10 % more time', around(0.1, 0.02), 'p50', 'regression'],
    ['10 % less time', around(-0.1, 0.02), 'p50', 'improvement'],
    ['10 % more', around(0.1, 0.02), 'peak', 'improvement'],
    ['6 % less', around(-0.06, 0.02), 'peak', 'regression'],
    ['4 % less, without a doubt', around(-0.04, 0.01), 'peak', 'unchanged'],
    ['nothing', around(0, 0.03), 'peak', 'unchanged'],
    ['nothing on a busy machine', around(0, 0.3), 'peak', 'unstable'],
    ['6 % less on a busy machine', around(-0.06, 0.3), 'peak', 'unstable'],
    ['30 % less on a busy machine', around(-0.3, 0.3), 'peak', 'regression'],
    // The effect widens the distribution of the choices: that is no noise.
    ['half', around(-0.5, 0.001), 'peak', 'regression'],
    ['half, of the fewest turns', around(-0.5, 0.001, 6), 'peak', 'regression'],
  ])('%s', (_, changes, metric, verdict) => {
    expect(judgeChange(comparisonOf(changes), metric, 0.05)).toEqual({ verdict });
  });

  it.each([0, 1, 5])('of %i turns cannot tell', (turns) => {
    expect(judgeChange(comparisonOf(around(-0.5, 0.01, Math.max(turns, 2)).slice(0, turns)), 'peak', 0.05)).toEqual({
      verdict: 'untold',
      reason: `${turns} turn${turns === 1 ? '' : 's'} with both figures, of 6 that it takes`,
    });
  });

  it.each<[Kinds, number, string]>([
    [['lower bound', 'exact'], -0.1, 'regression'],
    [['exact', 'lower bound'], -0.1, 'untold'],
    [['lower bound', 'lower bound'], -0.1, 'untold'],
    [['lower bound', 'exact'], 0.1, 'untold'],
    [['exact', 'lower bound'], 0.1, 'improvement'],
    [['exact', 'lower bound'], 0, 'unchanged'],
  ])('of %j that differ by %f says %s', (kinds, change, verdict) => {
    expect(judgeChange(comparisonOf(around(change, 0.01), kinds), 'peak', 0.05).verdict).toBe(verdict);
  });

  it('of equals alarms no more often than in 1 of 40', () => {
    let seed = 3;
    const random = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    };
    // Sums of three: near enough to normal, with a standard deviation of 8 %.
    const noise = () => Math.exp(0.08 * 2 * (random() + random() + random() - 1.5)) - 1;
    const verdicts = Array.from({ length: 2000 }, () =>
      judgeChange(comparisonOf(Array.from({ length: 8 }, noise)), 'peak', 0.05),
    ).map(({ verdict }) => verdict);
    expect(verdicts.filter((verdict) => verdict === 'regression').length).toBeLessThan(2000 * 0.033);
    expect(verdicts).toContain('unstable');
  });
});
