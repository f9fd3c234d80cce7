import { readAssets } from '../../harness/report/page/frame.js';
import { renderPage } from '../../harness/report/page/page.js';
import type { CellSummary, Summary } from '../../model/summary.js';
import { fakeDetail } from '../fakes/detail.js';
import { fakeCapacityCell, fakeLevelsCell, fakeRateCell, fakeSummary } from '../fakes/summary.js';

/** The report of a summary whose cells all have details. */
export function pageOf(summary: Summary): string {
  const details = summary.cells.map((cell) => fakeDetail(cell));
  return renderPage(summary, details, null, readAssets());
}

/** A run that has every kind of answer. */
export function fullSummary(): Summary {
  const summary = fakeSummary();
  const impls = summary.scenario.implementations;
  const more: CellSummary[] = impls.flatMap((impl) => [
    fakeRateCell(impl),
    fakeLevelsCell(impl),
    ...[200, 800, 1400].map((bytes) => fakeCapacityCell(impl, bytes)),
  ]);
  return { ...summary, cells: [...summary.cells, ...more] };
}
