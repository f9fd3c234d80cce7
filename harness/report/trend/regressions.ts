import { count } from '../../../common/cli/text.js';
import type { ChangeGroup, HistoryJudgement } from '../../../model/night.js';
import { formatP } from '../compare-runs.js';
import { type Html, html } from '../page/html.js';
import { listHtml } from '../page/tables.js';
import { ageIn, regressionCounts, regressionsOf, spans } from './ages.js';
import { describeDifference } from './surroundings.js';
import { cellLink, commitsHtml } from './verdict.js';
import { formatChange, formatChangeRange, formatChangeWithRange, leastSure, shortNames } from './words.js';

/** What became worse within 1, 7 and 30 nights and before, what of it was taken back, what became better, and single nights. */
export function regressionsHtml(judgement: HistoryJudgement, names: ReadonlyMap<string, string>): Html {
  const { groups } = judgement;
  const age = ageIn(judgement);
  const worse = regressionsOf(judgement);
  const back = groups.filter(
    ({ kind, direction, fate }) => kind !== 'spike' && direction === 'worse' && fate === 'taken back',
  );
  const better = groups.filter(({ kind, direction }) => kind !== 'spike' && direction === 'better');
  const spikes = groups.filter(({ kind }) => kind === 'spike');
  const within = (from: number, to: number) => worse.filter((group) => age(group) > from && age(group) <= to);
  const counts = regressionCounts(judgement).map(
    (number, index) =>
      html`<li><strong>${number}</strong> ${index === 0 ? 'last night' : `in ${spans[index]} nights`}</li>`,
  );
  const [last, week, month] = spans;
  const ages: Part[] = [
    ['Last night', within(0, last)],
    [`${last + 1} to ${week} nights ago`, within(last, week)],
    [`${week + 1} to ${month} nights ago`, within(week, month)],
  ];
  const shown = ages.filter(([, some]) => some.length > 0);
  return html`<section><h2>Regressions</h2><ul class="counts">${counts}</ul>
${shown.length === 0 ? '' : table('Regressions of 30 nights', shown, names)}
${folded('Regressions before', within(month, Number.POSITIVE_INFINITY), names)}
${folded('Regressions that were taken back', back, names)}
${folded('Improvements', better, names)}
${folded('Spikes of a single night', spikes, names)}
</section>`;
}

function folded(title: string, groups: readonly ChangeGroup[], names: ReadonlyMap<string, string>): Html {
  if (groups.length === 0) return html``;
  return html`<details><summary>${title}: ${groups.length}</summary>${table(title, [['', groups]], names)}</details>`;
}

type Part = readonly [title: string, groups: readonly ChangeGroup[]];

function table(title: string, parts: readonly Part[], names: ReadonlyMap<string, string>): Html {
  const headings = ['since', 'change', 'what', 'commits', 'p'];
  const bodies = parts.map(([name, groups]) => {
    const heading = name === '' ? '' : html`<tr><th colspan="${headings.length}" scope="rowgroup">${name}\n`;
    return html`<tbody>${heading}${groups.map((group) => rowHtml(group, names))}</tbody>`;
  });
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${title}"><table class="plain"><caption class="unseen">${title}</caption>
<thead><tr>${headings.map((heading) => html`<th scope="col">${heading}`)}</thead>${bodies}</table></div>`;
}

function rowHtml(group: ChangeGroup, names: ReadonlyMap<string, string>): Html {
  const { kind, direction, firstNight, commits, ratio, facts, excuse } = group;
  const set = excuse === 'environment' ? 'bound' : direction === 'worse' ? 'bad' : 'good';
  const why = excuse === 'environment' ? 'The code may not be why: ' : '';
  return html`<tr><td class="nowrap">${names.get(firstNight) ?? firstNight}${kind === 'drift' ? html` <small>a little every night</small>` : ''}
<td class="right nowrap"><span class="${set}">${formatChange(ratio.median)}</span> <small>${formatChangeRange(ratio)}</small>
<td class="name">${changesHtml(group)}${facts.length === 0 ? '' : html`<p class="notes">${why}${facts.map(describeDifference).join('; ')}</p>`}
<td>${commitsHtml(commits)}
<td class="right nowrap">${formatP(leastSure(group))}\n`;
}

/** The largest, and the others folded. */
function changesHtml({ changes }: ChangeGroup): Html {
  const [first, ...others] = changes;
  if (first === undefined) return html``;
  const named = html`${cellLink(first.cell)} <small>${shortNames[first.metric]}</small>`;
  if (others.length === 0) return named;
  const list = listHtml(
    changes.map(
      ({ cell, metric, ratio }) => html`${cellLink(cell)}, ${shortNames[metric]}: ${formatChangeWithRange(ratio)}`,
    ),
  );
  return html`${named}<details><summary>and ${count(others.length, 'other')}</summary>${list}</details>`;
}
