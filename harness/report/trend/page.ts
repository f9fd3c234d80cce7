import { count } from '../../../common/cli/text.js';
import type { HistoryJudgement, Night } from '../../../model/night.js';
import { type Assets, framed } from '../page/frame.js';
import { type Html, html } from '../page/html.js';
import { listHtml } from '../page/tables.js';
import { latestHtml } from './latest.js';
import { countsOf, type NightLinks, nightsHtml } from './nights.js';
import { regressionsHtml } from './regressions.js';
import { contentOf } from './series.js';
import { alertsHtml, verdictHtml } from './verdict.js';
import { nightNames, shortCommit } from './words.js';

/**
 * The nights of a machine as one HTML file: the newest verdict, regressions, a chart a cell and figure, all nights. `links`
 * by runId.
 */
export function renderTrend(
  judgement: HistoryJudgement,
  links: ReadonlyMap<string, NightLinks>,
  assets: Assets,
): string {
  const { nights, warnings } = judgement;
  const last = nights.at(-1);
  const allNames = nightNames(nights);
  const names = new Map(nights.map(({ runId }, index) => [runId, allNames[index] as string]));
  const reports = new Map([...links].flatMap(([runId, { report }]) => (report === null ? [] : [[runId, report]])));
  const content = contentOf(judgement, reports);
  const charts = content.series.length === 0 ? '' : chartsHtml(judgement);
  const main = html`<div id="report">
<section><h2>${last ? `Verdict of ${names.get(last.runId)}` : 'Verdict'}</h2>
${last ? filesHtml(links.get(last.runId) ?? null) : ''}
${verdictHtml(judgement.verdict, new Set(content.cells.map(({ id }) => id)))}
${alertsHtml(judgement, names)}
${warnings.length === 0 ? '' : html`<h3>About the history</h3>${listHtml(warnings)}`}</section>
${nights.length === 0 ? '' : regressionsHtml(judgement, names)}
${charts}
${latestHtml(judgement)}
${nightsHtml(judgement, names, links)}
<section><h2>How to read it</h2>${listHtml(howToRead)}</section>
</div>
<div id="cell" hidden></div>`;
  const title = last ? `Nights of invoker-bench: ${last.profile}` : 'Nights of invoker-bench';
  return framed({ title, intro: introHtml(nights), main, content }, assets);
}

function introHtml(nights: readonly Night[]): Html {
  const [first, last] = [nights.at(0), nights.at(-1)];
  if (!first || !last) return html`<p>The history has no night.</p>`;
  const { startedAt, commit, machine, topology, facts } = last;
  const { measured, withFigure } = countsOf(last);
  const host = ['cpuModel', 'kernel'].flatMap((name) => facts[name] ?? []);
  return html`<p>Newest night started ${startedAt.slice(0, 16).replace('T', ' ')} UTC, commit ${shortCommit(commit)}, ${withFigure} of ${count(measured, 'cell')} with figures.
${count(nights.length, 'night')} since ${first.startedAt.slice(0, 10)}.</p>
<p><strong>Machine ${machine}.</strong> ${[...host, `topology ${topology}`].join(', ')}.</p>`;
}

/** One click to what the newest night wrote. */
function filesHtml(links: NightLinks | null): Html {
  if (links === null || (links.report === null && links.figures.length === 0)) return html``;
  const report = links.report === null ? '' : html`<a href="${links.report}">Report of that night</a>`;
  const figures = links.figures.map(({ name, address }) => html` <a href="${address}">${name}</a>`);
  return html`<p class="files">${report}${figures.length === 0 ? '' : html` Published figures, drawn of that night:${figures}`}</p>`;
}

/** The script fills it. */
function chartsHtml({ nights }: HistoryJudgement): Html {
  const fewest =
    nights.length < 2 ? html`<p class="notes">One night: what changed can be said from the second one on.</p>` : '';
  return html`<section id="charts" hidden><h2>Cells</h2>${fewest}
<form id="filter" class="pickers" role="search"></form>
<p id="matches" class="notes"></p>
<ul id="cards"></ul></section>
<noscript><p>Charts and the search need JavaScript; the tables have the newest figures.</p></noscript>`;
}

const howToRead = [
  'A line is what nights are compared by: the median of the better half of the repeats of a night. The area is the interval of the median of all. A gap: no figure that night.',
  'The vertical axis does not begin at zero, and shows at least 5 % above and below: wider intervals are cut. Compare heights within a chart only.',
  'A dashed line is the level between two steps. A mark is a change: a square a step, a diamond a drift, a cross a spike of a single night.',
  'A dotted vertical line: the machine or the question changed, which may be why.',
  '≥ a lower bound: the load generator was the limit.',
];
