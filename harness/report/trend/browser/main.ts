import { element, tellUnreadable, turnTo } from '../../page/browser/dom.js';
import { readState, watchState } from '../../page/browser/state.js';
import { applyTheme, watchTheme } from '../../page/browser/theme.js';
import { unpack } from '../../page/browser/unpack.js';
import type { TrendContent } from '../content.js';
import { Cards } from './cards.js';
import { hideCell, showCell } from './cell.js';

let content: TrendContent | null = null;
let cards: Cards | null = null;

watchTheme(show);
watchState(show);

unpack<TrendContent>(element('content')).then((found) => {
  content = found;
  if (found.series.length > 0) cards = new Cards(found);
  show();
  document.documentElement.dataset.state = 'shown';
}, tellUnreadable);

/** Shows what the address of the page asks for. */
function show(): void {
  const state = readState();
  applyTheme(state);
  if (content === null) return;
  const isCell = state.has('cell');
  turnTo(isCell ? 'cell' : 'report');
  if (isCell) {
    showCell(content, state);
    return;
  }
  hideCell();
  cards?.show(state);
}
