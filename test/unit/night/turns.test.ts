import { describe, expect, it } from 'vitest';
import { summarisePair } from '../../../harness/judge/compare-turns.js';
import { askedCell, cellsForTurns, mostCellsForTurns, pairsOf, turnsOf } from '../../../harness/night/turns.js';
import type { AskedCell } from '../../../harness/question/cell-id.js';
import type { PairPrologue, TurnRecord } from '../../../model/pair.js';
import { schemaVersion } from '../../../model/record.js';
import { fakeCompleted, fakePrologue, fakeRunCell, plannedPrologue } from '../../fakes/runs.js';

const build = { commit: 'a'.repeat(40), subject: 'before' };

describe('the cells that take turns', () => {
  const flags = { impls: 'recvfrom,recvmmsg', sizes: '200,800', matrix: '1T1Q,2T2Q', repeats: '2' };
  const { plan, scenario } = plannedPrologue({ ...flags, load: 'saturate,closed=1,capacity,none' });

  it('are the first ones of each implementation and quick load', () => {
    expect(cellsForTurns(plan)).toEqual(
      ['saturate', 'closed=1'].flatMap((load) => [
        `recvfrom-1T1Q-200-reverse-${load}`,
        `recvmmsg-1T1Q-200-reverse-${load}`,
      ]),
    );
    expect(mostCellsForTurns(scenario)).toBe(4);
  });

  it('are none that this host cannot run', () => {
    const skipped = plan.map(({ cell }) => ({ state: 'skipped' as const, cell, reason: 'no' }));
    expect(cellsForTurns(skipped)).toEqual([]);
  });

  it('may be those of a search when they are suspicious, and never those of other loads', () => {
    expect(askedCell('afxdp-2T2Q-200-reverse-capacity')).toMatchObject({
      load: { kind: 'capacity' },
      packetBytes: 200,
    });
    expect(askedCell('afxdp-1T1Q-200-reverse-latency-under-load')).toBeNull();
    expect(askedCell('afxdp-1T1Q-200-reverse-none')).toBeNull();
  });
});

/** Turns of a cell in which this build's rate is `factor` of the other's, and both scatter by 1 %. */
function summaryOf(factor: number, scatter = 0.01) {
  const asked = askedCell('recvmmsg-1T1Q-200-reverse-saturate') as AskedCell;
  const question = turnsOf(asked, build);
  const cell = fakeRunCell('recvmmsg', { kind: 'saturate' });
  const prologue: PairPrologue = {
    ...{ schemaVersion, runId: 'r', startedAt: '2026-11-30T02:00:00Z', question, host: fakePrologue([]).host },
  };
  const records = Array.from({ length: question.turns }, (_, turn) =>
    ([0, 1] as const).map((side): TurnRecord => {
      const noise = 1 + scatter * (((5 * turn + 3 * side) % 8) / 4 - 1);
      const run = fakeCompleted(cell, Math.round(1e6 * noise * (side === 1 ? factor : 1)));
      return { schemaVersion, runId: 'r', startedAt: '', packetBytes: 200, control: null, turn, side, run };
    }),
  ).flat();
  return summarisePair(prologue, records);
}

describe('what turns of two builds say', () => {
  it.each([
    [1, 0.01, 'unclear'],
    [0.9, 0.01, 'worse'],
    [1.1, 0.01, 'better'],
    [0.97, 0.01, 'unclear'],
    [1, 0.4, 'unstable'],
  ])('of %s of the rate, scattering by %s, is %s', (factor, scatter, verdict) => {
    const [pair] = pairsOf([{ cell: 'c', summary: summaryOf(factor, scatter) }], 2);
    expect(pair).toMatchObject({ cell: 'c', metric: 'peak', against: build.commit, verdict, attempt: 2 });
    // Tonight's build over the other.
    if (scatter < 0.1) expect(pair?.ratio.median).toBeCloseTo(factor, 1);
  });

  it('is corrected for the number of cells, and left out without figures enough', () => {
    const summary = summaryOf(0.9);
    const [alone] = pairsOf([{ cell: 'a', summary }], 1);
    const four = pairsOf(
      ['a', 'b', 'c', 'd'].map((cell) => ({ cell, summary })),
      1,
    );
    expect(four[0]?.p).toBeCloseTo(4 * (alone?.p ?? 0), 6);
    expect(pairsOf([{ cell: 'a', summary: summarisePair(summary, []) }], 1)).toEqual([]);
  });
});
