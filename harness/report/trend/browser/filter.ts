import { element, make } from '../../page/browser/dom.js';
import type { Series, TrendContent } from '../content.js';

const shows = [
  ['', 'all'],
  ['changed', 'with a change'],
  ['worse', 'became worse'],
  ['alarmed', 'with an open alert'],
] as const;
const spans = [
  ['30', '30'],
  ['90', '90'],
  ['', 'all'],
] as const;

export interface Matching {
  matches(series: Series): boolean;
  /** How many of the newest nights are drawn. */
  span: number;
}

/** What is looked for: all of it stands in the address of the page. */
export class Filter {
  readonly #content: TrendContent;
  readonly #search = make('input', { type: 'search', id: 'filter-q', name: 'q', autocomplete: 'off' });
  readonly #selects: HTMLSelectElement[];

  /** Tells what is chosen by the names of the address. */
  constructor(content: TrendContent, chosen: (choices: Record<string, string>) => void) {
    this.#content = content;
    const impls = [...new Set(content.cells.map(({ impl }) => impl))].map((impl) => [impl, impl] as const);
    const figures = new Map(content.series.map(({ metric, title }) => [metric, title]));
    this.#selects = [
      selectOf('impl', [['', 'all'], ...impls]),
      selectOf('figure', [['', 'all'], ...figures]),
      selectOf('show', shows),
      selectOf('nights', spans),
    ];
    const titles = ['Implementation', 'Figure', 'Show', 'Nights'];
    const form = element('filter') as HTMLFormElement;
    form.replaceChildren(
      make('label', { className: 'search' }, 'Cells whose name has ', this.#search),
      ...this.#selects.map((select, index) => make('label', {}, `${titles[index]} `, select)),
    );
    form.onsubmit = (event) => event.preventDefault();
    form.oninput = (event) => {
      const { name, value } = event.target as HTMLInputElement | HTMLSelectElement;
      chosen({ [name]: value });
    };
  }

  /** What the address asks for, shown in the form; what it does not know is all. */
  apply(state: URLSearchParams): Matching {
    const q = state.get('q') ?? '';
    // What is being typed stays as it is.
    if (this.#search.value !== q) this.#search.value = q;
    const [impl = '', figure = '', show = '', nights = ''] = this.#selects.map((select) => {
      const asked = state.get(select.name) ?? '';
      select.value = [...select.options].some(({ value }) => value === asked) ? asked : '';
      return select.value;
    });
    const words = q.toLowerCase().split(/\s+/).filter(Boolean);
    const span = nights === '' ? this.#content.nights.days.length : Number(nights);
    const first = this.#content.nights.days.length - span;
    const matches = (series: Series) => {
      const cell = this.#content.cells[series.cell];
      const name = `${cell?.id} ${series.title} ${series.metric}`.toLowerCase();
      const changes = series.changes.filter(({ kind, night }) => kind !== 'spike' && night >= first);
      return (
        words.every((word) => name.includes(word)) &&
        (impl === '' || cell?.impl === impl) &&
        (figure === '' || series.metric === figure) &&
        (show !== 'changed' || changes.length > 0) &&
        (show !== 'worse' || changes.some(({ direction }) => direction === 'worse')) &&
        (show !== 'alarmed' || cell?.isAlarmed === true)
      );
    };
    return { matches, span };
  }
}

function selectOf(name: string, choices: readonly (readonly [value: string, label: string])[]): HTMLSelectElement {
  const options = choices.map(([value, label]) => make('option', { value }, label));
  return make('select', { name, id: `filter-${name}` }, ...options);
}
