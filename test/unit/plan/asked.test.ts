import { describe, expect, it } from 'vitest';
import { cellsOf, reduction, repeatsWithin } from '../../../harness/plan/asked.js';
import { expectedLeftNs, turnsLeft } from '../../../harness/plan/left.js';
import { expectedTotalNs, schedule } from '../../../harness/plan/plan.js';
import { fakeCompleted, fakeSkipped, plannedPrologue } from '../../fakes/runs.js';

const { plan, scenario } = plannedPrologue({ impls: 'dgram,recvmmsg', sizes: '200,800', repeats: '8' });
const timeOf = (repeats: number) => expectedTotalNs(plan, repeats);

describe('a budget', () => {
  it.each([
    ['that is endless', Number.POSITIVE_INFINITY, 8],
    ['for all, to the nanosecond', timeOf(8), 8],
    ['that lacks a nanosecond', timeOf(8) - 1, 7],
    ['for three and a half', (timeOf(3) + timeOf(4)) / 2, 3],
    ['for one, to the nanosecond', timeOf(1), 1],
  ])('%s', (_, budgetNs, repeats) => expect(repeatsWithin(plan, 8, budgetNs)).toBe(repeats));

  it('for less than a repeat is refused with the time that one takes', () => {
    expect(timeOf(1)).toBeGreaterThan(15e9);
    expect(() => repeatsWithin(plan, 8, 15e9)).toThrow(
      /^--budget: one repeat of each cell takes \d+ s, more than 15s$/,
    );
  });

  it('of nothing that can run leaves repeats alone', () => {
    const skipped = plan.map(({ cell }) => ({ state: 'skipped' as const, cell, reason: 'none' }));
    expect(repeatsWithin(skipped, 8, 1e9)).toBe(8);
  });

  it('is told where it takes something away', () => {
    expect(reduction(plan, 8, 8)).toBeNull();
    expect(reduction(plan, 3, 8)).toMatch(/^--budget: 3 of 8 repeats, of all cells alike, expected time .* s$/);
  });
});

describe('cells by their ids', () => {
  it('stand in the order of the plan', () => {
    const ids = plan.map(({ cell }) => cell.id);
    expect(cellsOf(plan, ids.toReversed())).toEqual(plan);
    expect(cellsOf(plan, ids.slice(1, 2))).toEqual(plan.slice(1, 2));
  });

  it('that no cell has are refused', () => {
    expect(() => cellsOf(plan, ['afxdp-1T1Q-200-reverse-saturate'])).toThrow(
      /^--cell: afxdp-1T1Q-200-reverse-saturate is not one of the \d+ cells of this question$/,
    );
  });
});

describe('what is left of a schedule', () => {
  const turns = schedule(plan, scenario.repeats, 7);

  it('is all that has no record, in its order', () => {
    const done = turns.slice(0, 11).map(({ planned: { cell }, repeat }) => ({ ...fakeCompleted(cell, 100), repeat }));
    expect(turnsLeft(turns, done)).toEqual(turns.slice(11));
    expect(turnsLeft(turns, [])).toEqual(turns);
    expect(expectedLeftNs(turnsLeft(turns, done))).toBeLessThan(expectedLeftNs(turns));
  });

  it('is nothing of a cell that was skipped, whose record is of repeat 0', () => {
    const [first] = plan;
    if (first === undefined) throw new Error('no cell');
    const skipped = schedule([{ state: 'skipped', cell: first.cell, reason: 'no' }], 3, 1);
    expect(turnsLeft(skipped, [fakeSkipped(first.cell, 'no')])).toEqual([]);
    expect(expectedLeftNs(skipped)).toBe(0);
  });
});
