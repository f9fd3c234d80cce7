import { cellAddress } from '../../page/address.js';
import { element, make, say } from '../../page/browser/dom.js';
import { mount } from '../../page/browser/plot.js';
import { readState, writeState } from '../../page/browser/state.js';
import type { Series, TrendContent } from '../content.js';
import { changeWords, figureAt, plotOf } from './chart.js';
import { Filter } from './filter.js';

interface Card {
  series: Series;
  place: HTMLElement;
  plot: HTMLElement;
  remove: (() => void) | null;
}

/** A card a figure of a cell. Its chart is drawn when it comes into view. */
export class Cards {
  readonly #content: TrendContent;
  readonly #filter: Filter;
  readonly #cards: Card[];
  readonly #byPlot: Map<Element, Card>;
  readonly #watcher: IntersectionObserver;
  #span = 0;

  constructor(content: TrendContent) {
    this.#content = content;
    this.#cards = content.series
      .toSorted((a, b) => urgencyOf(content, b) - urgencyOf(content, a))
      .map((series) => cardOf(content, series));
    this.#byPlot = new Map(this.#cards.map((card) => [card.plot, card]));
    element('charts').hidden = false;
    element('cards').replaceChildren(...this.#cards.map(({ place }) => place));
    this.#filter = new Filter(content, (choices) => {
      writeState(choices);
      this.show(readState());
      say(element('matches').textContent ?? '');
    });
    this.#watcher = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) if (isIntersecting) this.#draw(target);
      },
      { rootMargin: '300px' },
    );
  }

  /** Shows the cards that the address asks for; what is drawn is drawn anew, as colours or nights may be others. */
  show(state: URLSearchParams): void {
    const { matches, span } = this.#filter.apply(state);
    this.#span = span;
    this.#watcher.disconnect();
    let shown = 0;
    for (const card of this.#cards) {
      card.remove?.();
      card.remove = null;
      const isShown = matches(card.series);
      card.place.hidden = !isShown;
      if (isShown) this.#watcher.observe(card.plot);
      if (isShown) shown++;
    }
    const all = this.#cards.length;
    element('matches').textContent =
      shown === 0
        ? `None of ${all} charts matches: choose less.`
        : shown === all
          ? `${all} ${all === 1 ? 'chart' : 'charts'}`
          : `${shown} of ${all} charts`;
  }

  #draw(plot: Element): void {
    const card = this.#byPlot.get(plot);
    if (!card) return;
    this.#watcher.unobserve(plot);
    card.remove = mount(card.plot, plotOf(this.#content, card.series, this.#span, 'small'));
  }
}

/** What has to be looked at comes first: open alerts, then what became worse of late. */
function urgencyOf({ cells, nights }: TrendContent, { cell, changes }: Series): number {
  const recent = changes.filter(({ kind, direction }) => kind !== 'spike' && direction === 'worse').at(-1)?.night ?? -1;
  const month = nights.days.length - 30;
  const isAlarmed = cells[cell]?.isAlarmed && recent >= 0;
  return (isAlarmed ? nights.days.length : 0) + Math.max(0, recent - month);
}

function cardOf(content: TrendContent, series: Series): Card {
  const { cells, nights } = content;
  const cell = cells[series.cell];
  const id = cell?.id ?? '';
  const latest = figureAt(series, nights.days.length - 1);
  const change = series.changes.filter(({ kind }) => kind !== 'spike').at(-1);
  const plot = make('div', { className: 'plot' });
  const place = make(
    'li',
    { className: 'card' },
    make('h3', {}, make('a', { href: cellAddress(id) }, id)),
    make(
      'p',
      {},
      `${capitalised(series.name)}: `,
      ...(latest === null
        ? ['no figure last night']
        : [make('strong', {}, latest.level), ` ${series.unit} `, make('small', {}, `median ${latest.median}`)]),
    ),
    ...(change
      ? [
          make(
            'p',
            { className: change.direction === 'worse' ? 'bad' : 'good' },
            `${nights.names[change.night]}: ${changeWords(change)}`,
          ),
        ]
      : []),
    plot,
  );
  return { series, place, plot, remove: null };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
