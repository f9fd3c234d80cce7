import { count } from '../../../common/cli/text.js';
import type { HistoryJudgement, Night } from '../../../model/night.js';
import { type Html, html } from '../page/html.js';
import { listHtml } from '../page/tables.js';
import { describeDifference, surroundingsOf } from './surroundings.js';
import { shortCommit } from './words.js';

/** Where the files of a night are, relative to the page. */
export interface NightLinks {
  /** Of its report; null without one. */
  report: string | null;
  /** Of the published figures drawn of it. */
  figures: { name: string; address: string }[];
}

/** All nights, the newest first, each with its report; then those that were withdrawn. */
export function nightsHtml(
  { nights, withdrawn }: HistoryJudgement,
  names: ReadonlyMap<string, string>,
  links: ReadonlyMap<string, NightLinks>,
): Html {
  if (nights.length === 0) return html``;
  const surroundings = new Map(surroundingsOf(nights).map(({ night, differences }) => [night, differences]));
  const rows = nights
    .map((night, index) => {
      const differences = surroundings.get(index) ?? [];
      const name = names.get(night.runId) ?? night.runId;
      const report = links.get(night.runId)?.report ?? null;
      const { measured, withFigure } = countsOf(night);
      return html`<tr><th scope="row" class="nowrap">${report === null ? name : html`<a href="${report}">${name}</a>`}
<td class="nowrap"><code>${shortCommit(night.commit)}</code>${night.dirty === 'dirty' ? ' dirty' : ''}
<td class="right">${withFigure}${withFigure < measured ? ` of ${measured}` : ''}
<td>${[...(night.state === 'partial' ? ['ended early'] : []), ...(isReboot(nights, index) ? ['rebooted before'] : []), ...differences.map(describeDifference)].join('; ')}\n`;
    })
    .toReversed();
  const headings = ['night', 'commit', 'cells with figures', 'what was not as the night before'];
  const gone = withdrawn.map(({ runId, reason }) => html`${runId}: ${reason}`);
  return html`<section><h2>Nights</h2><details id="nights"><summary>${count(nights.length, 'night')}, each with its report</summary>
<div class="scroll" tabindex="0" role="group" aria-label="Nights"><table class="plain"><caption class="unseen">Nights, the newest first</caption>
<thead><tr>${headings.map((heading) => html`<th scope="col">${heading}`)}</thead><tbody>${rows}</tbody></table></div></details>
${gone.length === 0 ? '' : html`<h3>Withdrawn</h3>${listHtml(gone)}`}</section>`;
}

/** Cells of a night, and those that have a figure. */
export function countsOf({ measured }: Night): { measured: number; withFigure: number } {
  return { measured: measured.length, withFigure: measured.filter(({ figures }) => figures.length > 0).length };
}

function isReboot(nights: readonly Night[], index: number): boolean {
  const [before, now] = [nights[index - 1]?.bootId ?? null, nights[index]?.bootId ?? null];
  return before !== null && now !== null && before !== now;
}
