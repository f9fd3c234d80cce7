import { describe, expect, it } from 'vitest';
import type { Load } from '../../../model/cell.js';
import { loadShares, sharesOf } from '../../../model/shares.js';

const sum = (shares: readonly number[]) => shares.reduce((total, share) => total + share, 0);

describe('sharesOf', () => {
  it.each([
    [9, 3, [3, 3, 3]],
    [10, 3, [4, 3, 3]],
    [11, 3, [4, 4, 3]],
    [2, 3, [1, 1, 0]],
    [0, 3, [0, 0, 0]],
    [7, 1, [7]],
    [10.5, 2, [5.5, 5]],
    [11.25, 2, [6.25, 5]],
    [4_294_967_297, 2, [2_147_483_649, 2_147_483_648]],
  ])('of %d over %i are %j', (amount, parts, shares) => {
    expect(sharesOf(amount, parts)).toEqual(shares);
    expect(sum(sharesOf(amount, parts))).toBe(amount);
  });
});

describe('loadShares', () => {
  it.each<[Load, number, Load[]]>([
    [
      { kind: 'rate', perSecond: 100_001 },
      2,
      [
        { kind: 'rate', perSecond: 50_001 },
        { kind: 'rate', perSecond: 50_000 },
      ],
    ],
    [
      { kind: 'closed', connections: 5 },
      3,
      [
        { kind: 'closed', connections: 2 },
        { kind: 'closed', connections: 2 },
        { kind: 'closed', connections: 1 },
      ],
    ],
    [{ kind: 'saturate' }, 2, [{ kind: 'saturate' }, { kind: 'saturate' }]],
  ])('of %j over %i', (load, parts, shares) => expect(loadShares(load, parts)).toEqual(shares));
});
