import { copy, element, make, within } from '../../page/browser/dom.js';
import { mount } from '../../page/browser/plot.js';
import { addressWithout } from '../../page/browser/state.js';
import type { Series, TrendCell, TrendContent } from '../content.js';
import { figureAt, plotOf } from './chart.js';

let removals: (() => void)[] = [];
let shown: string | null = null;

export function hideCell(): void {
  for (const remove of removals) remove();
  removals = [];
  shown = null;
}

/** Shows the page of a cell: each of its figures over the nights, what changed, and the command that measures it. */
export function showCell(content: TrendContent, state: URLSearchParams): void {
  const id = state.get('cell') ?? '';
  const isNew = id !== shown;
  hideCell();
  shown = id;
  const place = element('cell');
  const back = make('p', {}, make('a', { href: addressWithout('cell'), id: 'back' }, 'Back to all cells'));
  const index = content.cells.findIndex((cell) => cell.id === id);
  const cell = content.cells[index];
  if (!cell) {
    const said = make('p', {}, `No night has a cell ${id}.`);
    place.replaceChildren(back, make('h2', { tabIndex: -1 }, 'No such cell'), said);
  } else {
    const series = content.series.filter((one) => one.cell === index);
    const parts = series.map((one) => figureOf(content, one));
    place.replaceChildren(back, ...headOf(cell), ...parts.map(({ part }) => part));
    // A chart is as wide as its place, which it has only in the page.
    const span = content.nights.days.length;
    removals = parts.map(({ plot }, at) => mount(plot, plotOf(content, series[at] as Series, span, 'large')));
  }
  if (!isNew) return;
  within(place, 'h2').focus({ preventScroll: true });
  scrollTo(0, 0);
}

function headOf({ id, missing, command, isAlarmed }: TrendCell): HTMLElement[] {
  const button = make('button', { type: 'button' }, 'Copy the command');
  button.addEventListener('click', () => copy(command));
  return [
    make('h2', { tabIndex: -1 }, id),
    ...(isAlarmed ? [make('p', { className: 'bad' }, 'An alert of this cell is open.')] : []),
    ...(missing === null ? [] : [make('p', {}, make('strong', {}, 'Newest night: '), missing)]),
    make('h3', {}, 'Measure this cell again'),
    make('pre', {}, make('code', {}, ...command.split(/ (?=--)/).flatMap((word) => [make('span', {}, word), ' ']))),
    make('p', {}, button),
  ];
}

/** A chart of a figure, its changes, and all of it as a table that is made when it is opened. */
function figureOf(content: TrendContent, series: Series): { part: HTMLElement; plot: HTMLElement } {
  const plot = make('div', { className: 'plot' });
  const scroll = make('div', { className: 'scroll', tabIndex: 0 });
  scroll.setAttribute('role', 'group');
  scroll.setAttribute('aria-label', `${series.title} by night`);
  const table = make('details', {}, make('summary', {}, 'The figures as a table'), scroll);
  table.addEventListener('toggle', () => scroll.replaceChildren(nightsTable(content, series)), { once: true });
  const title = `${series.title} in ${series.unit}: ${series.better} is better`;
  const changes = series.changes.length === 0 ? [] : [changesTable(content, series)];
  return { part: make('section', {}, make('h3', {}, title), plot, ...changes, table), plot };
}

function changesTable({ nights }: TrendContent, { title, changes }: Series): HTMLElement {
  const rows = changes.toReversed().map(({ night, kind, direction, text, commits, p }) => {
    const change = make('span', { className: `nowrap ${direction === 'worse' ? 'bad' : 'good'}` }, text);
    return [
      make('span', { className: 'nowrap' }, nights.names[night] ?? ''),
      kind,
      change,
      make('span', { className: 'nowrap' }, commits),
      p,
    ];
  });
  const scroll = make('div', { className: 'scroll', tabIndex: 0 });
  scroll.setAttribute('role', 'group');
  scroll.setAttribute('aria-label', `Changes of ${title}`);
  scroll.append(tableOf(`Changes: ${title}`, ['first night', 'kind', 'change', 'commits', 'p'], rows));
  return scroll;
}

function nightsTable({ nights }: TrendContent, series: Series): HTMLElement {
  const rows = nights.names
    .map((name, night) => {
      const report = nights.reports[night] ?? null;
      const figure = figureAt(series, night);
      return [
        report === null ? name : make('a', { href: report }, name),
        figure?.level ?? '–',
        make('span', { className: 'nowrap' }, figure?.median ?? '–'),
        make('code', {}, nights.commits[night]?.slice(0, 12) ?? ''),
      ];
    })
    .reverse();
  return tableOf(`${series.title} in ${series.unit}`, ['night', 'level', 'median', 'commit'], rows);
}

function tableOf(caption: string, headings: readonly string[], rows: readonly (readonly (Node | string)[])[]) {
  const heading = (text: string) => {
    const cell = make('th', {}, text);
    cell.scope = 'col';
    return cell;
  };
  return make(
    'table',
    { className: 'plain' },
    make('caption', { className: 'unseen' }, caption),
    make('thead', {}, make('tr', {}, ...headings.map(heading))),
    make('tbody', {}, ...rows.map((row) => make('tr', {}, ...row.map((part) => make('td', {}, part))))),
  );
}
