import { formatIn } from '../../units.js';
import { cellAddress } from '../address.js';
import { type Choice, type Facet, facets, type Point, type View } from '../content.js';
import { viewTable } from '../view-table.js';
import { element, make, say, within } from './dom.js';
import { type Stroke, swatch } from './marks.js';
import { mount, type Plot } from './plot.js';
import { readState, writeState } from './state.js';
import { lineColour } from './theme.js';

const facetTitles: Record<Facet, string> = {
  load: 'Load',
  matrix: 'Threads and queues',
  size: 'Frame size',
  figure: 'Figure',
};

let remove = () => {};

/** Shows the chart that the address asks for, and what else may be picked; what it does not name is the first there is. */
export function showCharts(views: readonly View[], state: URLSearchParams): View {
  element('charts').hidden = false;
  const chart = choiceOf(
    views.map((view) => view.chart),
    state.get('chart'),
  );
  let left = views.filter((view) => view.chart.id === chart.id);
  const pickers = [picker('chart', 'Chart', distinct(views.map((view) => view.chart)), chart)];
  for (const facet of facets) {
    const choices = distinct(left.flatMap((view) => view.facets[facet] ?? []));
    if (choices.length === 0) continue;
    const picked = choiceOf(choices, state.get(facet));
    left = left.filter((view) => view.facets[facet]?.id === picked.id);
    if (choices.length > 1) pickers.push(picker(facet, facetTitles[facet], choices, picked));
  }
  const view = left[0] as View;
  const scale = state.get('scale') === 'log' || state.get('scale') === 'linear' ? state.get('scale') : view.y.scale;
  const hidden = new Set(state.getAll('hide'));
  const form = element('pickers') as HTMLFormElement;
  const focused = document.activeElement?.id;
  form.onsubmit = (event) => event.preventDefault();
  form.replaceChildren(
    make('div', { className: 'pickers' }, ...pickers, scalePicker(scale === 'log')),
    linesPicker(view, hidden),
  );
  // What was used is made anew, and keeps the focus.
  if (focused) document.getElementById(focused)?.focus();
  form.onchange = (event) => {
    const control = event.target as HTMLInputElement | HTMLSelectElement;
    if (control.name === 'line') writeState({ hide: hiddenAfter(form, view, hidden) });
    else if (control.name === 'scale') writeState({ scale: (control as HTMLInputElement).checked ? 'log' : 'linear' });
    else writeState({ [control.name]: control.value });
    say(describe(showCharts(views, readState())));
  };
  draw(view, scale === 'log' ? 'log' : 'linear', hidden);
  return view;
}

function draw(view: View, scale: 'log' | 'linear', hidden: ReadonlySet<string>): void {
  const figure = element('chart');
  const fixed = facets.flatMap((facet) => view.facets[facet]?.label ?? []).join(', ');
  within(figure, 'figcaption').replaceChildren(
    make('strong', {}, view.chart.label),
    make('br'),
    [`${fixed.charAt(0).toUpperCase()}${fixed.slice(1)}.`, ...view.notes].join(' '),
  );
  const lines = view.lines.filter(({ name }) => !hidden.has(name));
  const [from, to] = [view.x.at.at(0) ?? 0, view.x.at.at(-1) ?? 0];
  const margin = from === to ? Math.max(1, from / 2) : (to - from) * 0.05;
  const plot: Plot = {
    label: describe(view),
    height: 380,
    x: {
      ...{ title: view.x.title, values: view.x.at, range: [from - margin, to + margin] },
      ticks: view.x.at.map((at, index) => ({ at, label: view.x.labels[index] ?? '' })),
      name: (index) => `${view.x.labels[index]}${/^Frame size/.test(view.x.title) ? ' bytes' : ''}`,
    },
    y: {
      title: `${view.y.title}${scale === 'log' ? ', logarithmic' : ''}`,
      scale,
      format: (value) => formatIn(plain, value),
    },
    lines: lines.map((line) => ({
      name: line.name,
      stroke: strokeOf(line.style),
      values: line.points.map((point) => point?.y ?? null),
      ends: line.points.map((point) => (point?.low == null || point.high === null ? null : [point.low, point.high])),
      hollow: line.points.map((point) => point?.mark === 'bound'),
      texts: line.points.map((point) => point && textOf(point)),
    })),
    picked: (line, index) => {
      const cell = lines[line]?.points[index]?.cell;
      if (cell !== undefined) location.hash = cellAddress(cell);
    },
  };
  remove();
  remove = mount(within(figure, '.plot'), plot);
  // Markup of the report, with every name in it escaped.
  within(element('chart-table'), '.scroll').innerHTML = viewTable(view).text;
}

const plain = { label: '', divisor: 1 };

function textOf({ mark, text, range }: Point): string {
  return `${mark === 'bound' ? '≥' : ''}${text}${range === '' ? '' : ` (${range})`}`;
}

function strokeOf(style: View['lines'][number]['style']): Stroke {
  return { ...style, colour: lineColour(style.colour) };
}

function describe(view: View): string {
  return [view.chart.label, ...facets.flatMap((facet) => view.facets[facet]?.label ?? [])].join(', ');
}

function picker(name: string, title: string, choices: readonly Choice[], picked: Choice): HTMLElement {
  const options = choices.map(({ id, label }) => make('option', { value: id, selected: id === picked.id }, label));
  return make('label', {}, `${title} `, make('select', { name, id: `pick-${name}` }, ...options));
}

function scalePicker(isLog: boolean): HTMLElement {
  const box = make('input', { type: 'checkbox', name: 'scale', id: 'pick-scale', checked: isLog });
  return make('label', { className: 'check' }, box, ' logarithmic');
}

function linesPicker({ lines }: View, hidden: ReadonlySet<string>): HTMLElement {
  const boxes = lines.map(({ name, style }, index) => {
    const box = make('input', { type: 'checkbox', name: 'line', value: name, checked: !hidden.has(name) });
    box.id = `line-${index}`;
    return make('label', { className: 'check' }, box, swatch(strokeOf(style)), name);
  });
  return make('fieldset', { id: 'lines' }, make('legend', {}, 'Implementations'), ...boxes);
}

/** Lines of other charts stay hidden. */
function hiddenAfter(form: HTMLFormElement, { lines }: View, hidden: ReadonlySet<string>): string[] {
  const others = [...hidden].filter((name) => !lines.some((line) => line.name === name));
  const boxes = [...form.querySelectorAll<HTMLInputElement>('input[name=line]')];
  return [...others, ...boxes.filter(({ checked }) => !checked).map(({ value }) => value)];
}

function choiceOf(choices: readonly Choice[], id: string | null): Choice {
  return choices.find((choice) => choice.id === id) ?? (choices[0] as Choice);
}

function distinct(choices: readonly Choice[]): Choice[] {
  return choices.filter(({ id }, index) => choices.findIndex((other) => other.id === id) === index);
}
