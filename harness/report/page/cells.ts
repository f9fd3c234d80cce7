import type { CellDetail, Course } from '../../../model/detail.js';
import type { CellSummary, RepeatFigures, Summary } from '../../../model/summary.js';
import { commandOf, needsPlacementFile } from '../command.js';
import { standingOf } from '../standing.js';
import { cellTables } from './cell-tables.js';
import type { CellView } from './content.js';
import { courseView, curveOf, pointsEach } from './course.js';
import { type Html, html } from './html.js';
import { listHtml, tableHtml } from './tables.js';

/** The page of each cell, by id. */
export function cellViews(summary: Summary, details: readonly CellDetail[]): Record<string, CellView> {
  const byId = new Map(details.map((detail) => [detail.id, detail]));
  const most = pointsEach(summary.cells.length);
  // Without a prototype: a cell's id may be any text.
  const views: Record<string, CellView> = Object.create(null);
  for (const cell of summary.cells) views[cell.id] = cellView(summary, cell, byId.get(cell.id) ?? null, most);
  return views;
}

function cellView(summary: Summary, cell: CellSummary, detail: CellDetail | null, most: number): CellView {
  const course =
    detail &&
    nearestToMedian(
      cell,
      detail.courses.filter(({ isCounted }) => isCounted),
    );
  const levels = (detail?.levels ?? []).map(({ level, histogram }) => ({ name: level, histogram }));
  const all = [...(detail ? [{ name: 'all runs', histogram: detail.histogram }] : []), ...levels];
  return {
    html: cellHtml(summary, cell, detail, course?.repeat ?? null).text,
    curves: all
      .map(({ name, histogram }) => ({ name, points: curveOf(histogram) }))
      .filter(({ points }) => points.length > 1),
    course: course && courseView(course, most),
  };
}

/** Of all runs over time only the most ordinary is shown: the others differ by chance. */
export function nearestToMedian(cell: CellSummary, courses: readonly Course[]): Course | null {
  const figure = figureOf(cell);
  if (figure === null) return courses[0] ?? null;
  const distance = ({ repeat }: Course) => {
    const own = cell.byRepeat.find((one) => one.repeat === repeat);
    const value = own && figure.of(own);
    return value == null ? Number.POSITIVE_INFINITY : Math.abs(value - figure.median);
  };
  return courses.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}

function figureOf(cell: CellSummary): { median: number; of(repeat: RepeatFigures): number | null | undefined } | null {
  const { answer, latencyNs, pdr, repliesPerSecond } = cell;
  if (answer.kind === 'round-trips' && latencyNs?.p50 != null)
    return { median: latencyNs.p50, of: ({ latencyNs: own }) => own?.p50 };
  if (answer.kind === 'capacity' && pdr !== null)
    return { median: pdr.interval.median, of: ({ pdrPerSecond }) => pdrPerSecond };
  return repliesPerSecond && { median: repliesPerSecond.median, of: (repeat) => repeat.repliesPerSecond };
}

function cellHtml(summary: Summary, cell: CellSummary, detail: CellDetail | null, repeat: number | null): Html {
  const standing = standingOf(cell);
  const command = commandOf(summary.scenario, cell);
  const notes = [
    ...(needsPlacementFile(summary.scenario, cell)
      ? ['The CPUs of this cell were given by a file: add --placement FILE.']
      : []),
    ...(Object.keys(summary.scenario.tuning).length > 0
      ? ['What the scenario file set of host and interface is given as axes, and becomes part of the name of the cell.']
      : []),
  ];
  const said = (title: string, sentences: readonly string[]) =>
    sentences.length === 0 ? '' : html`<h3>${title}</h3>${listHtml([...new Set(sentences)])}`;
  const placed = detail?.placement.warnings ?? [];
  return html`<h2 tabindex="-1">${cell.id}</h2>
<p><strong class="${standing === 'figure' ? 'good' : 'bad'}">${states[standing]}</strong></p>
${said(standing === 'figure' ? 'Remarks' : 'Why', cell.reasons)}
${said('Warnings', [...cell.warnings, ...placed])}
<h3>Measure this cell again</h3>
<pre><code>${command.split(/ (?=--)/).map((word) => html`<span>${word}</span> `)}</code></pre>
<p><button type="button" data-copy="${command}">Copy the command</button></p>
${notes.map((note) => html`<p class="notes">${note}</p>`)}
<h3>Figures</h3>
<div class="beside">${cellTables(cell, detail).map(tableHtml)}</div>
<h3 data-curves hidden>Round trips of all runs</h3><div data-charts="curves"></div>
<h3 data-course hidden>Over time${repeat === null ? '' : `: run ${repeat + 1}, the nearest to the median`}</h3>
<div data-charts="course"></div>`;
}

const states = {
  figure: 'Valid: its figures may be quoted.',
  invalid: 'Invalid: its figures must not be quoted.',
  skipped: 'Skipped: this host cannot run it.',
  failed: 'Failed: more than a third of its runs did not end well.',
  unmeasured: 'Without an answer: its load should have given a figure and did not.',
} as const;
