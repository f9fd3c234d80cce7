import uPlot from 'uplot';
import { axisX, axisY, rangeY } from './axes.js';
import { make, say } from './dom.js';
import { drawMark, type Stroke } from './marks.js';
import { colourOf } from './theme.js';

/** A chart as it is drawn: figures in units of the axes. */
export interface Plot {
  /** What it is, for those who do not see it. */
  label: string;
  height: number;
  x: {
    title: string;
    values: number[];
    range: [number, number];
    /** Null: as many round numbers as there is room for. */
    ticks: { at: number; label: string }[] | null;
    /** What stands at a place, as the reader is told. */
    name(index: number): string;
  };
  y: {
    title: string;
    scale: 'linear' | 'log';
    /** Of a linear one: from zero, or from below the least value, as changes of a few per cent cannot be seen from zero. */
    from?: 'zero' | 'least';
    format(value: number): string;
  };
  lines: PlotLine[];
  /** Where a line of the chart was clicked. */
  picked?(line: number, index: number): void;
  /** Parts of the horizontal axis that are shaded. */
  bands?: { from: number; to: number }[];
  /** Vertical lines at places of the horizontal axis; colours by the names of their properties. */
  posts?: { at: number; colour: string; dash: number[] }[];
  /** What is told of a place, in place of the figures of all lines. */
  told?(index: number): string[];
}

export interface PlotLine {
  name: string;
  stroke: Stroke;
  values: (number | null)[];
  /** Ends of the interval of each value: bars, or of a line without marks a band. */
  ends?: ([number, number] | null)[];
  hollow?: boolean[];
  /** What is told of each value; without them what the axis makes of it. */
  texts?: (string | null)[];
  /** `none`: marks alone, also of neighbours. */
  path?: 'none';
}

/** Draws a chart into an element that is as wide as it may be; arrow keys and the pointer tell its figures. Returns how to remove it. */
export function mount(host: HTMLElement, plot: Plot): () => void {
  const told = make('div', { className: 'told', hidden: true });
  const frame = make('div', { className: 'frame', tabIndex: 0 });
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-roledescription', 'chart');
  frame.setAttribute('aria-label', `${plot.label}. Left and right arrow keys tell the figures.`);
  host.replaceChildren(frame);
  const chart = new uPlot(options(plot, host.clientWidth, told), dataOf(plot), frame);
  chart.over.append(told);
  if (plot.picked) chart.over.classList.add('pickable');
  chart.over.addEventListener('click', () => {
    const line = nearest(chart, plot);
    if (line !== null && chart.cursor.idx != null) plot.picked?.(line, chart.cursor.idx);
  });
  frame.addEventListener('keydown', (event) => walk(event, chart, plot));
  frame.addEventListener('blur', () => chart.setCursor({ left: -10, top: -10 }));
  const watcher = new ResizeObserver(() => {
    if (host.clientWidth > 0 && host.clientWidth !== chart.width)
      chart.setSize({ width: host.clientWidth, height: plot.height });
  });
  watcher.observe(host);
  return () => {
    watcher.disconnect();
    chart.destroy();
    host.replaceChildren();
  };
}

function dataOf({ x, y, lines }: Plot): uPlot.AlignedData {
  // A logarithm has no place for zero.
  const drawn = (value: number | null) => (value === null || (y.scale === 'log' && value <= 0) ? null : value);
  return [x.values, ...lines.map(({ values }) => values.map(drawn))];
}

function options(plot: Plot, width: number, told: HTMLElement): uPlot.Options {
  const { x, y, lines, height } = plot;
  return {
    ...{ width: Math.max(width, 200), height, legend: { show: false } },
    padding: [12, 14, 0, 0],
    scales: {
      x: { time: false, range: x.range },
      y: { distr: y.scale === 'log' ? 3 : 1, range: rangeY(plot) },
    },
    axes: [axisX(plot), axisY(plot)],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    series: [
      {},
      ...lines.map(({ name, stroke, values, path }) => ({
        ...{ label: name, stroke: stroke.colour, dash: stroke.dash, width: stroke.point === null ? 1.5 : 2.25 },
        ...(path === 'none' ? { paths: () => null } : {}),
        // A reading without neighbours makes no line.
        points: { show: stroke.point === null, size: 7, fill: stroke.colour, filter: () => alone(values) },
      })),
    ],
    hooks: {
      drawClear: [(chart) => shade(chart, plot)],
      draw: [(chart) => decorate(chart, plot)],
      setCursor: [(chart) => tell(chart, plot, told)],
    },
  };
}

/** Places of values that have none beside them. */
function alone(values: readonly (number | null)[]): number[] {
  return values.flatMap((value, index) =>
    value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null ? [index] : [],
  );
}

function shade(chart: uPlot, { x, lines, bands = [], posts = [] }: Plot): void {
  const { ctx, bbox, valToPos } = chart;
  ctx.save();
  ctx.fillStyle = colourOf('--band');
  for (const { from, to } of bands) {
    const inside = (x: number) => Math.max(bbox.left, Math.min(bbox.left + bbox.width, valToPos(x, 'x', true)));
    const [left, right] = [inside(from), inside(to)];
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const line of lines) if (line.stroke.point === null && line.ends) spread(chart, x.values, line);
  ctx.lineWidth = devicePixelRatio;
  for (const { at, colour, dash } of posts) {
    ctx.strokeStyle = colourOf(colour);
    ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
    const left = Math.round(valToPos(at, 'x', true)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** The intervals of a line as one area, broken where there is none. */
function spread({ ctx, valToPos }: uPlot, places: readonly number[], { stroke, ends = [] }: PlotLine): void {
  const left = (index: number) => valToPos(places[index] as number, 'x', true);
  const top = (index: number, end: 0 | 1) => valToPos(ends[index]?.[end] as number, 'y', true);
  ctx.globalAlpha = 0.22;
  ctx.fillStyle = stroke.colour;
  for (let from = 0; from < ends.length; from++) {
    if (!ends[from]) continue;
    let to = from;
    while (ends[to + 1]) to++;
    const indexes = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    ctx.beginPath();
    for (const index of indexes) ctx.lineTo(left(index), top(index, 1));
    for (const index of indexes.reverse()) ctx.lineTo(left(index), top(index, 0));
    ctx.fill();
    // One alone has no width.
    if (from === to)
      ctx.fillRect(left(from) - devicePixelRatio, top(from, 1), 2 * devicePixelRatio, top(from, 0) - top(from, 1));
    from = to;
  }
  ctx.globalAlpha = 1;
}

/** Bars of intervals and marks of points. */
function decorate(chart: uPlot, { x, lines }: Plot): void {
  const { ctx } = chart;
  const ratio = devicePixelRatio;
  const paper = colourOf('--paper');
  ctx.save();
  for (const [index, { stroke, ends, hollow }] of lines.entries()) {
    const values = chart.data[index + 1] ?? [];
    for (const [place, value] of values.entries()) {
      if (value == null || stroke.point === null) continue;
      const left = chart.valToPos(x.values[place] as number, 'x', true);
      const pair = ends?.[place];
      if (pair) bar(chart, stroke.colour, left, pair);
      const at = { x: left, y: chart.valToPos(value, 'y', true), radius: 4.5 * ratio };
      drawMark(ctx, stroke, { ...at, hollow: hollow?.[place] ? paper : null });
    }
  }
  ctx.restore();
}

function bar(chart: uPlot, colour: string, x: number, [low, high]: [number, number]): void {
  const { ctx, bbox, scales } = chart;
  const cap = 4 * devicePixelRatio;
  const bottom = low > (scales.y?.min ?? 0) ? chart.valToPos(low, 'y', true) : bbox.top + bbox.height;
  const top = chart.valToPos(high, 'y', true);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.25 * devicePixelRatio;
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(x, bottom);
  ctx.lineTo(x, top);
  for (const end of [bottom, top]) {
    ctx.moveTo(x - cap, end);
    ctx.lineTo(x + cap, end);
  }
  ctx.stroke();
}

/** The figures at a place, the largest first. */
function figuresAt(plot: Plot, index: number): string[] {
  const { lines, y } = plot;
  if (plot.told) return plot.told(index);
  return lines
    .flatMap((line) => {
      const value = line.values[index];
      return value == null ? [] : [{ line, value }];
    })
    .sort((a, b) => b.value - a.value)
    .map(({ line, value }) => `${line.name} ${line.texts?.[index] ?? y.format(value)}`);
}

/** Shows the figures beside the cursor. */
function tell(chart: uPlot, plot: Plot, told: HTMLElement): void {
  const { idx, left = -1 } = chart.cursor;
  told.hidden = idx == null || left < 0;
  if (idx == null || told.hidden) return;
  const figures = figuresAt(plot, idx).map((text) => make('div', {}, text));
  told.replaceChildren(make('strong', {}, plot.x.name(idx)), ...figures);
  const width = chart.over.clientWidth;
  const place = chart.valToPos(plot.x.values[idx] as number, 'x');
  // Within the chart, on the side that has more room.
  const wished = place < width / 2 ? place + 12 : place - 12 - told.offsetWidth;
  told.style.left = `${Math.max(0, Math.min(wished, width - told.offsetWidth))}px`;
}

/** Arrow keys go from place to place. */
function walk(event: KeyboardEvent, chart: uPlot, plot: Plot): void {
  const last = plot.x.values.length - 1;
  const at = chart.cursor.left == null || chart.cursor.left < 0 ? null : (chart.cursor.idx ?? null);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const next = { Home: 0, End: last }[event.key] ?? (step === undefined ? null : at === null ? 0 : at + step);
  if (event.key === 'Escape') chart.setCursor({ left: -10, top: -10 });
  if (next === null) return;
  event.preventDefault();
  const index = Math.max(0, Math.min(last, next));
  chart.setCursor({ left: chart.valToPos(plot.x.values[index] as number, 'x'), top: 10 });
  say([plot.x.name(index), ...figuresAt(plot, index)].join(', '));
}

/** The line that is nearest to the pointer at the cursor's place. */
function nearest(chart: uPlot, { lines }: Plot): number | null {
  const { idx, top = 0 } = chart.cursor;
  if (idx == null) return null;
  const distances = lines.flatMap((_, index) => {
    const value = chart.data[index + 1]?.[idx];
    return value == null ? [] : [{ index, distance: Math.abs(chart.valToPos(value, 'y') - top) }];
  });
  const [first] = distances.sort((a, b) => a.distance - b.distance);
  return first && first.distance < 24 ? first.index : null;
}
