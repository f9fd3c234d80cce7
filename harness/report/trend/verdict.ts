import { count } from '../../../common/cli/text.js';
import type { Alert, Change, HistoryJudgement, NightVerdict } from '../../../model/night.js';
import { formatP } from '../compare-runs.js';
import { cellAddress } from '../page/address.js';
import { type Html, html } from '../page/html.js';
import { listHtml } from '../page/tables.js';
import { formatPercent } from '../units.js';
import { describeDifference } from './surroundings.js';
import { formatChange, formatChangeRange, shortCommit, shortNames } from './words.js';

/** Each outcome in words, and the class that colours it. */
export const outcomes: Record<NightVerdict['outcome'], { word: string; colour: 'good' | 'bad' | 'bound' }> = {
  pass: { word: 'Pass', colour: 'good' },
  suspicion: { word: 'Suspicion, to be measured again', colour: 'bound' },
  regression: { word: 'Regression', colour: 'bad' },
  unstable: { word: 'Unstable, too noisy to say', colour: 'bound' },
  unfit: { word: 'Unfit, no figure to judge', colour: 'bad' },
};

/** The newest verdict as the gate words it. `cells`: names that become links. */
export function verdictHtml({ outcome, text }: NightVerdict, cells: ReadonlySet<string>): Html {
  const { word, colour } = outcomes[outcome];
  return html`<p class="verdict ${colour}"><strong>${word}</strong></p>
${text.map((line) => lineHtml(line, cells))}`;
}

/** What is open or acknowledged, and which cells are gone or new. */
export function alertsHtml(
  { alerts, verdict: { vanished, appeared } }: HistoryJudgement,
  names: ReadonlyMap<string, string>,
): Html {
  const current = alerts.filter(({ state }) => state !== 'cleared').toReversed();
  return html`${current.map((alert) => alertHtml(alert, names))}
${cellsHtml('without a figure that had one the night before', vanished)}
${cellsHtml('with a figure that had none the night before', appeared)}`;
}

/** A link to the page of a cell. */
export function cellLink(id: string): Html {
  return html`<a href="${cellAddress(id)}">${id}</a>`;
}

/** The commits between which something changed. */
export function commitsHtml({ good, bad }: Change['commits']): Html {
  if (good === bad) return html`no new commit (<code>${shortCommit(good)}</code>)`;
  return html`<code class="nowrap">${shortCommit(good)}..${shortCommit(bad)}</code>`;
}

/** A sentence, its names of cells as links; a command that it ends with stands below it. */
function lineHtml(line: string, cells: ReadonlySet<string>): Html {
  const [, sentence = line, command] = /^(.*?)((?:npm run|git log) .*)$/s.exec(line) ?? [];
  const words = sentence.split(' ').map((word, index) => {
    const [, name = '', rest = ''] = /^(.*?)([,.:;)]*)$/.exec(word) ?? [];
    return html`${index === 0 ? '' : ' '}${cells.has(name) ? html`${cellLink(name)}${rest}` : word}`;
  });
  return html`${sentence === '' ? '' : html`<p>${words}</p>`}${command === undefined ? '' : commandHtml(command)}\n`;
}

function commandHtml(command: string): Html {
  return html`<pre><code>${command.split(/ (?=--)/).map((word) => html`<span>${word}</span> `)}</code></pre>`;
}

function alertHtml({ alert, state, reason, changes }: Alert, names: ReadonlyMap<string, string>): Html {
  const list = listHtml(changes.map((change) => changeHtml(change, names)));
  const title = `Alert ${alert}, ${state}: ${count(changes.length, 'figure')}`;
  return html`<details><summary>${title}</summary>${reason === '' ? '' : html`<p>${reason}</p>`}${list}</details>`;
}

/** What, how much, since when, between which commits, how sure, and what else may be why. */
function changeHtml(change: Change, names: ReadonlyMap<string, string>): Html {
  const { cell, metric, kind, direction, ratio, firstNight, commits, p, facts } = change;
  const how = kind === 'drift' ? 'a little every night since' : kind === 'spike' ? 'in' : 'since';
  const sure = `p\u00a0${formatP(p).replace(/^(?!<)/, '=\u00a0')}, interval of ${formatPercent(ratio.confidence).replace(' ', '\u00a0')}`;
  const why =
    facts.length === 0
      ? ''
      : html` <span class="bound">Changed with it: ${facts.map(describeDifference).join('; ')}.</span>`;
  return html`${cellLink(cell)}: ${shortNames[metric]} <strong class="${direction === 'worse' ? 'bad' : 'good'}">${formatChange(ratio.median)}</strong>
(${formatChangeRange(ratio)}) ${how} ${names.get(firstNight) ?? firstNight}, ${commitsHtml(commits)}; ${sure}.${why}`;
}

function cellsHtml(what: string, cells: readonly string[]): Html {
  if (cells.length === 0) return html``;
  return html`<details><summary>${count(cells.length, 'cell')} ${what}</summary>${listHtml(cells.map(cellLink))}</details>`;
}
