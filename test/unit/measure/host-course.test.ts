import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HostCourse } from '../../../harness/measure/host-course.js';
import type { HostReading } from '../../../harness/measure/host-reading.js';
import type { HostSide } from '../../../model/host-use.js';

const sides: HostSide[] = ['server', 'client'];

/** Hosts whose one CPU is busy half of the time; the clock of the client is an hour ahead. */
const read = async (): Promise<HostReading[]> =>
  [0, 3.6e12].map((aheadNs) => {
    const ns = performance.now() * 1e6;
    const cpu = { cpu: 1, userNs: ns / 2, systemNs: 0, softirqNs: 0, idleNs: ns / 2, stealNs: 0 };
    return { atNs: ns + aheadNs, cpu: [cpu], own: [], quota: null, energy: [] };
  });

const courseFor = (reader: () => Promise<HostReading[]>, durationNs = 3e9) =>
  new HostCourse(
    sides.map((side) => ({ side, read: () => Promise.reject(new Error('not asked one by one')) })),
    reader,
    durationNs,
  );

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it.each([
  ['a phase of three seconds', 3000, [1, 1, 1]],
  ['a rest of less than half a second, which the last piece has', 3400, [1, 1, 1.4]],
  ['a rest of more', 3600, [1, 1, 1, 0.6]],
  ['a phase that is too short for pieces', 1900, [1.9]],
  ['a short one', 200, [0.2]],
])('tells in pieces of a second of %s', async (_, durationMs, seconds) => {
  const course = courseFor(read, durationMs * 1e6);
  course.begin();
  await vi.advanceTimersByTimeAsync(durationMs);
  const { hosts, pieces } = await course.end();
  for (const side of sides) {
    const own = pieces.filter(({ host }) => host === side);
    expect(own.map(({ beginNs, endNs }) => Math.round((endNs - beginNs) / 1e7) / 100)).toEqual(seconds);
    expect(own.every(({ cpu }) => cpu[0]?.host === side)).toBe(true);
  }
  expect(hosts.map(({ side, use }) => [side, Math.round((use.cpu[0]?.userNs ?? 0) / 1e6)])).toEqual(
    sides.map((side) => [side, durationMs / 2]),
  );
});

it('rejects where a host could not be read meanwhile', async () => {
  let readings = 0;
  const course = courseFor(async () => {
    readings++;
    if (readings === 2) throw new Error('the host is gone');
    return await read();
  });
  course.begin();
  await vi.advanceTimersByTimeAsync(2000);
  await expect(course.end()).rejects.toThrow('the host is gone');
});

it('reads nothing any more when it was stopped', async () => {
  const reader = vi.fn(read);
  const course = courseFor(reader);
  course.begin();
  course.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(reader).toHaveBeenCalledTimes(1);
});

it('tells the energy of a counter that begins again more than once', async () => {
  let uj = 0;
  const course = courseFor(async () => {
    const energy = [{ domain: 'package-0', uj: uj % 1e6, rangeUj: 1e6 }];
    uj += 0.7e6;
    return (await read()).map((reading) => ({ ...reading, energy }));
  });
  course.begin();
  await vi.advanceTimersByTimeAsync(3600);
  const { hosts } = await course.end();
  const of = (host: HostSide) => [{ host, domain: 'package-0', joules: expect.closeTo(2.8, 6) }];
  expect(hosts.map(({ use }) => use.energy)).toEqual(sides.map(of));
});
