import { describe, expect, it } from 'vitest';
import { summarisePair } from '../../harness/judge/compare-turns.js';
import { testedBy } from '../../harness/trial.js';
import { fakeCompleted, fakeFailed, fakeRunCell } from '../fakes/runs.js';
import { fakePair, fakeQuestion, fakeTurn } from '../fakes/turns.js';

const cell = fakeRunCell('afxdp', { kind: 'saturate' });

/** Turns of which the first `valid` have both figures, 1000 against 900; of the others one side failed. */
function tested(valid: number) {
  const records = Array.from({ length: 8 }, (_, turn) => [
    fakeTurn({ turn, side: 0, run: fakeCompleted(cell, 1000 + turn) }),
    fakeTurn({ turn, side: 1, run: turn < valid ? fakeCompleted(cell, 900 + turn) : fakeFailed(cell, 'PROBE', 'no') }),
  ]).flat();
  const summary = summarisePair(fakePair(fakeQuestion()), records);
  const [comparison] = summary.comparisons;
  if (comparison === undefined) throw new Error('no comparison');
  return testedBy({ summary, comparison });
}

describe('turns of a commit with the good one', () => {
  it.each([0, 1, 5])('of which only %d have both figures say nothing of it', (valid) => {
    const turns = valid === 1 ? '1 turn' : `${valid} turns`;
    expect(tested(valid)).toEqual({
      ...{ state: 'untestable', reason: `${turns} with both figures, of 6 that it takes` },
    });
  });

  it('say how much worse it is from six on', () => {
    const said = tested(6);
    if (said.state !== 'measured') throw new Error(said.reason);
    expect(said.worsening.log).toBeCloseTo(Math.log(1000 / 900), 2);
    expect(said.worsening.low).toBeGreaterThan(0);
  });
});
