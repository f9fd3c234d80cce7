import { formatIn } from '../../units.js';
import type { CellView, CourseView, PageContent, Panel } from '../content.js';
import { copy, element, make, within } from './dom.js';
import type { Stroke } from './marks.js';
import { mount, type Plot, type PlotLine } from './plot.js';
import { addressWithout } from './state.js';
import { lineColour } from './theme.js';

let removals: (() => void)[] = [];
let shown: string | null = null;

export function hideCell(): void {
  for (const remove of removals) remove();
  removals = [];
  shown = null;
}

/** Shows the page of a cell. */
export function showCell({ cells }: PageContent, id: string): void {
  const isNew = id !== shown;
  hideCell();
  shown = id;
  const place = element('cell');
  const back = make('p', {}, make('a', { href: addressWithout('cell'), id: 'back' }, 'Back to the report'));
  if (!Object.hasOwn(cells, id)) {
    place.replaceChildren(
      back,
      make('h2', { tabIndex: -1 }, 'No such cell'),
      make('p', {}, `This run has no cell ${id}.`),
    );
  } else {
    const view = cells[id] as CellView;
    // Markup of the report, with every name in it escaped.
    place.innerHTML = view.html;
    place.prepend(back);
    const button = place.querySelector<HTMLButtonElement>('[data-copy]');
    button?.addEventListener('click', () => copy(button.dataset.copy ?? ''));
    within(place, '[data-curves]').hidden = view.curves.length === 0;
    within(place, '[data-course]').hidden = view.course === null || view.course.panels.length === 0;
    if (view.curves.length > 0) draw(within(place, '[data-charts=curves]'), curvePlot(view));
    for (const panel of view.course?.panels ?? [])
      draw(within(place, '[data-charts=course]'), panelPlot(panel, view.course as CourseView));
  }
  if (!isNew) return;
  within(place, 'h2').focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** A chart, its keys, and its figures as a table that is made when it is opened. */
function draw(host: HTMLElement, { title, plot }: { title: string; plot: Plot }): void {
  const place = make('div', { className: 'plot' });
  const keys = plot.lines.map(({ name, stroke }) => {
    const key = make('span', { className: 'key' }, name);
    key.style.borderColor = stroke.colour;
    return key;
  });
  const scroll = make('div', { className: 'scroll', tabIndex: 0 });
  const table = make('details', {}, make('summary', {}, 'The figures as a table'), scroll);
  table.addEventListener('toggle', () => scroll.replaceChildren(tableOf(title, plot)), { once: true });
  host.append(make('figure', {}, make('figcaption', {}, make('strong', {}, title), ' ', ...keys), place, table));
  removals.push(mount(place, plot));
}

const plain = { label: '', divisor: 1 };
const colours = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00'];

function strokeOf(index: number): Stroke {
  const dashes = [[], [8, 4], [3, 3], [8, 3, 2, 3], [2, 2]];
  return {
    colour: lineColour(colours[index % 5] as string),
    dash: dashes[index % 5] as number[],
    point: null,
    rotation: 0,
  };
}

function panelPlot(panel: Panel, { phases }: CourseView): { title: string; plot: Plot } {
  const { title, unit, endS, series, clock } = panel;
  const ofGenerator = clock === 'generator' ? phases : [];
  const last = Math.max(...endS, ...ofGenerator.map((phase) => phase.endS));
  const lines = series.map(({ name, values }, index): PlotLine => ({ name, stroke: strokeOf(index), values }));
  return {
    title: `${title} in ${unit}`,
    plot: {
      label: `${title} over time`,
      height: 190,
      x: {
        title: clock === 'host' ? 'Seconds of measuring' : 'Seconds',
        values: endS,
        range: [0, last],
        ticks: null,
        name: (index) => `until ${endS[index]} s`,
      },
      y: { title: unit, scale: 'linear', format: (value) => formatIn(plain, value) },
      lines: lines.filter(({ values }) => values.length > 0),
      bands: ofGenerator
        .filter(({ phase }) => phase === 'measure')
        .map(({ beginS, endS: to }) => ({ from: beginS, to })),
    },
  };
}

/** Percentiles by their nines: half is 0.3 of one. */
function curvePlot({ curves }: CellView): { title: string; plot: Plot } {
  const places = [...new Set(curves.flatMap(({ points }) => points.map(([nines]) => nines)))].sort((a, b) => a - b);
  const lines = curves.map(({ name, points }, index): PlotLine => {
    const values = new Map(points);
    return { name, stroke: strokeOf(index), values: places.map((place) => values.get(place) ?? null) };
  });
  const percentile = (nines: number) => String(Number((100 * (1 - 10 ** -nines)).toFixed(Math.ceil(nines) + 1)));
  const last = places.at(-1) ?? 1;
  return {
    title: 'Round-trip time by percentile, in µs',
    plot: {
      label: 'Round-trip time by percentile',
      height: 260,
      x: {
        ...{ title: 'Percentile', values: places, range: [0, last] },
        ticks: [0, Math.log10(2), 1, 2, 3, 4, 5, 6, 7]
          .filter((at) => at <= last)
          .map((at) => ({ at, label: percentile(at) })),
        name: (index) => `percentile ${percentile(places[index] ?? 0)}`,
      },
      y: { title: 'µs, logarithmic', scale: 'log', format: (value) => formatIn(plain, value) },
      lines,
    },
  };
}

function tableOf(title: string, { lines, x, y }: Plot): HTMLTableElement {
  const heading = (text: string) => {
    const cell = make('th', {}, text);
    cell.scope = 'col';
    return cell;
  };
  const rows = x.values.map((_, index) => {
    const label = make('th', {}, x.name(index));
    label.scope = 'row';
    const cells = lines.map(({ values }) =>
      make('td', {}, values[index] == null ? '–' : y.format(values[index] as number)),
    );
    return make('tr', {}, label, ...cells);
  });
  return make(
    'table',
    { className: 'figures' },
    make('caption', {}, make('span', {}, title)),
    make('thead', {}, make('tr', {}, heading(x.title), ...lines.map(({ name }) => heading(name)))),
    make('tbody', {}, ...rows),
  );
}
