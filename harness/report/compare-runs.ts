import { count } from '../../common/cli/text.js';
import type { ComparedFigure, MetricComparison, MetricId, Ratio, RunComparison } from '../../model/comparison.js';
import { type Table, type TableCell, textCell } from './table.js';
import { formatIn, formatPercent, kiloPacketsPerSecond, microseconds, nanoseconds, type Unit } from './units.js';

const metricTexts: Record<MetricId, { title: string; unit: Unit }> = {
  peak: { title: 'Peak', unit: kiloPacketsPerSecond },
  ndr: { title: 'Highest rate without loss (NDR)', unit: kiloPacketsPerSecond },
  pdr: { title: 'Highest rate with a loss of at most 0.5 % (PDR)', unit: kiloPacketsPerSecond },
  p50: { title: 'Median round trip', unit: microseconds },
  p99: { title: '99th percentile of the round trips', unit: microseconds },
  cpu: { title: 'CPU time a reply, of all CPUs of the cell', unit: nanoseconds },
};

/** What `≥` stands for. */
export const boundNote = '≥ a lower bound: the load generator was the limit, not the server.';

/** What the mark of the last column means. `isBounded`: where a figure is a lower bound. */
export const unclearNote = (isBounded: boolean) =>
  `~ no evidence of a difference${isBounded ? ', or a lower bound leaves open which is more' : ''}.`;

/** What a metric is called in a sentence. */
export function metricName(metric: MetricId): string {
  return metricTexts[metric].title;
}

/** What a metric is printed in. */
export function metricUnit(metric: MetricId): Unit {
  return metricTexts[metric].unit;
}

/** Sentences that stand before the tables of a comparison. */
export function comparisonIntro({ old, new: now, differences }: RunComparison): string[] {
  const same = 'Machine, versions and phases are the same in both runs, as far as they are recorded.';
  return [
    `Old run ${old.runId}, started ${old.startedAt}; new run ${now.runId}, started ${now.startedAt}.`,
    ...(differences.length === 0 ? [same] : []),
  ];
}

/** The facts that differ first, then a table a metric, then what could not be compared. */
export function comparisonTables(comparison: RunComparison): Table[] {
  const { differences, metrics, notCompared } = comparison;
  const facts = differences.map(({ fact, old, new: now }) => [fact, old, now].map(textCell));
  const missing = notCompared.map(({ id, metric, reason }) =>
    [id, metric === null ? 'all' : metricName(metric), reason].map(textCell),
  );
  return [
    textTable('differences', 'What differs between the runs beside the figures', ['fact', 'old', 'new'], facts),
    ...metrics.map(metricTable),
    textTable('not-compared', 'Not compared', ['cell', 'figure', 'reason'], missing),
  ].filter(({ rows }) => rows.length > 0);
}

/** A table of sentences. */
export function textTable(name: string, title: string, headings: string[], rows: TableCell[][]): Table {
  return {
    ...{ name, title, notes: [], rows, content: 'text' },
    columns: headings.map((heading) => ({ heading, align: 'left' })),
  };
}

function metricTable(comparison: MetricComparison): Table {
  const { metric, cells, groups } = comparison;
  const { title, unit } = metricTexts[metric];
  const rows = cells.map(({ id, old, new: now, ratio, holmP, outcome }) => [
    textCell(id),
    figureCell(unit, old),
    figureCell(unit, now),
    textCell(formatThree(ratio.median)),
    textCell(formatRange(ratio)),
    textCell(formatP(holmP)),
    outcome === 'worse' ? { value: 'worse', detail: '', emphasis: 'bad' as const } : textCell(markOf(outcome)),
  ]);
  const means = groups
    .filter((group) => group.cells > 1)
    .map(({ name, geometricMean }) =>
      [`geometric mean: ${name}`, '', '', formatThree(geometricMean), '', '', ''].map(textCell),
    );
  const right = ['old', 'new', 'new/old', 'low–high', 'p', ''].map((heading) => ({ heading, align: 'right' as const }));
  return {
    name: metric,
    title: `${title} in ${unit.label}: ${comparison.better === 'more' ? 'more' : 'less'} is better`,
    notes: notesOf(comparison),
    columns: [{ heading: 'cell', align: 'left' }, ...right],
    rows: [...rows, ...means],
    content: 'figures',
  };
}

function markOf(outcome: MetricComparison['cells'][number]['outcome']): string {
  return outcome === 'unclear' ? '~' : outcome;
}

/** A figure, marked where it is a lower bound. */
export function figureCell(unit: Unit, { median, kind }: ComparedFigure): TableCell {
  const value = formatIn(unit, median);
  return kind === 'exact' ? textCell(value) : { value: `≥${value}`, detail: '', emphasis: 'bound' };
}

/** What the columns mean, and whether so few figures can tell anything. */
function notesOf({ cells, leastHolmP, repeatsNeeded }: MetricComparison): string[] {
  const repeats = cells.flatMap((cell) => [cell.old.repeats, cell.new.repeats]);
  const [least, most] = [Math.min(...repeats), Math.max(...repeats)];
  const perSide = least === most ? count(most, 'repeat') : `${least} to ${count(most, 'repeat')}`;
  const confidences = cells.map(({ ratio }) => ratio.confidence);
  const ends = [...new Set([Math.min(...confidences), Math.max(...confidences)].map(formatPercent))].join(' to ');
  const few =
    leastHolmP > 0.05
      ? [
          `Too few repeats to tell: ${count(cells.length, 'cell')} of ${perSide} a side cannot give a p below ` +
            `${formatP(leastHolmP)}. From ${count(repeatsNeeded, 'repeat')} a side on a difference can be told.`,
        ]
      : [];
  const bounded = cells.some((cell) => [cell.old, cell.new].some(({ kind }) => kind !== 'exact'));
  return [
    `Medians of ${perSide} a side. new/old: Hodges-Lehmann estimate, its interval covers the true ratio with a probability of ${ends}.`,
    `p: rank-sum test, corrected for ${count(cells.length, 'cell')} (Holm). ${unclearNote(bounded)}`,
    ...few,
    ...(bounded ? [boundNote] : []),
  ];
}

/** A ratio with three decimals, from 10 on with three digits. */
export function formatThree(ratio: number): string {
  return ratio >= 9.9995 ? ratio.toPrecision(3) : ratio.toFixed(3);
}

/** Both ends of a ratio's interval. */
export function formatRange({ low, high }: Pick<Ratio, 'low' | 'high'>): string {
  return `${formatThree(low)}–${formatThree(high)}`;
}

/** A p-value with three decimals, `<0.001` below. */
export function formatP(p: number): string {
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}
