import type { RunComparison } from '../../../model/comparison.js';
import { comparisonIntro, comparisonTables } from '../compare-runs.js';
import { type Assets, framed } from './frame.js';
import { html } from './html.js';
import { listHtml, tableHtml } from './tables.js';

/** Two runs compared, as one HTML file: what differs between their hosts first. */
export function renderComparisonPage(comparison: RunComparison, assets: Assets): string {
  const main = html`<section>${listHtml(comparisonIntro(comparison))}${comparisonTables(comparison).map(tableHtml)}</section>`;
  return framed({ title: 'invoker-bench: comparison of two runs', intro: html``, main, content: null }, assets);
}
