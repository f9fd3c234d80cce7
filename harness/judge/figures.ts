import type { Cell } from '../../model/cell.js';
import { replyPacketBytes } from '../../model/frame.js';
import { type HistogramPairs, type LatencySummary, percentiles } from '../../model/histogram.js';
import { median } from '../../model/median.js';
import {
  type Capacity,
  type CapacityRate,
  type CompletedRun,
  type LatencyLevel,
  perSecond,
  type Window,
} from '../../model/record.js';
import type {
  CapacityFigure,
  CellSummary,
  Figure,
  LevelSummary,
  LimitLabel,
  RepeatFigures,
} from '../../model/summary.js';
import { answers } from './answers.js';
import { busyRatio, costOf, joulesOf } from './cost.js';
import { interval } from './stats.js';
import { limitOf, measureWindow, objections, reachOf, residualRatio } from './verdict.js';

export type Figures = Pick<
  CellSummary,
  | 'limit'
  | 'repliesPerSecond'
  | 'bitsPerSecond'
  | 'overloadRepliesPerSecond'
  | 'generatorCeilingPerSecond'
  | 'lossRatio'
  | 'residualRatio'
  | 'latencyNs'
  | 'levels'
  | 'ndr'
  | 'pdr'
  | 'cpuNsPerReply'
  | 'invokerCpuRatio'
  | 'joulesPerReply'
  | 'byRepeat'
>;

/** Of a cell without a completed run. */
export const noFigures: Figures = {
  limit: null,
  repliesPerSecond: null,
  bitsPerSecond: null,
  overloadRepliesPerSecond: null,
  generatorCeilingPerSecond: null,
  lossRatio: null,
  residualRatio: null,
  latencyNs: null,
  levels: [],
  ndr: null,
  pdr: null,
  cpuNsPerReply: null,
  invokerCpuRatio: null,
  joulesPerReply: null,
  byRepeat: [],
};

/** A run with its measure phase. */
interface Measured {
  run: CompletedRun;
  window: Window;
}

/** What runs of a cell found together; `ceilingPerSecond` as in `limitOf`. */
export function figures(cell: Cell, runs: readonly CompletedRun[], ceilingPerSecond: number | null): Figures {
  const measured = runs
    .toSorted((a, b) => a.repeat - b.repeat)
    .flatMap((run) => {
      const window = measureWindow(run);
      return window === null ? [] : [{ run, window }];
    });
  if (measured.length === 0) return noFigures;
  const busyRatios = measured.flatMap(({ run }) => busyRatio(run) ?? []);
  const invokerCpuRatio = busyRatios.length === 0 ? null : median(busyRatios);
  const byRepeat = measured.filter(({ run }) => objections(run).length === 0).map((one) => repeatFigures(cell, one));
  if (cell.load.kind === 'none') return { ...noFigures, invokerCpuRatio, byRepeat };

  const overload = measured.flatMap(({ run }) => run.windows.filter(({ phase }) => phase === 'overload'));
  const sent = measured.reduce((sum, { window }) => sum + window.sent, 0);
  const replied = measured.reduce((sum, { window }) => sum + window.replied - window.wrong, 0);
  const replies = figureOf(measured.map(({ window }) => rightPerSecond(window)));
  const reaches = measured.flatMap(({ run, window }) => reachOf(run, window, ceilingPerSecond) ?? []);
  const costs = measured.flatMap((one) => costOf(one.run, one.window) ?? []);
  const joules = measured.flatMap((one) => joulesOf(one.run, one.window) ?? []);
  return {
    limit: limitAtMedian(measured, ceilingPerSecond),
    repliesPerSecond: replies,
    bitsPerSecond: scaled(replies, 8 * replyPacketBytes(cell.functionId, cell.packetBytes)),
    overloadRepliesPerSecond: overload.length === 0 ? null : figureOf(overload.map(rightPerSecond)),
    generatorCeilingPerSecond: reaches.length === 0 ? null : median(reaches),
    // Replies to requests sent just before the window may make it a touch negative.
    lossRatio: sent === 0 ? null : Math.max(0, 1 - replied / sent),
    residualRatio: Math.max(...measured.map(({ run }) => residualRatio(run))),
    latencyNs: latencyOf(measured.map(({ run }) => run.histogram)),
    levels: levelsOf(measured),
    ...(cell.load.kind === 'capacity'
      ? { ndr: capacityFigure(measured, ({ ndr }) => ndr), pdr: capacityFigure(measured, ({ pdr }) => pdr) }
      : { ndr: null, pdr: null }),
    cpuNsPerReply:
      costs.length === 0
        ? null
        : { invoker: median(costs.map(({ invoker }) => invoker)), total: median(costs.map(({ total }) => total)) },
    invokerCpuRatio,
    joulesPerReply: joules.length === 0 ? null : median(joules),
    byRepeat,
  };
}

function repeatFigures(cell: Cell, { run, window }: Measured): RepeatFigures {
  const { kind } = answers(cell.load);
  const found = kind === 'capacity' ? run.capacity : null;
  return {
    repeat: run.repeat,
    repliesPerSecond: kind === 'peak' ? rightPerSecond(window) : null,
    ndrPerSecond: found?.ndr?.perSecond ?? null,
    pdrPerSecond: found?.pdr?.perSecond ?? null,
    latencyNs: kind === 'round-trips' ? latencyOf([run.histogram]) : null,
    cpuNsPerReply: kind === 'rest' ? null : (costOf(run, window)?.total ?? null),
  };
}

/**
 * The limit of the run that gave the median, of several such the one that says least: a figure that any of them makes a
 * lower bound is one.
 */
function limitAtMedian(measured: readonly Measured[], ceilingPerSecond: number | null): LimitLabel {
  const limits = atMedian(measured, ({ window }) => rightPerSecond(window)).map(({ run }) =>
    limitOf(run, ceilingPerSecond),
  );
  return gravest.find((limit) => limits.includes(limit)) ?? 'none';
}

/** What qualifies a figure most comes first. */
const gravest: readonly LimitLabel[] = ['generator', 'config', 'path', 'invoker', 'none'];

/** Those with the middle value, or with one of the two middle ones and what lies between. */
function atMedian<T>(values: readonly T[], of: (value: T) => number): T[] {
  const sorted = values.map(of).sort((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)] as number;
  const high = sorted[Math.floor(sorted.length / 2)] as number;
  return values.filter((value) => of(value) >= low && of(value) <= high);
}

/** Null where half of the searches or more found no load that held: the median of an even number would be half a load. */
function capacityFigure(
  measured: readonly Measured[],
  of: (capacity: Capacity) => CapacityRate | null,
): CapacityFigure | null {
  const searches = measured.flatMap(({ run }) => run.capacity ?? []);
  const rates = searches.map(of);
  const [first = null] = rates;
  if (rates.filter((rate) => rate !== null).length <= rates.length / 2) return null;
  const open = atMedian(searches, (search) => of(search)?.perSecond ?? 0).some((search) => isOpen(of(search), search));
  return {
    interval: figureOf(rates.map((rate) => rate?.perSecond ?? 0)),
    bracket: rates.length === 1 && first ? { low: first.perSecond, high: first.failedPerSecond } : null,
    bound: open ? 'lower' : 'exact',
    byRepeat: rates.map((rate) => rate?.perSecond ?? null),
  };
}

/** Nothing that the server lost ended the search: the generator could not send more, or time was up. */
function isOpen(rate: CapacityRate | null, { timedOut }: Capacity): boolean {
  return rate?.boundBy === 'generator' || (timedOut && rate?.failedPerSecond === null);
}

function levelsOf(measured: readonly Measured[]): LevelSummary[] {
  const levels = measured.flatMap(({ run }) => run.levels);
  return [...new Set(levels.map(({ level }) => level))].map((id) => {
    const own = levels.filter(({ level }) => level === id);
    return {
      level: id,
      offeredPerSecond: median(own.map(({ offeredPerSecond }) => offeredPerSecond)),
      lossRatio: lossOf(own),
      latencyNs: latencyOf(own.map(({ histogram }) => histogram)),
    };
  });
}

function lossOf(levels: readonly LatencyLevel[]): number {
  const sent = levels.reduce((sum, level) => sum + level.sent, 0);
  const replied = levels.reduce((sum, level) => sum + level.replied, 0);
  return sent === 0 ? 0 : Math.max(0, 1 - replied / sent);
}

function latencyOf(histograms: readonly HistogramPairs[]): LatencySummary | null {
  const all = histograms.flat();
  return all.some(([, count]) => count > 0) ? percentiles(all) : null;
}

function rightPerSecond(window: Window): number {
  return perSecond(window, window.replied - window.wrong);
}

function figureOf(values: readonly number[]): Figure {
  const { interval: ends, confidence } = interval(values);
  return { ...ends, confidence };
}

function scaled({ median: middle, low, high, confidence }: Figure, factor: number): Figure {
  return { median: middle * factor, low: low * factor, high: high * factor, confidence };
}
