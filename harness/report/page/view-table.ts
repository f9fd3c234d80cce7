import { cellAddress } from './address.js';
import type { Point, View } from './content.js';
import { type Html, html } from './html.js';

/** The figures of a chart, each a link to the page of its cell. */
export function viewTable({ lines, x, y }: Pick<View, 'lines' | 'x' | 'y'>): Html {
  const headings = x.labels.map((label) => html`<th scope="col" class="right">${label}`);
  const rows = lines.map(({ name, points }) => html`<tr><th scope="row">${name}${points.map(cellOf)}`);
  return html`<table class="figures"><caption><span>${y.title}, by ${x.title.charAt(0).toLowerCase()}${x.title.slice(1)}</span></caption>
<thead><tr><td>${headings}</thead><tbody>${rows}</tbody></table>`;
}

function cellOf(point: Point | null): Html {
  if (point === null) return html`<td>–`;
  const { cell, mark, text, range } = point;
  const interval = range === '' ? '' : html` <small>${range}</small>`;
  return html`<td><a href="${cellAddress(cell)}">${mark === 'bound' ? '≥' : ''}${text}</a>${interval}`;
}
