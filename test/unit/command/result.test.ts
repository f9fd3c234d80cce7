import { describe, expect, it } from 'vitest';
import { formatResult } from '../../../loadgen/command/print.js';
import {
  countersOf,
  type LoadResult,
  lossesOf,
  percentilesOf,
  roundTripsOf,
  shortfallOf,
} from '../../../loadgen/command/result.js';
import type { HistogramPairs } from '../../../model/histogram.js';
import { recordedSince } from '../../../model/histogram.js';

describe('several sources', () => {
  it('have their counters added, and the longest gap taken', () => {
    const sources = [
      { sent: 2, hiccupMaxNs: 5 },
      { sent: 3, hiccupMaxNs: 4, late: 1 },
    ];
    expect(countersOf(sources.map((counters) => ({ counters: () => counters })))).toEqual({
      sent: 5,
      hiccupMaxNs: 5,
      late: 1,
    });
  });

  it('have their round trips merged', () => {
    const one: HistogramPairs = [[100, 1]];
    const other: HistogramPairs = [
      [100, 2],
      [200, 1],
    ];
    expect(roundTripsOf([one, other].map((pairs) => ({ roundTrips: () => pairs })))).toEqual([
      [100, 3],
      [200, 1],
    ]);
  });
});

describe('recordedSince', () => {
  it('is what came between two readings', () => {
    expect(
      recordedSince(
        [
          [100, 1],
          [200, 5],
        ],
        [
          [100, 1],
          [200, 7],
          [300, 1],
        ],
      ),
    ).toEqual([
      [200, 2],
      [300, 1],
    ]);
    expect(recordedSince([], [[100, 1]])).toEqual([[100, 1]]);
    expect(recordedSince([[100, 1]], [[100, 1]])).toEqual([]);
  });
});

describe('shortfallOf', () => {
  const open = { kind: 'open', perSecond: 1000, arrival: 'constant', engine: 'live', checkEvery: 64 } as const;
  const of = (loop: LoadResult['request']['loop'], counters: LoadResult['counters'], notTaken = 0) =>
    shortfallOf({
      request: { loop },
      counters,
      durationNs: 1e9,
      losses: [{ name: 'not taken by the wire', count: notTaken }],
    } as LoadResult);

  it.each<[string, Parameters<typeof of>, string | null]>([
    ['all of an open loop', [open, { sent: 1000 }], null],
    ['nearly all', [open, { sent: 949 }], null],
    ['too few', [open, { sent: 940 }], 'only 940 of 1000 requests were sent'],
    ['what chance leaves out', [{ ...open, arrival: 'poisson' }, { sent: 830 }], null],
    ['more than chance leaves out', [{ ...open, arrival: 'poisson' }, { sent: 800 }], 'only 800 of 1000 requests'],
    ['what the wire did not take', [open, { sent: 1000 }, 100], 'only 900 of 1000 requests were sent'],
    ['a closed loop', [{ kind: 'closed' }, { sent: 10, sendFailed: 1 }], null],
    ['a closed loop without a way', [{ kind: 'closed' }, { sent: 10, sendFailed: 990 }], 'only 10 of 1000 requests'],
  ])('%s', (_, [loop, counters, notTaken], expected) => {
    const told = of(loop, counters, notTaken);
    if (expected === null) expect(told).toBeNull();
    else expect(told).toContain(expected);
  });
});

describe('lossesOf', () => {
  it('of a load without loss are none', () => {
    expect(lossesOf({ sent: 10, replied: 10, wrong: 0 }, {})).toEqual([]);
  });

  it('are told by place, and what no counter explains was lost elsewhere', () => {
    const counters = { sent: 100, replied: 80, wrong: 5, wrongLength: 2, wrongContent: 3, late: 4, receiveFailed: 1 };
    const kernel = { 'dev.txDropped': 2, rx_queue_0_drops: 1, rx_queue_1_drops: 2, 'udp.RcvbufErrors': 3 };
    const losses = lossesOf(counters, kernel);
    expect(losses.map(({ count }) => count)).toEqual([2, 3, 4, 1, 2, 3, 3, 7]);
    expect(losses.reduce((sum, { count }) => sum + count, 0)).toBe(100 - 75);
    expect(losses.at(-1)?.name).toBe('lost on the way or by the server');
  });

  it('never claim more than was lost', () => {
    expect(lossesOf({ sent: 10, replied: 10, wrong: 0 }, { 'udp.RcvbufErrors': 3 }).at(-1)?.count).toBe(3);
  });
});

describe('formatResult', () => {
  const result: LoadResult = {
    schemaVersion: 1,
    startedAt: '2026-11-22T09:43:00.000Z',
    request: {
      ...{ server: '10.0.0.10', ports: [1232], packetBytes: 200, connections: 4, functionId: 'reverse' },
      ...{ loop: { kind: 'closed' }, durationNs: 2e9, cores: [] },
      route: { interface: null, source: null, serverMac: null },
    },
    engines: ['closed loop by sockets'],
    durationNs: 2e9,
    counters: { sent: 2000, replied: 1990, wrong: 1, timeouts: 10, wrongContent: 1 },
    perSecond: { requests: 1000, responses: 994.5 },
    latencyNs: percentilesOf([
      [20_000, 1900],
      [150_000, 89],
    ]),
    lagNs: null,
    losses: [{ name: 'wrong content', count: 1 }],
    histogram: [],
  };

  it('says rates, round trips and what was lost', () => {
    expect(formatResult(result).split('\n')).toEqual([
      '2000 requests, 1989 right responses in 2.0 s: 1000 and 995 a second',
      expect.stringMatching(/^round trips in µs, from before the write: 50% {4}20\.0 {2}90% {4}20\.0 {2}99% {5}150 /),
      '10 timeouts',
      '1 wrong content',
    ]);
  });

  it('says how well a schedule was kept', () => {
    const open = {
      ...result,
      lagNs: percentilesOf([[800, 10]]),
      counters: { sent: 10, replied: 10, wrong: 0, offered: 12, lateSends: 3 },
      losses: [],
    };
    expect(formatResult(open)).toMatch(
      /\nsent after it was due in µs: .*, 3 more than 20 µs late, 2 left out to catch up$/,
    );
  });

  it('has no percentiles without a right reply', () => {
    expect(formatResult({ ...result, latencyNs: null })).toContain(': no round trip\n');
  });
});
