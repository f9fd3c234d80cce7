import { withoutWork } from '../../model/settings.js';
import type { CellSummary, Crossing, Figure, WorkCurve, WorkPoint } from '../../model/summary.js';
import { workBase, worthwhileRatio } from '../../model/work.js';
import { metrics } from './metrics.js';
import { unpairedRatio } from './ratio.js';

const { peak } = metrics;

/** Peaks of a run as work grows, in the order of its cells; nothing where each place has one amount of work. */
export function workCurves(cells: readonly CellSummary[]): WorkCurve[] {
  const asked = cells.filter(({ workNs, answer }) => workNs !== null && answer.kind === 'peak');
  const varied = asked.filter((cell) =>
    asked.some((other) => placeOf(other) === placeOf(cell) && other.workNs !== cell.workNs),
  );
  const quotable = varied.filter(({ verdict, repliesPerSecond }) => verdict === 'valid' && repliesPerSecond !== null);
  const lineOf = (cell: CellSummary) => [cell.impl, withoutWork(cell.variant), cell.engine, placeOf(cell)].join(' ');
  return [...new Set(quotable.map(lineOf))].map((line) =>
    curveOf(quotable.filter((cell) => lineOf(cell) === line) as [CellSummary, ...CellSummary[]], quotable),
  );
}

function curveOf(own: readonly [CellSummary, ...CellSummary[]], all: readonly CellSummary[]): WorkCurve {
  const [{ impl, variant, threads, queues, packetBytes, functionId, load, engine }] = own;
  const measured = own
    .toSorted((a, b) => workOf(a) - workOf(b))
    .map((cell) => ({ cell, ratio: impl === workBase ? null : ratioOf(cell, baseOf(cell, all)) }));
  const points = measured.map(({ cell, ratio }): WorkPoint => ({ workNs: workOf(cell), cell: cell.id, ratio }));
  const known = measured.flatMap(({ cell, ratio }) => (ratio === null ? [] : [{ ...leadOf(cell), ratio }]));
  return {
    ...{ impl, variant: withoutWork(variant), threads, queues, packetBytes, functionId, load, engine },
    points,
    crossing: crossingOf(known),
  };
}

/** What a crossing is found from: a ratio at an amount of work. */
export interface Lead {
  workNs: number;
  /** What the implementation takes for a reply with that work, nanoseconds. */
  replyNs: number;
  ratio: Figure;
  /** `lower bound`: the implementation may answer more. */
  kind: 'exact' | 'lower bound';
}

/**
 * Where a lead falls below `worthwhileRatio` for good; null of fewer than two amounts of work. `leads`: by ascending work.
 *
 * A reply takes what the datapath takes and then the work, so between two amounts that were measured the time of a reply
 * is a straight line in work for both that are compared, and so is what one saves beyond the worthwhile share: it is
 * interpolated to its zero. A ratio interpolated in the logarithm of work would bend the other way, and be late by a tenth
 * where amounts are three times as much as each other.
 *
 * The interval is where the ends of the ratio's interval fall below: all amounts at which a test of the ratio at its
 * confidence would not refuse the worthwhile one (inversion of a test: Fieller 1954; as calibration, Scheffe 1973).
 */
export function crossingOf(leads: readonly Lead[]): Crossing | null {
  if (leads.length < 2) return null;
  const upper = ({ ratio, kind }: Lead) => (kind === 'exact' ? ratio.high : Number.POSITIVE_INFINITY);
  const at = bracketOf(leads, ({ ratio }) => ratio.median);
  const low = bracketOf(leads, ({ ratio }) => ratio.low);
  const high = bracketOf(leads, upper);
  // Of the amounts that it is found from: a single run at another one says nothing about it.
  const used = [at, low, high].flatMap(({ from, to }) => [from, to].flatMap((lead) => lead ?? []));
  return {
    ...{ atNs: fallOf(at), lowNs: fallOf(low), highNs: fallOf(high) },
    confidence: Math.min(...used.map(({ ratio }) => ratio.confidence)),
  };
}

/** An end of the ratio, and between which amounts it falls; there is no last worthwhile one, or none after it. */
interface Bracket {
  of: (lead: Lead) => number;
  from: Lead | undefined;
  to: Lead | undefined;
}

function bracketOf(leads: readonly Lead[], of: (lead: Lead) => number): Bracket {
  const last = leads.findLastIndex((lead) => of(lead) >= worthwhileRatio);
  return { of, from: leads[last], to: leads[last + 1] };
}

function fallOf({ of, from, to }: Bracket): number | null {
  if (to === undefined) return null;
  if (from === undefined) return 0;
  const [above, below] = [from, to].map((lead) => lead.replyNs * (of(lead) - worthwhileRatio)) as [number, number];
  const share = above === Number.POSITIVE_INFINITY ? 1 : above / (above - below);
  return from.workNs + share * (to.workNs - from.workNs);
}

function leadOf(cell: CellSummary): Pick<Lead, 'workNs' | 'replyNs' | 'kind'> {
  const replyNs = 1e9 / (cell.repliesPerSecond?.median ?? 0);
  return { workNs: workOf(cell), replyNs, kind: peak.isBound(cell) ? 'lower bound' : 'exact' };
}

/** As much work, at the same place and fed alike; set alike where there is such a cell, else with its defaults. */
function baseOf(cell: CellSummary, all: readonly CellSummary[]): CellSummary | null {
  const key = (one: CellSummary) => [one.engine, one.workNs, placeOf(one)].join(' ');
  const bases = all.filter((one) => one.impl === workBase && key(one) === key(cell));
  const set = (variant: string) => bases.find((one) => withoutWork(one.variant) === variant);
  return set(withoutWork(cell.variant)) ?? set('') ?? null;
}

/** Of the valid repeats of both, as of independent samples: repeats of merged runs make no pairs. */
function ratioOf(cell: CellSummary, base: CellSummary | null): Figure | null {
  if (base === null || peak.isBound(base)) return null;
  const [over, under] = [cell, base].map(({ byRepeat }) =>
    byRepeat.flatMap((figures) => peak.of(figures) ?? []).filter((rate) => rate > 0),
  ) as [number[], number[]];
  if (over.length === 0 || under.length === 0) return null;
  const { p, ...ratio } = unpairedRatio(over, under);
  return ratio;
}

function placeOf({ threads, queues, packetBytes, functionId, load }: CellSummary): string {
  return [threads, queues, packetBytes, functionId, load].join(' ');
}

const workOf = ({ workNs }: CellSummary) => workNs ?? 0;
