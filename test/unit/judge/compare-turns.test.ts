import { describe, expect, it } from 'vitest';
import { isSoundPair, summarisePair } from '../../../harness/judge/compare-turns.js';
import type { TurnRecord } from '../../../model/pair.js';
import {
  fakeCapacity,
  fakeCompleted,
  fakeFailed,
  fakeLedger,
  fakeRunCell,
  fakeSkipped,
  fakeWindow,
} from '../../fakes/runs.js';
import { fakePair, fakeProgramRun, fakeQuestion, fakeTurn } from '../../fakes/turns.js';

const saturate = fakeRunCell('afxdp', { kind: 'saturate' });
const runAt = (rate: number) => fakeCompleted(saturate, rate);
/** Turns of two rates each. */
const turnsOf = (rates: [number, number][], changes: Partial<TurnRecord> = {}) =>
  rates.flatMap((pair, turn) =>
    pair.map((rate, side) => fakeTurn({ turn, side: side as 0 | 1, run: runAt(rate), ...changes })),
  );
/** A machine that speeds up from turn to turn. */
const drifting = (factor: number, turns = 8): [number, number][] =>
  Array.from({ length: turns }, (_, turn) => [factor * (1000 + 300 * turn) + turn, 1000 + 300 * turn]);

describe('summarisePair', () => {
  it('takes the ratio within each turn', () => {
    const summary = summarisePair(fakePair(fakeQuestion()), turnsOf(drifting(1.05)));
    const [comparison] = summary.comparisons;
    expect(comparison).toMatchObject({ packetBytes: 200, turns: 8, outcome: 'first is more', objections: [] });
    expect(comparison?.ratio?.median).toBeCloseTo(1.05, 2);
    expect(comparison?.p).toBeCloseTo(2 / 256, 12);
    expect(comparison?.figures).toMatchObject([{ kind: 'exact', repeats: 8 }, { kind: 'exact' }]);
    expect([summary.metric, isSoundPair(summary)]).toEqual(['peak', true]);
  });

  it.each([
    [0.9, 'second is more'],
    [1.001, 'first is more'],
  ])('of %f says that %s', (factor, outcome) => {
    expect(summarisePair(fakePair(fakeQuestion()), turnsOf(drifting(factor))).comparisons[0]?.outcome).toBe(outcome);
  });

  it('of equals and of few turns says nothing', () => {
    const equal = Array.from({ length: 8 }, (): [number, number] => [1000, 1000]);
    for (const rates of [equal, drifting(2, 5)]) {
      expect(summarisePair(fakePair(fakeQuestion()), turnsOf(rates)).comparisons[0]?.outcome).toBe('unclear');
    }
  });

  it('corrects for the number of sizes', () => {
    const records = [200, 1400].flatMap((packetBytes) => turnsOf(drifting(2, 6), { packetBytes }));
    const { comparisons } = summarisePair(fakePair(fakeQuestion({ sizes: [200, 1400] })), records);
    expect(comparisons.map(({ packetBytes }) => packetBytes)).toEqual([200, 1400]);
    // 2 / 2^6 twice.
    expect(comparisons[0]?.holmP).toBeCloseTo(0.0625, 12);
    expect(comparisons[0]?.outcome).toBe('unclear');
  });

  const attempts: [string, TurnRecord['run'], string][] = [
    ['failed', fakeFailed(saturate, 'PROBE', 'no answer'), 'PROBE: no answer'],
    ['was skipped', fakeSkipped(saturate, 'no XDP here'), 'no XDP here'],
    ['is invalid', fakeCompleted(saturate, 1000, { ledger: fakeLedger(1000, { wrong: 1 }) }), '1 wrong replies'],
    [
      'missed its peak',
      fakeCompleted(saturate, 1000, {
        windows: [fakeWindow('measure', 1000, 1000), fakeWindow('overload', 9000, 2001)],
      }),
      'the peak was missed: under full overload it answered more than twice as much',
    ],
    ['was a program that failed', { state: 'failed', error: { code: 'X', message: 'y' } }, 'X: y'],
    [
      'was a program with wrong replies',
      fakeProgramRun(1, { counters: { generator: { wrong: 2 }, client: {} } }),
      '2 wrong replies',
    ],
    ['was a program that did not answer', fakeProgramRun(0), 'no reply came back in the measure phase'],
    ['was a program nobody measured', fakeProgramRun(1, { windows: [] }), 'the measure phase is missing'],
    [
      'was a program nobody checked',
      fakeProgramRun(1, { windows: [fakeWindow('measure', 1, 1, { checked: 0 })] }),
      'no reply was checked',
    ],
  ];
  it.each(attempts)('leaves out a turn in which one side %s, and says so', (_, run, reason) => {
    const records = turnsOf(drifting(2));
    records[3] = fakeTurn({ turn: 1, side: 1, run });
    const summary = summarisePair(fakePair(fakeQuestion()), records);
    expect(summary.comparisons).toMatchObject([{ turns: 7, objections: [{ reason, turns: 1 }] }]);
    expect(isSoundPair(summary)).toBe(false);
  });

  it('of nothing but failures has no ratio', () => {
    const records = turnsOf([[1, 1]]).map((record) => ({ ...record, run: fakeFailed(saturate, 'A', 'b') }));
    const summary = summarisePair(fakePair(fakeQuestion()), records);
    expect(summary.comparisons).toMatchObject([{ turns: 0, figures: null, ratio: null, p: 1, outcome: 'unclear' }]);
    expect(isSoundPair(summary)).toBe(false);
  });

  it('ignores a turn that was cut short', () => {
    const records = turnsOf(drifting(2)).slice(0, -1);
    const summary = summarisePair(fakePair(fakeQuestion()), records);
    expect(summary.comparisons).toMatchObject([{ turns: 7, objections: [] }]);
    expect(summarisePair(fakePair(fakeQuestion()), records.slice(0, 1)).comparisons).toEqual([]);
  });

  it('with a lower bound says no more than holds', () => {
    const generator = (rate: number) =>
      fakeProgramRun(rate, { windows: [fakeWindow('measure', rate, rate), fakeWindow('overload', 1.1 * rate, rate)] });
    const outcome = (factor: number) => {
      const records = turnsOf(drifting(factor)).map((record, index) => {
        const rate = drifting(factor)[record.turn]?.[0] as number;
        return index % 2 === 0 ? { ...record, run: generator(rate) } : record;
      });
      const [comparison] = summarisePair(fakePair(fakeQuestion()), records).comparisons;
      expect(comparison?.figures?.map(({ kind }) => kind)).toEqual(['lower bound', 'exact']);
      return comparison?.outcome;
    };
    expect(outcome(2)).toBe('first is more');
    expect(outcome(0.5)).toBe('unclear');
  });

  it('counts false alarms of controls', () => {
    const question = fakeQuestion({ controls: 3 });
    const equal = Array.from({ length: 8 }, (): [number, number] => [1000, 1000]);
    const records = [
      ...turnsOf(drifting(2)),
      ...turnsOf(equal, { control: 0 }),
      ...turnsOf(drifting(1.1), { control: 1 }),
      ...turnsOf(equal, { control: 2 }),
    ];
    const { controls, falseAlarms, comparisons } = summarisePair(fakePair(question), records);
    expect(comparisons).toHaveLength(1);
    expect(controls.map(({ control }) => control)).toEqual([0, 1, 2]);
    expect(falseAlarms).toMatchObject({ comparisons: 3, alarms: 1 });
    // R: binom.test(1, 3).
    expect(falseAlarms?.low).toBeCloseTo(0.008403759, 8);
    expect(falseAlarms?.high).toBeCloseTo(0.9057007, 6);
    expect(summarisePair(fakePair(fakeQuestion()), []).falseAlarms).toBeNull();
  });

  it('counts as a false alarm only what it would claim of two candidates', () => {
    // All above 1, but p is 2 / 2^5.
    const few = turnsOf(drifting(1.1, 5), { control: 0 });
    const { controls, falseAlarms } = summarisePair(fakePair(fakeQuestion({ controls: 1 })), few);
    expect([controls[0]?.outcome, falseAlarms?.alarms]).toEqual(['unclear', 0]);
  });

  it('compares round trips of a closed loop and capacities', () => {
    const closed = fakeRunCell('afxdp', { kind: 'closed', connections: 4 });
    const timed = (ns: number) => fakeCompleted(closed, 1000, { histogram: [[ns, 100]] });
    const capable = (rate: number) =>
      fakeCompleted(fakeRunCell('afxdp', { kind: 'capacity' }), 1000, {
        capacity: fakeCapacity({ ndr: { perSecond: rate, failedPerSecond: rate + 1, boundBy: 'server' } }),
      });
    const turns = (runOf: (figure: number) => TurnRecord['run']) =>
      drifting(1.5).flatMap((pair, turn) =>
        pair.map((figure, side) => fakeTurn({ turn, side: side as 0 | 1, run: runOf(figure) })),
      );
    const trips = summarisePair(fakePair(fakeQuestion({ load: { kind: 'closed', connections: 4 } })), turns(timed));
    const rates = summarisePair(fakePair(fakeQuestion({ load: { kind: 'capacity' } })), turns(capable));
    expect([trips.metric, rates.metric]).toEqual(['p50', 'ndr']);
    for (const { comparisons } of [trips, rates]) expect(comparisons[0]?.ratio?.median).toBeCloseTo(1.5, 2);
  });
});
