import type { Cell } from '../../model/cell.js';
import type { CellDetail, Course, CpuClasses } from '../../model/detail.js';
import { mergeHistograms } from '../../model/histogram.js';
import { median } from '../../model/median.js';
import type { CompletedRun, Ledger, Prologue, Run, Timeline } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import { busyNs, classesOf, isOfCell } from './cost.js';
import { soundnessOf } from './soundness.js';
import { measureWindow, wholeNs } from './verdict.js';

/** What a reader may look at of each cell that has a record, in the order of the plan. */
export function detailsOf({ plan }: Pick<Prologue, 'plan'>, runs: readonly Run[]): CellDetail[] {
  return plan.flatMap(({ cell: planned }) => {
    const own = runs.filter(({ cell }) => cell.id === planned.id);
    return own.length === 0 ? [] : [detailOf(planned, own)];
  });
}

function detailOf({ id, placement }: Cell, runs: readonly Run[]): CellDetail {
  const { completed, counted: unsorted, failed } = soundnessOf(runs);
  const inOrder = (some: readonly CompletedRun[]) => some.toSorted((a, b) => a.repeat - b.repeat);
  const counted = inOrder(unsorted);
  return {
    ...{ id, placement },
    granted: counted[0]?.granted ?? {},
    ledger: sumOfLedgers(counted.map(({ ledger }) => ledger)),
    histogram: mergeHistograms(counted.map(({ histogram }) => histogram)),
    levels: levelsOf(counted),
    cpuNsPerReply: medianClasses(counted),
    handledByThread: sumsByPlace(counted.map(({ handledByThread }) => handledByThread)),
    receivedByQueue: sumsByPlace(counted.map(({ receivedByQueue }) => receivedByQueue)),
    courses: inOrder(completed).map((run) => courseOf(run, counted.includes(run))),
    errors: failed.map(({ error }) => error),
  };
}

function sumOfLedgers(ledgers: readonly Ledger[]): Ledger | null {
  if (ledgers.length === 0) return null;
  const sum = (of: (ledger: Ledger) => number) => ledgers.reduce((all, ledger) => all + of(ledger), 0);
  const drops = new Map<string, number>();
  for (const { name, count } of ledgers.flatMap((ledger) => ledger.drops))
    drops.set(name, (drops.get(name) ?? 0) + count);
  return {
    sent: sum(({ sent }) => sent),
    handled: sum(({ handled }) => handled),
    replied: sum(({ replied }) => replied),
    right: sum(({ right }) => right),
    wrong: sum(({ wrong }) => wrong),
    drops: [...drops].map(([name, count]) => ({ name, count })),
    residual: sum(({ residual }) => residual),
  };
}

function levelsOf(runs: readonly CompletedRun[]): CellDetail['levels'] {
  const all = runs.flatMap(({ levels }) => levels);
  return [...new Set(all.map(({ level }) => level))].map((level) => {
    const own = all.filter((one) => one.level === level);
    return {
      level,
      offeredPerSecond: median(own.map(({ offeredPerSecond }) => offeredPerSecond)),
      histogram: mergeHistograms(own.map(({ histogram }) => histogram)),
    };
  });
}

function medianClasses(runs: readonly CompletedRun[]): CpuClasses | null {
  const found = runs.flatMap((run) => {
    const window = measureWindow(run);
    return (window && classesOf(run, window)) ?? [];
  });
  if (found.length === 0) return null;
  // Of the run in the middle, or between the two there: the sum is then the median of the sums.
  const total = ({ user, system, softirq, other }: CpuClasses) => user + system + softirq + other;
  const sorted = found.toSorted((a, b) => total(a) - total(b));
  const [before, after] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  const middle = (kind: keyof CpuClasses) => ((before?.[kind] ?? 0) + (after?.[kind] ?? 0)) / 2;
  return { user: middle('user'), system: middle('system'), softirq: middle('softirq'), other: middle('other') };
}

function sumsByPlace(lists: readonly number[][]): number[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, place) => lists.reduce((sum, list) => sum + (list[place] ?? 0), 0));
}

/** Rates and round trips count from the first reading of the generator, hosts from their own first one. */
function courseOf(run: CompletedRun, isCounted: boolean): Course {
  const samples = run.samples.filter(({ source }) => source === 'generator');
  const beginNs = samples[0]?.atNs ?? run.windows[0]?.beginNs ?? 0;
  const seconds = (ns: number) => (ns - beginNs) / 1e9;
  return {
    repeat: run.repeat,
    isCounted,
    phases: run.windows.map((window) => ({
      ...{ phase: window.phase, beginS: seconds(window.beginNs), endS: seconds(window.endNs) },
    })),
    rates: samples.slice(1).map((sample, index) => {
      const before = samples[index] as (typeof samples)[number];
      const passed = (name: string) => (sample.counters[name] ?? 0) - (before.counters[name] ?? 0);
      const between = { beginNs: before.atNs, endNs: sample.atNs };
      return {
        endS: seconds(sample.atNs),
        sentPerSecond: perSecond(between, passed('sent')),
        repliesPerSecond: perSecond(between, passed('replied')),
        hiccupNs: sample.counters.hiccupTotalNs === undefined ? null : passed('hiccupTotalNs'),
      };
    }),
    roundTrips: run.timeline.roundTrips.map(({ endNs, histogram }) => ({ endS: seconds(endNs), histogram })),
    hosts: hostsOf(run),
  };
}

function hostsOf(run: CompletedRun): Course['hosts'] {
  const { hosts } = run.timeline;
  const beginOf = (side: string) => hosts.find(({ host }) => host === side)?.beginNs ?? 0;
  return hosts.map((piece) => {
    const own = piece.cpu.filter((time) => isOfCell(run, time));
    const whole = own.reduce((sum, time) => sum + wholeNs(time), 0);
    const share = (ns: number) => (whole === 0 ? 0 : ns / whole);
    return {
      host: piece.host,
      endS: (piece.endNs - beginOf(piece.host)) / 1e9,
      busyRatio: share(busyNs(own)),
      stealRatio: share(own.reduce((sum, { stealNs }) => sum + stealNs, 0)),
      foreignRatio: share(foreignNs(run, piece)),
    };
  });
}

function foreignNs(run: CompletedRun, { foreign }: Timeline['hosts'][number]): number {
  return foreign.filter((time) => isOfCell(run, time)).reduce((sum, { ns }) => sum + ns, 0);
}
