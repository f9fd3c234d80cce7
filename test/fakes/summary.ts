import { answers } from '../../harness/judge/answers.js';
import { parseLoads } from '../../harness/question/axes.js';
import type { Load, MatrixPoint } from '../../model/cell.js';
import { matrixLabel } from '../../model/cell.js';
import type { LatencySummary } from '../../model/histogram.js';
import type { EngineId, ImplementationId } from '../../model/ids.js';
import { schemaVersion } from '../../model/record.js';
import { forRuntimes } from '../../model/runtimes.js';
import type { IdleMode } from '../../model/settings.js';
import type { CapacityFigure, CellSummary, Figure, LevelSummary, Summary } from '../../model/summary.js';

/** Frame sizes of the fake run in bytes. */
export const sizes = [200, 400, 600, 800, 1000, 1200, 1400];

const implementations: ImplementationId[] = ['dgram', 'recvfrom', 'recvmmsg', 'afxdp'];
const matrix: MatrixPoint[] = [1, 2, 4].map((threads) => ({ threads, queues: threads }));
const oneByOne: MatrixPoint = { threads: 1, queues: 1 };
const asAll = { implementations: null, variants: null };
/** Thousand replies/s of one thread at 200 bytes. */
const rates: Record<ImplementationId, number> = {
  dgram: 62.4,
  recvfrom: 231.7,
  recvmmsg: 458.2,
  iouring: 497.5,
  afpacket: 612.8,
  afxdp: 1342.9,
  tc: 1518.6,
  xdp: 4012.3,
  dpdk: 901.7,
  'dpdk-packet': 602.4,
  ...forRuntimes((_id, _runtime, index) => 101.3 + 40 * index),
};
/** How many of the requests at the peak stay without a reply. */
const losses: Record<ImplementationId, number> = {
  dgram: 0.187,
  recvfrom: 0.0423,
  recvmmsg: 0.0061,
  iouring: 0.0058,
  afpacket: 0.0049,
  afxdp: 0.00003,
  tc: 0,
  xdp: 0,
  dpdk: 0.0002,
  'dpdk-packet': 0.03,
  ...forRuntimes(() => 0.093),
};
/** Busy shares of the invoker's CPUs while nothing is sent. */
const restRatios: Record<ImplementationId, number> = {
  dgram: 0.0042,
  recvfrom: 0.00003,
  recvmmsg: 0.00018,
  iouring: 0.00017,
  afpacket: 0.00016,
  afxdp: 1,
  tc: 0,
  xdp: 0,
  dpdk: 1,
  'dpdk-packet': 1,
  ...forRuntimes(() => 0.0007),
};
const roundTripsNs: Record<ImplementationId, LatencySummary> = {
  dgram: {
    count: 262_144,
    p50: 61_023,
    p90: 83_071,
    p99: 140_287,
    p99_9: 812_031,
    p99_99: 29_553_151,
    max: 58_294_271,
  },
  recvfrom: {
    count: 262_144,
    p50: 30_207,
    p90: 34_111,
    p99: 51_263,
    p99_9: 120_447,
    p99_99: 4_655_935,
    max: 9_191_423,
  },
  recvmmsg: {
    count: 262_144,
    p50: 33_983,
    p90: 37_471,
    p99: 55_007,
    p99_9: 131_327,
    p99_99: 6_086_783,
    max: 12_042_239,
  },
  iouring: {
    count: 262_144,
    p50: 31_999,
    p90: 35_967,
    p99: 53_119,
    p99_9: 126_463,
    p99_99: 5_506_815,
    max: 10_887_167,
  },
  afpacket: {
    count: 262_144,
    p50: 27_007,
    p90: 31_007,
    p99: 47_103,
    p99_9: 110_591,
    p99_99: 3_801_087,
    max: 7_602_175,
  },
  afxdp: { count: 262_144, p50: 22_015, p90: 27_023, p99: 41_407, p99_9: 98_303, p99_99: 2_140_159, max: 4_182_015 },
  tc: { count: 262_144, p50: 17_007, p90: 19_007, p99: 28_031, p99_9: 75_007, p99_99: 1_507_327, max: 2_990_079 },
  xdp: { count: 262_144, p50: 12_031, p90: 14_015, p99: 20_479, p99_9: 61_439, p99_99: 1_081_343, max: 2_101_247 },
  dpdk: { count: 262_144, p50: 17_023, p90: 20_031, p99: 31_039, p99_9: 88_063, p99_99: 1_802_239, max: 3_604_479 },
  'dpdk-packet': {
    ...{ count: 262_144, p50: 19_007, p90: 23_039, p99: 36_095, p99_9: 95_231, p99_99: 2_031_615, max: 4_063_231 },
  },
  ...forRuntimes(() => ({
    ...{ count: 262_144, p50: 48_127, p90: 61_951, p99: 97_279, p99_9: 402_431, p99_99: 9_437_183, max: 18_874_367 },
  })),
};

/** A cell that completed 5 runs with `rate` replies/s, from 2 % less to 3 % more; `changes` replaces fields. */
export function fakeCell(
  impl: ImplementationId,
  point: MatrixPoint,
  packetBytes: number,
  rate: number,
  changes: Partial<CellSummary> = {},
): CellSummary {
  const repliesPerSecond = fakeFigure(rate);
  const { load = 'saturate' } = changes;
  return {
    id: `${impl}-${matrixLabel(point)}-${packetBytes}-reverse-saturate`,
    impl,
    variant: '',
    workNs: null,
    ...point,
    packetBytes,
    functionId: 'reverse',
    load,
    answer: answers(parseLoads('load', load)[0] as Load),
    engine: 'live',
    state: 'completed',
    verdict: 'valid',
    reasons: [],
    limit: 'invoker',
    warnings: [],
    repeats: 5,
    repliesPerSecond,
    bitsPerSecond: scale(repliesPerSecond, packetBytes * 8),
    overloadRepliesPerSecond: scale(repliesPerSecond, 0.8),
    generatorCeilingPerSecond: 4_700_000,
    lossRatio: losses[impl],
    residualRatio: 0,
    idle: idleOf(impl),
    latencyNs: null,
    levels: [],
    ndr: null,
    pdr: null,
    cpuNsPerReply: { invoker: (point.threads * 1e9) / rate, total: (2 * point.threads * 1e9) / rate },
    invokerCpuRatio: impl === 'afxdp' ? 1 : 0.97,
    joulesPerReply: null,
    byRepeat: [],
    ...changes,
  };
}

/** A median of 5 runs. */
export function fakeFigure(median: number): Figure {
  return { median, low: median * 0.98, high: median * 1.03, confidence: 0.9375 };
}

/** What 5 searches found. */
export function fakeCapacityFigure(median: number, changes: Partial<CapacityFigure> = {}): CapacityFigure {
  return { interval: fakeFigure(median), bracket: null, bound: 'exact', byRepeat: [], ...changes };
}

/** What one search found: the figure is the lower end of its bracket. */
export function searchedOnce(low: number, high: number | null): CapacityFigure {
  const interval = { median: low, low, high: low, confidence: 0 };
  return { interval, bracket: { low, high }, bound: high === null ? 'lower' : 'exact', byRepeat: [low] };
}

/** A cell without any figure. */
export function cellWithout(cell: CellSummary, state: 'skipped' | 'failed', reason: string): CellSummary {
  return {
    ...cell,
    ...{ state, verdict: null, reasons: [reason], limit: null, repeats: 0, byRepeat: [] },
    ...{ repliesPerSecond: null, bitsPerSecond: null, overloadRepliesPerSecond: null, generatorCeilingPerSecond: null },
    ...{ lossRatio: null, residualRatio: null, latencyNs: null, cpuNsPerReply: null, invokerCpuRatio: null },
    joulesPerReply: null,
    ...{ levels: [], ndr: null, pdr: null },
  };
}

/** A cell of 4 closed-loop connections with 800-byte frames. */
export function fakeLatencyCell(impl: ImplementationId, changes: Partial<CellSummary> = {}): CellSummary {
  return fakeCell(impl, oneByOne, 800, Math.round(4e9 / medianOf(impl)), {
    id: `${impl}-1T1Q-800-reverse-closed4`,
    load: 'closed=4',
    engine: 'socket',
    limit: 'none',
    lossRatio: 0,
    cpuNsPerReply: { invoker: medianOf(impl) / 4, total: medianOf(impl) / 2 },
    overloadRepliesPerSecond: null,
    generatorCeilingPerSecond: null,
    latencyNs: roundTripsNs[impl],
    ...changes,
  });
}

/** A cell of 800-byte frames at 100,000 requests a second. */
export function fakeRateCell(impl: ImplementationId, changes: Partial<CellSummary> = {}): CellSummary {
  const lossRatio = impl === 'dgram' ? 0.38 : 0;
  return fakeCell(impl, oneByOne, 800, 100_000 * (1 - lossRatio), {
    id: `${impl}-1T1Q-800-reverse-rate100000`,
    load: 'rate=100000',
    lossRatio,
    latencyNs: { ...roundTripsNs[impl], count: 500_000 },
    overloadRepliesPerSecond: null,
    ...changes,
  });
}

/** A cell whose capacity is what its implementation answers at its peak, less what is lost there. */
export function fakeCapacityCell(
  impl: ImplementationId,
  packetBytes = 200,
  changes: Partial<CellSummary> = {},
): CellSummary {
  const rate = Math.round(rates[impl] * 1000 * (200 / packetBytes) ** 0.3);
  // What is scheduled in JavaScript loses at any load.
  const ndr = impl === 'dgram' ? null : fakeCapacityFigure(0.8 * rate);
  return fakeCell(impl, oneByOne, packetBytes, 0.8 * rate, {
    ...{
      id: `${impl}-1T1Q-${packetBytes}-reverse-capacity`,
      load: 'capacity',
      ndr,
      pdr: fakeCapacityFigure(0.9 * rate),
    },
    ...{ overloadRepliesPerSecond: null, lossRatio: 0 },
    ...changes,
  });
}

/** A cell of 800-byte frames at each level: the round trips grow with the load. */
export function fakeLevelsCell(impl: ImplementationId, changes: Partial<CellSummary> = {}): CellSummary {
  const capacity = rates[impl] * 600;
  const level = (id: LevelSummary['level'], offeredPerSecond: number, factor: number): LevelSummary => ({
    ...{ level: id, offeredPerSecond, lossRatio: id === '90%' ? 0.0012 : 0 },
    latencyNs: slower(roundTripsNs[impl], factor, Math.round(5 * offeredPerSecond)),
  });
  return fakeCell(impl, oneByOne, 800, capacity / 2, {
    ...{ id: `${impl}-1T1Q-800-reverse-latency-under-load`, load: 'latency-under-load' },
    levels: [
      level('10%', 0.1 * capacity, 0.8),
      level('50%', 0.5 * capacity, 1),
      level('90%', 0.9 * capacity, 2.5),
      level('equal', 10_000, 0.7),
    ],
    overloadRepliesPerSecond: null,
    ...changes,
  });
}

function slower(latency: LatencySummary, factor: number, count: number): LatencySummary {
  const times = (ns: number | null) => Math.round((ns ?? 0) * factor);
  const { p50, p90, p99, p99_9, p99_99, max } = latency;
  return {
    ...{ count, p50: times(p50), p90: times(p90), p99: times(p99) },
    ...{ p99_9: times(p99_9), p99_99: count < 100_000 ? null : times(p99_99), max: times(max) },
  };
}

/** A cell in which nothing is sent. */
export function fakeRestCell(impl: ImplementationId, changes: Partial<CellSummary> = {}): CellSummary {
  const cell = cellWithout(fakeCell(impl, { threads: 1, queues: 1 }, 200, 1, { load: 'none' }), 'skipped', '');
  return {
    ...cell,
    ...{ id: `${impl}-1T1Q-200-reverse-none`, engine: 'none', state: 'completed', verdict: 'valid' },
    ...{ reasons: [], repeats: 5, invokerCpuRatio: restRatios[impl] },
    ...changes,
  };
}

/** A run of 4 implementations, 7 sizes and 3 matrix points with skipped, failed, invalid and generator-limited cells. */
export function fakeSummary(changes: Partial<Summary> = {}): Summary {
  const throughput = implementations.flatMap((impl) =>
    matrix.flatMap((point) => sizes.map((packetBytes) => throughputCell(impl, point, packetBytes))),
  );
  const latency = implementations.map((impl) => fakeLatencyCell(impl));
  const rest = implementations.map((impl) => fakeRestCell(impl));
  return {
    schemaVersion,
    runId: '2025-11-22T09-40-00Z-thesis',
    mergedFrom: [],
    scenario: {
      name: 'thesis',
      implementations,
      functionId: 'reverse',
      loads: [
        { load: { kind: 'saturate' }, matrix, sizes, ...asAll },
        { load: { kind: 'closed', connections: 4 }, matrix: matrix.slice(0, 1), sizes: [800], ...asAll },
        { load: { kind: 'none' }, matrix: matrix.slice(0, 1), sizes: [200], ...asAll },
      ],
      variants: [{ idle: null, settings: {}, tuning: {} }],
      tuning: {},
      ...{ topology: 'veth', sides: null, cards: null },
      cpus: { any: null, server: null, client: null, irq: null },
      pinned: [],
      durationNs: 5e9,
      warmupNs: 1e9,
      repeats: 5,
      seed: 42,
    },
    host,
    clientHosts: [],
    startedAt: '2025-11-22T09:40:00.000Z',
    cells: [...throughput, ...latency, ...rest],
    work: [],
    ...changes,
  };
}

function throughputCell(impl: ImplementationId, point: MatrixPoint, packetBytes: number): CellSummary {
  // Four generator threads do not fit beside four invoker threads, so the fake host feeds 4T4Q by another engine.
  const engine: EngineId = point.threads === 4 ? 'afxdp' : 'live';
  const speedup = { 1: 1, 2: 1.87, 4: 3.1 }[point.threads] ?? 1;
  const rate = Math.round(rates[impl] * 1000 * speedup * (200 / packetBytes) ** (impl === 'afxdp' ? 0.48 : 0.3));
  const cell = fakeCell(impl, point, packetBytes, rate, { engine });
  if (impl === 'dgram' && point.threads > 1) {
    return cellWithout(cell, 'skipped', 'dgram runs one thread: Node has no SO_REUSEPORT here');
  }
  if (impl === 'recvfrom' && point.threads === 4 && packetBytes === 1200) {
    return cellWithout(cell, 'failed', 'invoker ended with SIGKILL before the liveness probe');
  }
  if (impl === 'recvmmsg' && point.threads === 2 && packetBytes === 600) {
    return { ...cell, verdict: 'invalid', reasons: ['queue 1 stayed idle'], limit: 'config' };
  }
  if (impl === 'afxdp' && point.threads === 4) {
    const warnings = ['CPU 3 runs an invoker thread and a generator thread'];
    return { ...cell, limit: packetBytes >= 1200 ? 'path' : 'generator', idle: 'poll', warnings };
  }
  if (impl === 'afxdp' && point.threads === 2 && packetBytes <= 400) {
    return { ...cell, residualRatio: packetBytes === 200 ? 12.4e-6 : 3.1e-6 };
  }
  return cell;
}

function idleOf(impl: ImplementationId): IdleMode {
  return impl === 'afxdp' ? 'spin' : 'poll';
}

function medianOf(impl: ImplementationId): number {
  return roundTripsNs[impl].p50 ?? 0;
}

function scale({ median, low, high, confidence }: Figure, factor: number): Figure {
  return { median: median * factor, low: low * factor, high: high * factor, confidence };
}

const host: Summary['host'] = {
  cpuModel: 'Example Xeon E-0000 v2 @ 2.60GHz',
  cpuCount: 12,
  threadsPerCore: 2,
  numaNodes: 1,
  isolatedCpus: '',
  cpuQuota: null,
  hypervisor: 'kvm',
  governor: 'performance',
  clockSource: 'tsc',
  memoryBytes: 32 * 2 ** 30,
  kernel: '6.8.0-45-generic',
  kernelCommandLine: 'quiet',
  mitigations: {},
  sysctls: {},
  versions: { node: 'v20.20.2', libbpf: '1.3.0' },
  commit: '0123456789abcdef0123456789abcdef01234567',
  dirty: 'clean',
};
