import { betterSide } from '../../../model/comparison.js';
import type { HistoryJudgement, Night, NightFigure } from '../../../model/night.js';
import { metricName, metricUnit } from '../compare-runs.js';
import { type Html, html } from '../page/html.js';
import { formatIn } from '../units.js';
import { spans } from './ages.js';
import { cellLink } from './verdict.js';
import { formatChange } from './words.js';

/** Figures of the newest night, each held against those of 1, 7 and 30 nights before; then cells without one. */
export function latestHtml({ nights }: HistoryJudgement): Html {
  const last = nights.at(-1);
  if (!last || last.measured.length === 0) return html``;
  const rows = last.measured.flatMap(({ cell, figures }) =>
    figures.map((figure) => {
      const before = spans.map((span) => againstHtml(figure, figureOf(nights.at(-1 - span), cell, figure.metric)));
      return html`<tr><th scope="row" class="name">${cellLink(cell)}<td>${metricName(figure.metric)}<td class="right nowrap">${figureHtml(figure)}${before}\n`;
    }),
  );
  const missing = last.measured.filter(({ figures }) => figures.length === 0);
  const headings = [
    'cell',
    'figure',
    'newest night',
    ...spans.map((span) => `to ${span === 1 ? 'the night' : `${span} nights`} before`),
  ];
  return html`<section><h2>Figures of the newest night</h2>
${rows.length === 0 ? html`<p>No cell has a figure.</p>` : tableHtml(`${rows.length} figures, and how they differ from those of 1, 7 and 30 nights before`, headings, rows)}
${
  missing.length === 0
    ? ''
    : tableHtml(
        `${missing.length} without a figure, and why`,
        ['cell', 'state', 'reason'],
        missing.map(
          ({ cell, state, reason }) =>
            html`<tr><th scope="row" class="name">${cellLink(cell)}<td>${state}<td>${reason ?? ''}\n`,
        ),
      )
}</section>`;
}

function tableHtml(title: string, headings: readonly string[], rows: readonly Html[]): Html {
  return html`<details${rows.length <= 12 ? ' open' : ''}><summary>${title}</summary><div class="scroll" tabindex="0" role="group" aria-label="${title}">
<table class="plain"><caption class="unseen">${title}</caption><thead><tr>${headings.map((heading) => html`<th scope="col">${heading}`)}</thead><tbody>${rows}</tbody></table></div></details>`;
}

function figureOf(night: Night | undefined, cell: string, metric: NightFigure['metric']): NightFigure | null {
  const found = night?.measured.find((one) => one.cell === cell);
  return found?.figures.find((figure) => figure.metric === metric) ?? null;
}

/** The level of a figure in its unit, and its median. */
function figureHtml({ metric, level, median, low, high, values, bound }: NightFigure): Html {
  const unit = metricUnit(metric);
  const range = values.length > 1 ? ` (${formatIn(unit, low)}–${formatIn(unit, high)})` : '';
  return html`${bound === 'lower' ? '≥' : ''}${formatIn(unit, level)} ${unit.label} <small>median ${formatIn(unit, median)}${range}</small>`;
}

/** The two levels alone: whether that is a change is said above. */
function againstHtml(now: NightFigure, before: NightFigure | null): Html {
  if (before === null || before.level <= 0) return html`<td class="right">–`;
  const ratio = now.level / before.level;
  const isWorse = betterSide[now.metric] === 'more' ? ratio < 1 : ratio > 1;
  return html`<td class="right nowrap">${isWorse ? html`<span class="worse">${formatChange(ratio)}</span>` : formatChange(ratio)}`;
}
