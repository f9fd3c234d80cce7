import type { ImplementationId } from '../../../model/ids.js';
import type { HistoryJudgement } from '../../../model/night.js';
import { measuredDataset, plainPoint } from '../charts/dataset.js';
import { chartOptions, namedAxis, shareAxis } from '../charts/layout.js';
import { variantStyle } from '../charts/palette.js';
import type { Chart } from '../charts/parts.js';
import { nightNames, shortCommit, shortNames } from './words.js';
import { newestNights, worstOf } from './worst.js';

/** As many lines as can be told apart. */
const mostLines = 4;

/** The worst figures of the newest night over 30 nights; null of less than two nights, or without a figure. */
export function worstChart(judgement: HistoryJudgement): Chart | null {
  const nights = newestNights(judgement);
  const last = nights.at(-1);
  const worst = worstOf(judgement, mostLines).filter(({ shares }) => shares.some((share) => share !== null));
  if (last === undefined || nights.length < 2 || worst.length === 0) return null;
  const names = nightNames(nights).map((name) => name.slice(5));
  const variants = new Map<ImplementationId, number>();
  const datasets = worst.map(({ cell, figure, shares }) => {
    const variant = variants.get(cell.impl) ?? 0;
    variants.set(cell.impl, variant + 1);
    const points = shares.map((share, index) =>
      plainPoint(names[index] as string, share === null ? null : 100 * share),
    );
    const label = `${cell.cell}, ${shortNames[figure.metric]}`;
    return { ...measuredDataset(label, variantStyle(cell.impl, variant), points), pointRadius: 3 };
  });
  const values = worst.flatMap(({ shares }) => shares.filter((share) => share !== null)).map((share) => 100 * share);
  // At least so much, so that noise stays small.
  const [least, most] = [Math.min(...values, 96), Math.max(...values, 104)];
  const title = worst.some(({ change }) => change !== null)
    ? 'What became worse? Figures with an open alert'
    : 'What is lowest tonight? No alert is open';
  const subtitle = [
    `${nights.length} nights of ${last.profile} until ${last.startedAt.slice(0, 10)}, commit ${shortCommit(last.commit)}`,
    '100 % is the median before the change, or of these nights; down is worse, of times and costs too',
  ];
  const y = { ...shareAxis('% of what it was'), min: Math.floor(least - 1), max: Math.ceil(most + 1) };
  const options = chartOptions(title, subtitle, namedAxis('Night', names), y as ReturnType<typeof shareAxis>);
  return { name: 'nights', title, config: { type: 'line', data: { datasets }, options } };
}
