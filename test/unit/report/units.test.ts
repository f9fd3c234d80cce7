import { describe, expect, it } from 'vitest';
import {
  figureFormat,
  formatCount,
  formatIn,
  formatPercent,
  formatRatio,
  formatShare,
  kiloPacketsPerSecond,
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

describe('figureFormat', () => {
  it.each([
    // [median, low, high], and how the three are printed.
    [[798e3, 781e3, 820e3], '798 781–820'],
    [[352e3, 327e3, 461e3], '350 330–460'],
    [[83.7e3, 76.7e3, 90.5e3], '84 77–91'],
    [[90.6e3, 84.7e3, 103e3], '91 85–103'],
    [[3684e3, 3555e3, 4158e3], '3680 3560–4160'],
    [[62.04e3, 60.8e3, 63.9e3], '62.0 60.8–63.9'],
    // Never more digits than without an interval.
    [[1343.21e3, 1343.2e3, 1343.22e3], '1343 1343–1343'],
    [[9.996e3, 9.99e3, 10.01e3], '10.0 10.0–10.0'],
    // Nor fewer than one.
    [[5e3, 1e3, 301e3], '5 1–301'],
    [[30e3, 1e3, 5001e3], '30 0–5000'],
    [[1234e3, 1234e3, 1234e3], '1234 1234–1234'],
    [[0, 0, 5e3], '0 0–5.00'],
  ] as const)('prints %j as %s', ([median, low, high], expected) => {
    const format = figureFormat(kiloPacketsPerSecond, { median, low, high });
    expect(`${format(median)} ${format(low)}–${format(high)}`).toBe(expected);
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
