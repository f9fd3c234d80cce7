import { describe, expect, it } from 'vitest';
import { studentTest, tQuantile, tTails } from '../../../../harness/judge/shifts/student.js';

describe('tTails', () => {
  // Quantiles of the tables that every textbook has (two-sided 5 %, 1 %, 0.1 %).
  it.each([
    [12.706, 1, 0.05],
    [2.228, 10, 0.05],
    [1.984, 100, 0.05],
    [63.657, 1, 0.01],
    [2.845, 20, 0.01],
    [3.646, 30, 0.001],
    [0, 7, 1],
  ])('of %d with %d degrees of freedom is %d', (t, freedom, p) => expect(tTails(t, freedom)).toBeCloseTo(p, 4));

  it('of one degree is that of Cauchy, far out too', () => {
    for (const t of [0.1, 1, 10, 1e4]) expect(tTails(t, 1) / (1 - (2 / Math.PI) * Math.atan(t))).toBeCloseTo(1, 6);
  });

  it('is what its quantile says', () => {
    for (const freedom of [1, 5, 60]) expect(tTails(tQuantile(freedom), freedom)).toBeCloseTo(0.05, 10);
  });
});

describe('studentTest', () => {
  // The sleep of ten patients under two drugs, as Student (1908) has it: t = 1.8608 with 18 degrees of freedom.
  it("of Student's own example", () => {
    const [first, second] = [
      [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2],
      [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
    ];
    expect(studentTest(first, second)).toBeCloseTo(0.07919, 5);
  });

  it('of values without any spread', () => {
    expect(studentTest([1, 1], [1, 1])).toBe(1);
    expect(studentTest([1, 1], [2, 2])).toBe(0);
  });

  it.each([
    [[], [1, 2]],
    [[1], [2]],
  ] as number[][][])('of %j and %j is refused', (first = [], second = []) =>
    expect(() => studentTest(first, second)).toThrow(RangeError),
  );
});
