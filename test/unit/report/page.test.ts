import { describe, expect, it } from 'vitest';
import type { View } from '../../../harness/report/page/content.js';
import { readAssets } from '../../../harness/report/page/frame.js';
import { html } from '../../../harness/report/page/html.js';
import { renderPage } from '../../../harness/report/page/page.js';
import { viewTable } from '../../../harness/report/page/view-table.js';
import { fakeCourse, fakeDetail } from '../../fakes/detail.js';
import { contentOf, fullSummary, hostile, hostileSummary, pageOf } from '../../fakes/pages.js';
import { seededRandom } from '../../fakes/random.js';
import { cellWithout, fakeCell, fakeSummary } from '../../fakes/summary.js';

const oneByOne = { threads: 1, queues: 1 };

describe('html', () => {
  it('escapes values and lists of them, and leaves markup as it is', () => {
    const inner = html`<b>${'a&b'}</b>`;
    expect(html`<p title="${'"\'<'}">${['<', inner, 3]}</p>`.text).toBe(
      '<p title="&quot;&#39;&lt;">&lt;<b>a&amp;b</b>3</p>',
    );
  });
});

describe('renderPage', () => {
  const full = pageOf(fullSummary());
  /** Without the script, which has templates of markup. */
  const markup = full.replace(readAssets().script, () => '');

  it('begins with the answer and what limits it, then charts, tables, faults and cells', () => {
    const headings = [...full.matchAll(/<h2[^>]*>([^<]*)/g)].map(([, text]) => text);
    expect(headings).toEqual([
      ...['The answer', 'What limits it', 'Charts', 'Tables', 'What went wrong', 'Cells', 'How to read it', 'Raw data'],
      'Host',
    ]);
    const told = ['Lower bounds, the load generator was the limit: afxdp 4T4Q', 'recvmmsg (2.8 to 3.1)'];
    expect(told.filter((text) => !full.includes(text))).toEqual([]);
  });

  it('loads nothing', () => {
    const sources = [...markup.matchAll(/<[^>]*\s(?:src|href|srcset|action|data)\s*=\s*"([^"]*)"/g)].map(
      ([, to]) => to,
    );
    const relative = /^(#cell=[\w.%=-]+|data:,|(runs\.ndjson|[a-z]+\.(json|csv|md)))$/;
    expect(sources.filter((to) => !relative.test(to as string))).toEqual([]);
    expect(full.match(/https?:\/\/|url\(|@import|<(iframe|object|embed)|sourceMappingURL/)).toBeNull();
    expect(full.match(/<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;/)).not.toBeNull();
  });

  it('has every table of figures with a caption, headings and labels of rows', () => {
    const tables = markup.match(/<table.*?<\/table>/gs) ?? [];
    expect(tables.length).toBeGreaterThan(15);
    for (const table of tables) expect(table).toMatch(/<caption.*<th scope="(col|row)"/s);
  });

  it('holds summary.json as it is, and a view of each cell', () => {
    const summary = fullSummary();
    const content = contentOf(full);
    expect(content.summary).toEqual(summary);
    expect(Object.keys(content.cells)).toEqual(summary.cells.map(({ id }) => id));
  });

  it('escapes whatever stands in the records', () => {
    const page = pageOf(hostileSummary());
    const content = contentOf(page);
    expect(content.summary.scenario.name).toBe(hostile);
    const [view] = content.views;
    const [body] = page.split('<p id="said"');
    const table = viewTable(view as View).text;
    const markup = [body, table, content.cellList, ...Object.values(content.cells).map((cell) => cell.html)].join('\n');
    expect(['<script>window', '<img', `'">`].filter((raw) => markup.includes(raw))).toEqual([]);
    expect(markup.split('&lt;script&gt;window.ran=1&lt;/script&gt;').length).toBeGreaterThan(20);
  });

  it('says plainly that nothing was measured', () => {
    const page = pageOf(fakeSummary({ cells: [] }));
    expect(page).toContain('Nothing was measured: the run has no records of any cell.');
    expect(page).not.toMatch(/<h2>(Charts|Tables|Cells|What went wrong)/);
  });

  it('says why where every cell was skipped', () => {
    const cells = (['afxdp', 'dgram'] as const).map((impl) =>
      cellWithout(fakeCell(impl, oneByOne, 200, 1), 'skipped', 'needs two CPUs'),
    );
    const page = pageOf(fakeSummary({ cells }));
    expect(page).toContain('2 of 2 cells have no figure to quote: needs two CPUs.');
    expect(page).toMatch(/<h2>What went wrong.*<h2>Cells/s);
    expect(page).not.toContain('<h2>Charts');
  });

  it('shows a run of one cell', () => {
    const page = pageOf(fakeSummary({ cells: [fakeCell('afxdp', oneByOne, 200, 1e6)] }));
    expect(page).toMatch(/afxdp answers 1000 thousand packets\/s.*<h2>Charts.*1 cell</s);
    expect(contentOf(page).views.map(({ chart }) => chart.id)).toEqual(['throughput', 'throughput']);
  });

  it('of two thousand runs stays below two megabytes', { timeout: 60_000 }, () => {
    const impls = ['dgram', 'recvfrom', 'recvmmsg', 'iouring', 'afxdp', 'xdp'] as const;
    const points = [1, 2, 3, 4, 6, 8, 12, 16].map((threads) => ({ threads, queues: threads }));
    const cells = impls.flatMap((impl, at) =>
      points.flatMap((point) =>
        [200, 400, 600, 800, 1000, 1200, 1400].map((bytes, index) => ({
          ...fakeCell(impl, point, bytes, 123_456.7 * (at + 1) * point.threads ** 0.83 + 7919 * index),
          byRepeat: Array.from({ length: 6 }, (_, repeat) => ({
            ...{ repeat, repliesPerSecond: 1e5 * Math.sqrt(repeat + 2 + at + index), ndrPerSecond: null },
            ...{ pdrPerSecond: null, latencyNs: null, cpuNsPerReply: 100 * Math.sqrt(repeat + 3 + index) },
          })),
        })),
      ),
    );
    expect(cells.length * 6).toBeGreaterThan(2000);
    // Noise, which hardly can be packed.
    const random = seededRandom(7);
    const rates = () =>
      Array.from({ length: 400 }, (_, index) => ({
        endS: (index + random()) / 20,
        ...{ sentPerSecond: 1e6 * random(), repliesPerSecond: 1e6 * random(), hiccupNs: 1e6 * random() },
      }));
    const details = cells.map((cell) => fakeDetail(cell, { courses: [{ ...fakeCourse(0, 20), rates: rates() }] }));
    const page = renderPage(fakeSummary({ cells }), details, null, readAssets());
    expect(page.length).toBeLessThan(2e6);
  });
});
