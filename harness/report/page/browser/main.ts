import type { PageContent } from '../content.js';
import { type PackedContent, unpacked } from '../packing.js';
import { hideCell, showCell } from './cell.js';
import { showCharts } from './charts.js';
import { element, tellUnreadable, turnTo, within } from './dom.js';
import { readState, watchState } from './state.js';
import { applyTheme, watchTheme } from './theme.js';
import { unpack } from './unpack.js';

watchTheme(show);
watchState(show);

let content: PageContent | null = null;
const holder = document.getElementById('content');
if (holder) {
  unpack<PackedContent>(holder).then((packed) => {
    const found = unpacked(packed);
    content = found;
    offerDownload(found);
    listCells(found);
    show();
  }, tellUnreadable);
} else show();

/** Shows what the address of the page asks for. */
function show(): void {
  const state = readState();
  applyTheme(state);
  if (content === null) return;
  const isCell = state.has('cell');
  turnTo(isCell ? 'cell' : 'report');
  if (isCell) {
    showCell(content, state.get('cell') ?? '');
    return;
  }
  hideCell();
  if (content.views.length > 0) showCharts(content.views, state);
}

/** Cells have pages only here. */
function listCells({ cellList }: PageContent): void {
  if (cellList === '') return;
  element('cell-list').hidden = false;
  within(element('cells'), '.scroll').innerHTML = cellList;
}

/** summary.json as it stands beside the page, which may have been sent without it. */
function offerDownload({ summary }: PageContent): void {
  const button = element('download');
  button.hidden = false;
  button.addEventListener('click', () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${JSON.stringify(summary, null, 2)}\n`], { type: 'application/json' }));
    link.download = 'summary.json';
    link.click();
    URL.revokeObjectURL(link.href);
    element('said').textContent = 'summary.json is saved.';
  });
}
