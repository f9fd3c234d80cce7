import { matrixLabel } from '../../../../model/cell.js';
import type { CellDetail, Course } from '../../../../model/detail.js';
import type { CellSummary, Summary } from '../../../../model/summary.js';
import { distinct } from '../../group-by.js';
import { hostLine } from '../../host.js';
import { nameOf } from '../../standing.js';
import { formatShare, kiloPacketsPerSecond, workText } from '../../units.js';
import { cellAxes } from '../cell-axes.js';
import { type IntervalPoint, panelDataset, plainPoint } from '../dataset.js';
import { chartOptions, courseAxis, panelAxis } from '../layout.js';
import type { Chart } from '../parts.js';

/** What the machine did in a piece of about a second of a measure phase: shares (0..1) of the time. */
interface Piece {
  cell: CellSummary;
  course: Course;
  endS: number;
  steal: number;
  foreign: number;
  /** How long the generator stood still; null where it cannot tell. */
  hiccup: number | null;
}

interface Kind {
  id: 'steal' | 'foreign' | 'hiccup';
  axis: string;
  what: string;
}

const kinds: readonly Kind[] = [
  { id: 'steal', axis: 'stolen, %', what: 'stolen by the hypervisor' },
  { id: 'foreign', axis: 'foreign, %', what: 'used by foreign processes' },
  { id: 'hiccup', axis: 'hiccups, %', what: 'lost to hiccups of the generator' },
];

/** Did the machine behave? What was taken from the benchmark in each second, and what happened in the worst run. */
export function machineCharts(summary: Summary, details: ReadonlyMap<string, CellDetail>): Chart[] {
  const pieces = summary.cells.flatMap((cell) =>
    (details.get(cell.id)?.courses ?? []).flatMap((course) => piecesOf(cell, course)),
  );
  const worst = pieces.toSorted((a, b) => takenOf(b) - takenOf(a))[0];
  return worst ? [overview(summary, pieces, worst), courseChart(summary, worst)] : [];
}

function piecesOf(cell: CellSummary, course: Course): Piece[] {
  const begin = measureOf(course)?.beginS ?? 0;
  const hosts = distinct(course.hosts.map(({ host }) => host)).map((host) =>
    course.hosts.filter((piece) => piece.host === host),
  );
  return (hosts[0] ?? []).map(({ endS }, index, own) => {
    // Of several hosts the one that was worse off: each counts its own pieces.
    const all = hosts.flatMap((pieces) => pieces[index] ?? []);
    return {
      ...{ cell, course, endS: begin + endS },
      steal: Math.max(...all.map(({ stealRatio }) => stealRatio)),
      foreign: Math.max(...all.map(({ foreignRatio }) => foreignRatio)),
      hiccup: hiccupShare(course, begin + (own[index - 1]?.endS ?? 0), begin + endS),
    };
  });
}

function measureOf({ phases }: Course) {
  return phases.find(({ phase }) => phase === 'measure');
}

function hiccupShare({ rates }: Course, beginS: number, endS: number): number | null {
  const within = rates.flatMap((reading, index) => {
    const seconds = reading.endS - (rates[index - 1]?.endS ?? 0);
    const middle = reading.endS - seconds / 2;
    return middle > beginS && middle <= endS && reading.hiccupNs !== null ? [{ seconds, ns: reading.hiccupNs }] : [];
  });
  const seconds = within.reduce((sum, reading) => sum + reading.seconds, 0);
  return seconds > 0 ? Math.min(1, within.reduce((sum, { ns }) => sum + ns, 0) / 1e9 / seconds) : null;
}

function takenOf({ steal, foreign, hiccup }: Piece): number {
  return Math.max(steal, foreign, hiccup ?? 0);
}

/** All pieces beside each other, cell after cell. */
function overview(summary: Summary, pieces: readonly Piece[], worst: Piece): Chart {
  const told = kinds.filter(({ id }) => pieces.some((piece) => piece[id] !== null));
  const findings = told.map(
    ({ id, what }) => `${formatShare(Math.max(...pieces.map((piece) => piece[id] ?? 0)))} % ${what}`,
  );
  return panelChart({
    name: 'machine',
    title: `Did the machine behave? At worst, in a second: ${findings.join(', ')}`,
    subtitle: [
      `Each step is about a second, in the order of the report; the worst is of ${runOf(worst)}`,
      ...(pieces.some(({ hiccup }) => hiccup === null) ? ['No line: generators that cannot tell of hiccups'] : []),
      hostLine(summary.host),
    ],
    x: cellAxes(
      'Measure phases, cell after cell',
      pieces.map(({ cell }) => cell),
    ),
    panels: told.map((kind) =>
      sharePanel(
        kind,
        0,
        pieces.map((piece, index) => [index + 1, piece[kind.id]]),
      ),
    ),
  });
}

/** The run of a piece over time. */
function courseChart(summary: Summary, piece: Piece): Chart {
  const { cell, course } = piece;
  const measured = measureOf(course);
  // A generator that waits for replies is read for the first time after the phase began.
  const begin = Math.max(0, measured?.beginS ?? 0);
  const own = piecesOf(cell, course);
  const told = kinds.filter(({ id }) => own.some((one) => one[id] !== null));
  const replies = course.rates.map(({ endS, repliesPerSecond }) =>
    plainPoint(endS, repliesPerSecond / kiloPacketsPerSecond.divisor),
  );
  const ends = [...course.rates.map(({ endS }) => endS), ...own.map(({ endS }) => endS)];
  return panelChart({
    name: 'machine-worst-run',
    title: `What happened in the worst run? ${runOf(piece)}`,
    subtitle: [
      ...(measured ? [`Measured from ${begin.toFixed(2)} to ${measured.endS.toFixed(2)} s`] : []),
      hostLine(summary.host),
    ],
    x: { x: courseAxis('Seconds since the first reading', Math.max(...ends)) },
    panels: [
      { label: 'replies', axis: panelAxis('k replies/s', 'any'), points: stepsFrom(0, replies) },
      ...told.map((kind) =>
        sharePanel(
          kind,
          begin,
          own.map((one) => [one.endS, one[kind.id]]),
        ),
      ),
    ],
  });
}

function runOf({ cell, course }: Piece): string {
  const { packetBytes, load, workNs } = cell;
  const work = workNs === null ? '' : `, work ${workText(workNs)}`;
  return `${nameOf(cell)} ${matrixLabel(cell)}, ${packetBytes} bytes${work}, load ${load}, run ${course.repeat + 1}`;
}

interface Panel {
  label: string;
  axis: ReturnType<typeof panelAxis>;
  points: IntervalPoint[];
}

/** Shares by the time at which each piece ended. */
function sharePanel({ id, axis }: Kind, begin: number, shares: [number, number | null][]): Panel {
  const points = shares.map(([end, share]) => plainPoint(end, share === null ? null : 100 * share));
  return { label: id, axis: panelAxis(axis, 'percent'), points: stepsFrom(begin, points) };
}

/** Steps that end at their points: the first of them begins somewhere, too. */
function stepsFrom(begin: number, points: IntervalPoint[]): IntervalPoint[] {
  return [...points.slice(0, 1).map((point) => ({ ...point, x: begin })), ...points];
}

interface PanelChart {
  name: string;
  title: string;
  subtitle: string[];
  /** From the top; those beside `x` name it. */
  x: Record<string, ReturnType<typeof courseAxis>>;
  /** From the top. */
  panels: readonly Panel[];
}

/** Panels above each other over the same horizontal axes. */
function panelChart({ name, title, subtitle, x, panels }: PanelChart): Chart {
  const base = chartOptions(title, subtitle, {}, {});
  // The one with the largest weight stands at the top.
  const stacked = Object.fromEntries(panels.map(({ axis }, index) => [`y${index}`, { ...axis, weight: -index }]));
  const options = {
    ...base,
    scales: { ...x, ...stacked },
    plugins: { ...base.plugins, legend: { display: false } },
  };
  const datasets = panels.map(({ label, points }, index) => panelDataset(label, index, points));
  return { name, title, config: { type: 'line', data: { datasets }, options } };
}
