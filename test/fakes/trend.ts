import { createHash } from 'node:crypto';
import { betterSide, metricIds } from '../../model/comparison.js';
import type { ImplementationId } from '../../model/ids.js';
import type { Change, ChangeGroup, HistoryJudgement, Night, NightCell, NightFigure } from '../../model/night.js';
import { historyVersion } from '../../model/night.js';
import type { Interval } from '../../model/summary.js';
import { seededRandom } from './random.js';
import { measuredIds } from './repeat-residuals.js';

/** What happens in a history that is made. */
export interface Planted {
  /** Index of the cell, and of the first night. */
  cell: number;
  night: number;
  kind: Change['kind'];
  /** New over old, of all its figures. */
  ratio: number;
}

export interface History {
  nights: number;
  cells: number;
  planted?: readonly Planted[];
  /** Index of the first night of another kernel. */
  newKernel?: number;
}

const impls: readonly ImplementationId[] = measuredIds;
const sizes = [60, 200, 800, 1400];
const firstMs = Date.parse('2025-11-30T02:00:00Z');
const dayMs = 86_400_000;

const runIdOf = (night: number) =>
  `${isoOf(night).slice(0, 10).replaceAll('-', '')}-020000-${(night % 9973).toString(16).padStart(4, '0')}`;
const isoOf = (night: number) => new Date(firstMs + night * dayMs).toISOString();
const commitOf = (night: number) =>
  createHash('sha1')
    .update(String(Math.floor(night / 3)))
    .digest('hex');

/** A judgement of a history that is the same every time: noise of 1 %, and what is planted. */
export function fakeJudgement({ nights: count, cells, planted = [], newKernel }: History): HistoryJudgement {
  const random = seededRandom(365);
  const nights = Array.from({ length: count }, (_, night): Night => {
    const measured = Array.from({ length: cells }, (_, cell) => fakeNightCell(cell, night, planted, random));
    return { ...headOf(night, newKernel), cells, pairs: 0, measured, turns: [] };
  });
  const groups = planted.map((one) => groupOf(one, nights)).toReversed();
  const open = groups.filter(({ kind, direction }) => kind !== 'spike' && direction === 'worse');
  const alerts = open.map((group, index) => ({
    ...{ alert: index + 1, state: 'open' as const, raisedAt: isoOf(count), changedAt: isoOf(count) },
    ...{ reason: 'seen in three nights', changes: group.changes },
  }));
  const text = open.flatMap(({ changes: [first], firstNight, commits }, index) => [
    `Regression (alert ${index + 1}): ${first?.cell} is worse, since the night ${firstNight}.`,
    `Commits: git log --oneline ${commits.good.slice(0, 12)}..${commits.bad.slice(0, 12)}`,
    `That cell again: npm run bench -- --impls dgram --sizes 60`,
  ]);
  return {
    ...{ nights, withdrawn: [], groups, alerts, warnings: [], events: [] },
    verdict: {
      runId: nights.at(-1)?.runId ?? '',
      outcome: open.length > 0 ? 'regression' : 'pass',
      text: open.length > 0 ? text : ['Pass: nothing is slower by more than it is by itself.'],
      ...{ suspicions: [], vanished: [], appeared: [] },
    },
  };
}

function headOf(
  night: number,
  newKernel = Number.POSITIVE_INFINITY,
): Omit<Night, 'cells' | 'pairs' | 'measured' | 'turns'> {
  return {
    ...{ historyVersion, runId: runIdOf(night), startedAt: isoOf(night), machine: '5f1c0a93', bootId: 'one' },
    ...{ profile: 'nightly', topology: 'veth', commit: commitOf(night), dirty: 'clean' },
    facts: {
      cpuModel: 'AMD EPYC 9275F',
      kernel: night >= newKernel ? '6.18.9' : '6.18.4',
      'sysctls.net.core.rmem_max': '212992',
    },
    ...{ state: 'complete', report: `../../results/${runIdOf(night)}` },
  };
}

function fakeNightCell(index: number, night: number, planted: readonly Planted[], random: () => number): NightCell {
  const impl = impls[index % impls.length] as ImplementationId;
  const packetBytes = sizes[Math.floor(index / impls.length) % sizes.length] as number;
  const threads = 1 + (Math.floor(index / impls.length / sizes.length) % 2);
  const load = index < impls.length * sizes.length * 2 ? 'saturate' : `closed=${1 + Math.floor(index / 48)}`;
  const factor = planted
    .filter((one) => one.cell === index && (one.kind === 'spike' ? one.night === night : one.night <= night))
    .reduce(
      (all, { ratio, kind, night: from }) =>
        all * (kind === 'drift' ? 1 + (ratio - 1) * Math.min(1, (night - from) / 30) : ratio),
      1,
    );
  const figures =
    load === 'saturate'
      ? [
          fakeNightFigure('peak', 4e5 * (1 + (index % 6)) * factor, random),
          fakeNightFigure('cpu', 900 / factor, random),
        ]
      : (['p50', 'p99', 'cpu'] as const).map((metric, at) =>
          fakeNightFigure(metric, (14e3 * (at + 1)) / factor, random),
        );
  return {
    ...{ cell: `${impl}-${threads}T${threads}Q-${packetBytes}-reverse-${load.replace('=', '')}`, impl, variant: '' },
    ...{ threads, queues: threads, packetBytes, functionId: 'reverse', load, engine: 'live', state: 'measured' },
    ...{ reason: null, figures },
  };
}

export function fakeNightFigure(metric: NightFigure['metric'], around: number, random: () => number): NightFigure {
  const middle = around * (1 + 0.01 * (random() + random() - 1));
  const values = Array.from({ length: 8 }, () => Math.round(middle * (1 + 0.012 * (random() - 0.5)))).sort(
    (a, b) => a - b,
  );
  const at = (index: number) => values[index] as number;
  const better = (index: number) => at(betterSide[metric] === 'more' ? 7 - index : index);
  return {
    metric,
    values,
    median: (at(3) + at(4)) / 2,
    level: (better(2) + better(1)) / 2,
    low: at(0),
    high: at(7),
    bound: 'exact',
  };
}

function groupOf({ cell: index, night, kind, ratio }: Planted, nights: readonly Night[]): ChangeGroup {
  const [before, first] = [nights[Math.max(0, night - 1)] as Night, nights[night] as Night];
  const cell = first.measured[index] as NightCell;
  const direction: Change['direction'] = ratio < 1 ? 'worse' : 'better';
  const seen = metricIds.filter((metric) => cell.figures.some((figure) => figure.metric === metric));
  const facts = Object.keys(first.facts)
    .map((fact) => ({ fact, old: before.facts[fact] ?? '', new: first.facts[fact] ?? '' }))
    .filter(({ old, new: now }) => old !== now);
  const shared = {
    ...{ kind, direction, firstNight: first.runId, lastGoodNight: before.runId, facts },
    commits: { good: before.commit, bad: first.commit },
  } as const;
  const changes = seen.map((metric): Change => {
    const around = betterSide[metric] === 'more' ? ratio : 1 / ratio;
    return {
      ...shared,
      cell: cell.cell,
      metric,
      ratio: { ...interval(around), confidence: 0.95 },
      p: 0.0004,
      threshold: 0.03,
      witness: 'history' as const,
    };
  });
  return {
    ...shared,
    ratio: interval(ratio),
    excuse: facts.length > 0 ? 'environment' : 'none',
    fate: 'stands',
    changes,
  };
}

const interval = (median: number): Interval => ({ median, low: median * 0.99, high: median * 1.01 });

/** A year of nights as they come: steps, a drift, spikes, an update of the kernel. */
export function fakeYear(): HistoryJudgement {
  return fakeJudgement({
    ...{ nights: 365, cells: 60, newKernel: 250 },
    planted: [
      { cell: 2, night: 120, kind: 'step', ratio: 1.12 },
      { cell: 7, night: 250, kind: 'step', ratio: 0.93 },
      { cell: 9, night: 300, kind: 'drift', ratio: 0.9 },
      { cell: 4, night: 340, kind: 'spike', ratio: 0.8 },
      { cell: 0, night: 345, kind: 'step', ratio: 0.94 },
      { cell: 51, night: 361, kind: 'step', ratio: 0.9 },
    ],
  });
}

/** A history in which a name of each kind is replaced. */
export function renamed(judgement: HistoryJudgement, name: string): HistoryJudgement {
  const last = judgement.nights.at(-1) as Night;
  const [cell] = last.measured;
  const swap = (text: string) => (text === cell?.cell ? name : text);
  const nights = judgement.nights.map((night) => ({
    ...night,
    ...{ commit: name, profile: name, machine: name, facts: { ...night.facts, [name]: `${name}${night.runId}` } },
    measured: night.measured.map((one) => ({ ...one, cell: swap(one.cell), reason: name, variant: name })),
  }));
  const change = (one: Change): Change => ({ ...one, cell: swap(one.cell), commits: { good: name, bad: name } });
  return {
    ...judgement,
    nights,
    ...{ warnings: [name], withdrawn: [{ runId: name, at: last.startedAt, reason: name }] },
    groups: judgement.groups.map((group) => ({
      ...group,
      changes: group.changes.map(change),
      facts: [{ fact: name, old: name, new: name }],
    })),
    alerts: judgement.alerts.map((alert) => ({ ...alert, reason: name, changes: alert.changes.map(change) })),
    verdict: { ...judgement.verdict, text: [name, `npm run ${name}`], vanished: [name], appeared: [name] },
  };
}

/** The same with every cell skipped in every night. */
export function onlySkipped(judgement: HistoryJudgement): HistoryJudgement {
  const skip = (cell: NightCell): NightCell => ({ ...cell, state: 'skipped', reason: 'needs two CPUs', figures: [] });
  return {
    ...judgement,
    nights: judgement.nights.map((night) => ({ ...night, measured: night.measured.map(skip) })),
    verdict: { ...judgement.verdict, outcome: 'unfit', text: ['Unfit: no cell of the night has a figure.'] },
  };
}

/** The first cell is not measured any more from the seventh night on, the last one only from there on. */
export function comingAndGoing(judgement: HistoryJudgement): HistoryJudgement {
  const nights = judgement.nights.map((night, index) => ({
    ...night,
    measured: index < 6 ? night.measured.slice(0, -1) : night.measured.slice(1),
  }));
  return { ...judgement, nights };
}
