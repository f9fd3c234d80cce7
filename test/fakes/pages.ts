import { gunzipSync } from 'node:zlib';
import type { PageContent } from '../../harness/report/page/content.js';
import { readAssets } from '../../harness/report/page/frame.js';
import { unpacked } from '../../harness/report/page/packing.js';
import { renderPage } from '../../harness/report/page/page.js';
import type { CellSummary, Summary } from '../../model/summary.js';
import { fakeDetail } from './detail.js';
import { fakeCapacityCell, fakeCell, fakeLevelsCell, fakeRateCell, fakeSummary } from './summary.js';

/** The report of a summary whose cells all have details. */
export function pageOf(summary: Summary): string {
  const details = summary.cells.map((cell) => fakeDetail(cell));
  return renderPage(summary, details, null, readAssets());
}

/** A run that has every kind of answer. */
export function fullSummary(): Summary {
  const summary = fakeSummary();
  const more: CellSummary[] = summary.scenario.implementations.flatMap((impl) => [
    fakeRateCell(impl),
    fakeLevelsCell(impl),
    ...[200, 800, 1400].map((bytes) => fakeCapacityCell(impl, bytes)),
  ]);
  return { ...summary, cells: [...summary.cells, ...more] };
}

/** Ends every context that a name may stand in, then runs, then goes on and on. */
export const hostile = `'"><script>window.ran=1</script><img src=x onerror="window.ran=2">\u2028]]>-->${'&x'.repeat(70)}`;

/** A run whose records say the worst they can. */
export function hostileSummary(): Summary {
  const summary = fakeSummary();
  const { scenario, host } = summary;
  const named = (impl: 'afxdp' | 'dgram', changes: Partial<CellSummary>) => {
    const cell = fakeCell(impl, { threads: 1, queues: 1 }, 200, 1000, changes);
    return { ...cell, id: `${cell.id}-${hostile}`, variant: hostile, warnings: [hostile], reasons: [hostile] };
  };
  return {
    ...summary,
    runId: hostile,
    scenario: { ...scenario, name: hostile },
    host: { ...host, cpuModel: hostile, sysctls: { [hostile]: hostile } },
    cells: [named('afxdp', {}), named('dgram', { state: 'failed', verdict: null })],
  };
}

/** What the script of a page reads. */
export function contentOf(page: string): PageContent {
  const [, zipped = ''] = /<script type="application\/octet-stream" id="content">([^<]*)</.exec(page) ?? [];
  return unpacked(JSON.parse(gunzipSync(Buffer.from(zipped, 'base64')).toString('utf8')));
}
