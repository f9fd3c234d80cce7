import { describe, expect, it } from 'vitest';
import { SlowTime } from '../../../loadgen/loads/capacity/slow-time.js';

/** Looks every 10 ms from 10 ms on, at a CPU of these speeds (1: its own). */
function watched(...speeds: number[]) {
  const slowTime = new SlowTime();
  slowTime.add(speeds.map((speed, i) => ({ atNs: (i + 1) * 10e6, tookNs: 8000 / speed })));
  return slowTime;
}
const usual = (count: number) => Array<number>(count).fill(1);
const lostMs = (slowTime: SlowTime, beginMs = 0, endMs = 1e6) => slowTime.lostNs(beginMs * 1e6, endMs * 1e6) / 1e6;

describe('lostNs', () => {
  it.each<[string, number[], number]>([
    ['a steady CPU', usual(20), 0],
    ['a CPU that was never looked at', [], 0],
    ['a CPU that was looked at once', [0.1], 0],
    ['30 ms at half the speed', [...usual(10), 0.5, 0.5, 0.5, ...usual(10)], 15],
    ['30 ms that grow slower', [...usual(10), 0.8, 0.5, 0.2, ...usual(10)], 2 + 5 + 5],
    ['50 ms at a clock a little lower', [...usual(10), ...Array<number>(5).fill(0.95), ...usual(10)], 0],
    ['a single look that an interrupt fell into', [...usual(10), 0.3, ...usual(10)], 0],
    ['looks of which every third has an interrupt', [...usual(10), 0.5, 1, 1, 0.5, 1, 1, 0.5, ...usual(10)], 0],
    ['a CPU that is slow for two fifths of the time', [...usual(15), ...Array<number>(10).fill(0.5)], 50],
    ['a CPU slow for most of the time: that is how it is', [...usual(8), ...Array<number>(12).fill(0.5)], 0],
    ['a burst of speed', [...usual(18), 2, 2], 0],
    ['the last look, slow alone', [...usual(10), 0.5], 0],
    ['the last two looks', [...usual(10), 0.5, 0.5], 10],
  ])('of %s', (_, speeds, expected) => expect(lostMs(watched(...speeds))).toBeCloseTo(expected, 6));

  it('counts the part of a look that is within the interval', () => {
    // Slow from 100 ms to 130 ms.
    const slowTime = watched(...usual(10), 0.5, 0.5, 0.5, ...usual(10));
    expect(lostMs(slowTime, 0, 100)).toBe(0);
    expect(lostMs(slowTime, 0, 104)).toBeCloseTo(2, 6);
    expect(lostMs(slowTime, 104, 126)).toBeCloseTo(11, 6);
    expect(lostMs(slowTime, 126, 500)).toBeCloseTo(2, 6);
    expect(lostMs(slowTime, 130, 500)).toBe(0);
    expect(lostMs(slowTime, 500, 600)).toBe(0);
    expect(lostMs(slowTime, 120, 110)).toBe(0);
  });

  it('takes a late look for all the time since the one before it', () => {
    const slowTime = new SlowTime();
    slowTime.add(usual(10).map((_, i) => ({ atNs: (i + 1) * 10e6, tookNs: 8000 })));
    slowTime.add([140e6, 180e6, 190e6].map((atNs) => ({ atNs, tookNs: 16_000 })));
    slowTime.add([200e6, 210e6].map((atNs) => ({ atNs, tookNs: 8000 })));
    expect(lostMs(slowTime)).toBeCloseTo((40 + 40 + 10) / 2, 6);
  });
});

describe('isSlow', () => {
  const isSlow = (speeds: number[], lateMs = 5) => watched(...speeds).isSlow((speeds.length * 10 + lateMs) * 1e6);

  it.each<[string, number[], boolean]>([
    ['never looked at', [], false],
    ['looked at once', [0.1], false],
    ['steady', usual(5), false],
    ['slow in one look', [...usual(5), 0.5], false],
    ['slow in two looks', [...usual(5), 0.5, 0.5], true],
    ['well again for one look', [...usual(5), 0.5, 0.5, 1], false],
  ])('of a CPU that is %s', (_, speeds, expected) => expect(isSlow(speeds)).toBe(expected));

  it('of a CPU that has given no look for long', () => {
    expect([isSlow(usual(5), 49), isSlow(usual(5), 51)]).toEqual([false, true]);
  });
});
