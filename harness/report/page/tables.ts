import { type Table, type TableCell, unbroken } from '../table.js';
import { Html, html } from './html.js';

/** A table that scrolls in a box of its own, with its notes. Rows and cells end where the next begins, as HTML allows. */
export function tableHtml(table: Table): Html {
  const labels = table.content === 'text' ? 1 : labelColumns(table);
  const rows = table.rows.map((row) => html`<tr>${row.map((cell, index) => cellHtml(cell, index < labels))}\n`);
  const headings = table.columns.map(({ heading, align }) => headingHtml(unbroken(heading), align));
  const isBare = table.columns.every(({ heading }) => heading === '');
  return html`<div class="block"><div class="scroll" tabindex="0" role="group" aria-label="${table.title}">
<table class="${table.content}${isBare ? ' bare' : ''}"><caption><span>${table.title}</span></caption>
${isBare ? '' : html`<thead><tr>${headings}</thead>`}<tbody>${rows}</tbody></table></div>${notesHtml(table.notes)}</div>\n`;
}

/** Leading columns to the left that name a row. */
function labelColumns({ columns }: Table): number {
  const first = columns.findIndex(({ align }) => align === 'right');
  return first < 0 ? 1 : first;
}

/** A heading without words would be read out as one. */
function headingHtml(heading: string, align: 'left' | 'right'): Html {
  const side = align === 'right' ? new Html(' class="right"') : '';
  return heading === '' ? html`<td${side}>` : html`<th scope="col"${side}>${heading}`;
}

function cellHtml({ value, detail, emphasis }: TableCell, isLabel: boolean): Html {
  const more = detail === '' ? '' : html` <small>${detail}</small>`;
  const set = emphasis === 'plain' ? '' : html` class="${emphasis}"`;
  return isLabel ? html`<th scope="row"${set}>${value}${more}` : html`<td${set}>${value}${more}`;
}

export function notesHtml(notes: readonly string[]): Html {
  return notes.length === 0 ? html`` : html`<p class="notes">${notes.map((note) => html`${note}<br>`)}</p>`;
}

/** Sentences as a list. */
export function listHtml(sentences: readonly (string | Html)[]): Html {
  return html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
}
