import type {
  ComparedCell,
  ComparedFigure,
  FactDifference,
  MetricComparison,
  MetricId,
  NotCompared,
  Outcome,
  RatioGroup,
  RunComparison,
} from '../../model/comparison.js';
import { betterSide, factDifferences, metricIds } from '../../model/comparison.js';
import { median } from '../../model/median.js';
import type { CellSummary, Summary } from '../../model/summary.js';
import { factsOf } from './facts.js';
import { type Metric, metrics } from './metrics.js';
import { holm } from './rank-tests.js';
import { geometricMean, isUnclear, leastRankSumP, type TestedRatio, unpairedRatio } from './ratio.js';

const significant = 0.05;

/**
 * Two runs of the harness, cell by cell. Their repeats make no pairs: the third repeat of a run has nothing in common
 * with the third of another one, made at another time in another order, so they are compared as independent samples.
 */
export function compareRuns(old: Summary, now: Summary): RunComparison {
  const shared = old.cells.flatMap((cell) => {
    const other = now.cells.find(({ id }) => id === cell.id);
    return other ? [{ old: cell, now: other }] : [];
  });
  const refused = shared.flatMap((pair) => refusalOf(pair) ?? []);
  const comparable = shared.filter(({ old: { id } }) => !refused.some((refusal) => refusal.id === id));
  const compared = metricIds.map((id) => compareMetric(id, comparable));
  return {
    old: { runId: old.runId, startedAt: old.startedAt },
    new: { runId: now.runId, startedAt: now.startedAt },
    differences: differencesOf(old, now),
    metrics: compared.map(({ comparison }) => comparison).filter(({ cells }) => cells.length > 0),
    notCompared: [
      ...onOneSide(old, now, 'only in the old run'),
      ...onOneSide(now, old, 'only in the new run'),
      ...refused,
      ...compared.flatMap(({ without }) => without),
    ],
  };
}

/** Cells that are worse by more than a share (0..1), and not by chance. */
export function regressions(comparison: RunComparison, share: number): { metric: MetricId; cell: ComparedCell }[] {
  return comparison.metrics.flatMap(({ metric, cells }) =>
    cells
      .filter(({ outcome, ratio }) => {
        const worse = betterSide[metric] === 'more' ? 1 - ratio.median : ratio.median - 1;
        return outcome === 'worse' && worse > share;
      })
      .map((cell) => ({ metric, cell })),
  );
}

/** Whether a metric has figures enough for any of its differences to be told from chance. */
export function canTell({ leastHolmP }: MetricComparison): boolean {
  return leastHolmP <= significant;
}

interface Pair {
  old: CellSummary;
  now: CellSummary;
}

function onOneSide(one: Summary, other: Summary, reason: string): NotCompared[] {
  const ids = new Set(other.cells.map(({ id }) => id));
  const alone = one.cells.filter(({ id }) => !ids.has(id));
  return alone.map(({ id }) => ({ id, metric: null, reason, state: 'absent' }));
}

/** Why two cells of one name must not be compared, or null. */
function refusalOf({ old, now }: Pair): NotCompared | null {
  const refuse = (reason: string, state: NotCompared['state'] = 'absent') => ({
    ...{ id: old.id, metric: null, reason, state },
  });
  const [before, after] = [whyNoFigure(old), whyNoFigure(now)];
  if (before !== null) return refuse(`old run: ${before}${after === null ? '' : `; new run: ${after}`}`);
  if (after !== null) return refuse(`new run: ${after}`, 'lost');
  if (old.engine !== now.engine) return refuse(`fed by the engine ${old.engine}, then by ${now.engine}`);
  if (old.idle !== now.idle) return refuse(`its threads wait by ${old.idle}, then by ${now.idle}`);
  return null;
}

function whyNoFigure({ state, verdict, reasons }: CellSummary): string | null {
  if (state === 'completed' && verdict === 'valid') return null;
  return `${state === 'completed' ? 'invalid' : state}: ${reasons[0] ?? 'no reason recorded'}`;
}

function compareMetric(id: MetricId, pairs: readonly Pair[]): { comparison: MetricComparison; without: NotCompared[] } {
  const metric = metrics[id];
  const without: NotCompared[] = [];
  const tested = pairs.flatMap((pair) => {
    const [before, after] = [figuresOf(metric, pair.old), figuresOf(metric, pair.now)];
    if (before.missing === 0 && after.missing === 0 && before.figures.length > 0 && after.figures.length > 0)
      return [{ pair, before, after, ratio: unpairedRatio(after.figures, before.figures) }];
    if (before.figures.length > 0 || after.figures.length > 0)
      without.push({
        ...{ id: pair.old.id, metric: id, reason: `${told('old', before)}, ${told('new', after)}` },
        state: before.missing === 0 ? 'lost' : 'absent',
      });
    return [];
  });
  const corrected = holm(tested.map(({ ratio }) => ratio.p));
  const cells = tested.map(({ pair, before, after, ratio }, index) => {
    const sides = {
      old: figureOf(metric, pair.old, before.figures),
      new: figureOf(metric, pair.now, after.figures),
    };
    const holmP = corrected[index] as number;
    const { p, ...interval } = ratio;
    const outcome = outcomeOf(id, sides, ratio, holmP);
    return { id: pair.old.id, ...sides, ratio: interval, p, holmP, outcome };
  });
  const sizes = tested.map(({ before, after }) => [before.figures.length, after.figures.length] as const);
  return {
    comparison: { metric: id, better: betterSide[id], cells, groups: groupsOf(tested), ...powerOf(sizes) },
    without,
  };
}

interface Figures {
  /** What the repeats have. */
  figures: number[];
  /** How many repeats have none, or one that no ratio can be taken with. */
  missing: number;
}

function figuresOf(metric: Metric, { byRepeat }: CellSummary): Figures {
  const figures = byRepeat.flatMap((repeat) => metric.of(repeat) ?? []).filter((figure) => figure > 0);
  return { figures, missing: byRepeat.length - figures.length };
}

function told(side: string, { figures, missing }: Figures): string {
  return `${side} run: a figure in ${figures.length} of ${figures.length + missing} repeats`;
}

function figureOf({ isBound }: Metric, cell: CellSummary, figures: number[]): ComparedFigure {
  return { median: median(figures), repeats: figures.length, kind: isBound(cell) ? 'lower bound' : 'exact' };
}

/** A lower bound may be more in truth: what would not hold then is not said. */
function outcomeOf(
  metric: MetricId,
  { old, new: now }: Pick<ComparedCell, 'old' | 'new'>,
  ratio: TestedRatio,
  holmP: number,
): Outcome {
  if (isUnclear(ratio, holmP)) return 'unclear';
  const more = ratio.median > 1;
  if ((more ? old : now).kind === 'lower bound') return 'unclear';
  return more === (betterSide[metric] === 'more') ? 'better' : 'worse';
}

function groupsOf(tested: readonly { pair: Pair; ratio: TestedRatio }[]): RatioGroup[] {
  const nameOf = ({ old }: Pair) => `${old.impl} ${old.load}`;
  const names = [...new Set(tested.map(({ pair }) => nameOf(pair)))];
  return names.map((name) => {
    const ratios = tested.filter(({ pair }) => nameOf(pair) === name).map(({ ratio }) => ratio.median);
    return { name, cells: ratios.length, geometricMean: geometricMean(ratios) ?? 1 };
  });
}

const mostRepeats = 1000;

function powerOf(
  sizes: readonly (readonly [number, number])[],
): Pick<MetricComparison, 'leastHolmP' | 'repeatsNeeded'> {
  const leastHolmP = Math.min(1, ...sizes.map(([m, n]) => sizes.length * leastRankSumP(m, n)));
  let repeatsNeeded = 1;
  while (repeatsNeeded < mostRepeats && sizes.length * leastRankSumP(repeatsNeeded, repeatsNeeded) > significant)
    repeatsNeeded++;
  return { leastHolmP, repeatsNeeded };
}

/** What is not the same for both runs, the machine's facts first. */
function differencesOf(old: Summary, now: Summary): FactDifference[] {
  const inBoth = Math.min(old.clientHosts.length, now.clientHosts.length);
  return factDifferences(factsOf(old, inBoth), factsOf(now, inBoth));
}
