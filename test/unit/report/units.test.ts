import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatIn,
  formatPercent,
  formatRatio,
  formatShare,
  microseconds,
} from '../../../harness/report/units.js';
import { matrixLabel } from '../../../model/cell.js';

describe('formatIn', () => {
  it.each([
    [0, '0'],
    [1_234, '1.23'],
    [12_340, '12.3'],
    [99_949, '99.9'],
    [99_960, '100'],
    [9_996, '10.0'],
    [123_456, '123'],
    [58_294_271, '58294'],
    [12.3, '0.0123'],
  ])('prints %d ns as %s µs', (ns, expected) => {
    expect(formatIn(microseconds, ns)).toBe(expected);
  });
});

describe('formatCount', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1.00k'],
    [12_340, '12.3k'],
    [999_499, '999k'],
    [999_500, '1.00M'],
    [1_090_890, '1.09M'],
    [6e9, '6.00G'],
  ])('prints %d as %s', (number, expected) => expect(formatCount(number)).toBe(expected));
});

describe('labels', () => {
  it('name a matrix point as in the literature', () => {
    expect(matrixLabel({ threads: 2, queues: 1 })).toBe('2T1Q');
  });

  it.each([
    [0.9375, '93.8 %'],
    [0.5, '50 %'],
    [0, '0 %'],
  ])('print %d as %s', (ratio, expected) => {
    expect(formatPercent(ratio)).toBe(expected);
  });

  it.each([
    [0, '0'],
    [1e-7, '<0.01'],
    [0.00006, '0.01'],
    [0.0096, '0.96'],
    [0.00996, '1.0'],
    [0.0123, '1.2'],
    [0.0996, '10'],
    [1, '100'],
  ])('print a share of %d as %s in per cent', (ratio, expected) => {
    expect(formatShare(ratio)).toBe(expected);
  });

  it.each([
    [2.93, '2.9'],
    [9.97, '10'],
    [21.6, '22'],
    [1, '1.0'],
  ])('print %d as %s', (ratio, expected) => {
    expect(formatRatio(ratio)).toBe(expected);
  });
});
