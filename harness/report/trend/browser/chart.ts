import type { Stroke } from '../../page/browser/marks.js';
import type { Plot, PlotLine } from '../../page/browser/plot.js';
import { colourOf, lineColour } from '../../page/browser/theme.js';
import { formatIn } from '../../units.js';
import type { Series, SeriesChange, TrendContent } from '../content.js';

const plain = { label: '', divisor: 1 };
const marks = { step: 'rect', drift: 'rectRot', spike: 'crossRot' } as const;

export function formatFigure(value: number): string {
  return formatIn(plain, value);
}

/** A figure of a night: what nights are compared by, `≥1343`, and its median, `1338 (1316–1383)`; null where it has none. */
export function figureAt(
  { levels, medians, lows, highs, bounds }: Series,
  night: number,
): { level: string; median: string } | null {
  const [level, median] = [levels[night] ?? null, medians[night] ?? null];
  if (level === null || median === null) return null;
  const [low, high] = [lows[night] ?? null, highs[night] ?? null];
  const range = low === null || high === null ? '' : ` (${formatFigure(low)}–${formatFigure(high)})`;
  return {
    level: `${bounds.includes(night) ? '≥' : ''}${formatFigure(level)}`,
    median: `${formatFigure(median)}${range}`,
  };
}

export function changeWords({ kind, direction, text }: SeriesChange): string {
  return `${kind}, ${direction}: ${text}`;
}

/** A figure over the newest `span` nights: levels, changes, and what changed around it. */
export function plotOf(content: TrendContent, series: Series, span: number, size: 'small' | 'large'): Plot {
  const { nights, surroundings } = content;
  const cell = content.cells[series.cell];
  const first = Math.max(0, nights.days.length - span);
  const days = nights.days.slice(first);
  const ends = series.lows.map((low, night): [number, number] | null => {
    const high = series.highs[night] ?? null;
    return low === null || high === null ? null : [low, high];
  });
  const shown = series.changes.filter(({ night }) => night >= first);
  const around = surroundings.filter(({ night }) => night > first);
  const plateau = nights.days.map(
    (_, night) => series.plateaus.find(({ from, to }) => night >= from && night <= to)?.value ?? null,
  );
  const figures = lineOf(cell?.colour ?? '#888888', { ends: ends.slice(first), values: series.levels.slice(first) });
  const between = (night: number) => ((nights.days[night - 1] ?? 0) + (nights.days[night] ?? 0)) / 2;
  const margin = Math.max(0.5, ((days.at(-1) ?? 0) - (days[0] ?? 0)) / 60);
  const hasReport = nights.reports.slice(first).some((report) => report !== null);
  return {
    label: `${series.title} of ${cell?.id}, ${days.length} nights`,
    height: size === 'small' ? 150 : 300,
    x: {
      title: '',
      values: days,
      range: [(days[0] ?? 0) - margin, (days.at(-1) ?? 0) + margin],
      ticks: ticksOf(nights.names.slice(first), days),
      name: (index) => `${nights.names[first + index]}, commit ${nights.commits[first + index]?.slice(0, 12)}`,
    },
    y: { title: size === 'small' ? '' : series.unit, scale: 'linear', from: 'least', format: formatFigure },
    lines: [
      figures,
      ...(series.changes.some(({ kind }) => kind === 'step') ? [plateauLine(plateau.slice(first))] : []),
      ...shown.map((change) => markOf(change, series, first)),
    ],
    posts: around.map(({ night }) => ({ at: between(night), colour: '--bound', dash: [2, 3] })),
    told: (index) => {
      const night = first + index;
      const figure = figureAt(series, night);
      return [
        ...(figure === null ? ['no figure'] : [`${figure.level} ${series.unit}`, `median ${figure.median}`]),
        ...shown.filter((change) => change.night === night).map(changeWords),
        ...around.filter((one) => one.night === night).flatMap(({ texts }) => texts),
      ];
    },
    ...(hasReport ? { picked: (_, index) => openReport(content, first + index) } : {}),
  };
}

function openReport({ nights }: TrendContent, night: number): void {
  const report = nights.reports[night];
  if (report != null) location.href = report;
}

function lineOf(colour: string, line: Pick<PlotLine, 'values' | 'ends'>): PlotLine {
  return { name: 'figure', stroke: strokeOf(lineColour(colour), null), ...line };
}

function plateauLine(values: (number | null)[]): PlotLine {
  return { name: 'plateau', stroke: { ...strokeOf(colourOf('--ink'), null), dash: [6, 3] }, values };
}

/** A mark at the first night of a change. */
function markOf(change: SeriesChange, { levels }: Series, first: number): PlotLine {
  const colour = colourOf(change.direction === 'worse' ? '--bad' : '--good');
  const values = levels.map((level, night) => (night === change.night ? level : null)).slice(first);
  return { name: change.kind, path: 'none', values, stroke: strokeOf(colour, marks[change.kind]) };
}

function strokeOf(colour: string, point: Stroke['point']): Stroke {
  return { colour, dash: [], point, rotation: 0 };
}

/** Days of a month or so, above that the first night of each month. */
function ticksOf(names: readonly string[], days: readonly number[]): { at: number; label: string }[] {
  const isLong = (days.at(-1) ?? 0) - (days[0] ?? 0) > 45;
  const label = (name: string) => (isLong ? name.slice(0, 7) : name.slice(5, 10));
  return names
    .map((name, index) => ({ at: days[index] as number, label: label(name) }))
    .filter((tick, index, all) => tick.label !== all[index - 1]?.label);
}
