import { describe, expect, it } from 'vitest';
import { draw } from '../../../harness/report/charts/draw.js';
import { readAssets } from '../../../harness/report/page/frame.js';
import { regressionCounts } from '../../../harness/report/trend/ages.js';
import { renderJobSummary, sparkline } from '../../../harness/report/trend/job-summary.js';
import { renderTrend } from '../../../harness/report/trend/page.js';
import { contentOf } from '../../../harness/report/trend/series.js';
import { surroundingsOf } from '../../../harness/report/trend/surroundings.js';
import { formatChange, formatChangeRange, nightNames } from '../../../harness/report/trend/words.js';
import { worstOf } from '../../../harness/report/trend/worst.js';
import { worstChart } from '../../../harness/report/trend/worst-chart.js';
import type { HistoryJudgement, Night } from '../../../model/night.js';
import { hostile } from '../../fakes/pages.js';
import { comingAndGoing, fakeJudgement, fakeYear, onlySkipped, renamed } from '../../fakes/trend.js';

const planted = [{ cell: 1, night: 25, kind: 'step', ratio: 0.9 }] as const;
const month = fakeJudgement({ nights: 30, cells: 4, planted, newKernel: 10 });
const quiet = fakeJudgement({ nights: 30, cells: 4 });
const contentOfMonth = contentOf(month, new Map());

describe('words', () => {
  it.each([
    [0.948, '−5.2 %'],
    [1.0031, '+0.31 %'],
    [2.5, '+150 %'],
    [1, '0 %'],
    [1.00001, '0 %'],
    [0.901, '−9.9 %'],
    [0.9, '−10 %'],
  ])('of a ratio of %d are %s', (ratio, text) => {
    expect(formatChange(ratio).replace('\u00a0', ' ')).toBe(text);
  });

  it('have both ends of an interval', () => {
    expect(formatChangeRange({ median: 1, low: 0.98, high: 1.02 }).replace('\u00a0', ' ')).toBe('−2.0 to +2.0 %');
  });

  it('name a night by its day, and where a day has two by the hour, too', () => {
    const nights = ['2026-11-01T02:00:00Z', '2026-11-01T23:10:00Z', '2026-11-02T02:00:00Z'];
    expect(nightNames(nights.map((startedAt) => ({ startedAt })))).toEqual([
      '2026-11-01 02:00',
      '2026-11-01 23:10',
      '2026-11-02',
    ]);
  });
});

describe('what the script of the page reads', () => {
  it('has a column a figure, with its steps and the level between them', () => {
    const peak = contentOfMonth.series.find(({ cell, metric }) => cell === 1 && metric === 'peak');
    expect(peak?.levels).toHaveLength(30);
    expect(peak?.changes).toMatchObject([{ night: 25, kind: 'step', direction: 'worse' }]);
    expect(peak?.plateaus.map(({ from, to }) => [from, to])).toEqual([
      [0, 24],
      [25, 29],
    ]);
    const [before, after] = peak?.plateaus ?? [];
    expect((after?.value ?? 0) / (before?.value ?? 1)).toBeCloseTo(0.9, 1);
  });

  it('has the nights in which the machine changed', () => {
    expect(contentOfMonth.surroundings).toEqual([{ night: 10, texts: ['kernel: 6.18.4, then 6.18.9'] }]);
  });

  it('leaves gaps where a cell has no figure, and says since when', () => {
    const { cells, series } = contentOf(comingAndGoing(fakeJudgement({ nights: 9, cells: 4 })), new Map());
    const gone = cells.findIndex(({ missing }) => missing === 'not measured since 2025-12-05');
    const levels = series.find(({ cell }) => cell === gone)?.levels ?? [];
    expect(levels.map((level) => level !== null)).toEqual([...Array(6).fill(true), ...Array(3).fill(false)]);
  });

  it('puts no two nights at one place, whatever the clock said', () => {
    const same = month.nights.map((night) => ({ ...night, startedAt: '2026-11-01T02:00:00Z' }));
    const { days } = contentOf({ ...month, nights: same }, new Map()).nights;
    expect(days.every((day, index) => index === 0 || day > (days[index - 1] as number))).toBe(true);
  });

  it('ignores a change of a night that is not judged any more', () => {
    const [group] = month.groups;
    const old = {
      ...month,
      groups: [{ ...group, changes: group?.changes.map((one) => ({ ...one, firstNight: 'x' })) }],
    };
    expect(contentOf(old as typeof month, new Map()).series.flatMap(({ changes }) => changes)).toEqual([]);
  });

  it('tells a fact that is not recorded any more', () => {
    const [first, second] = month.nights as [Night, Night];
    const without = { ...second, facts: { kernel: '6.18.4', 'sysctls.net.core.rmem_max': '212992' } };
    expect(surroundingsOf([first, without])).toEqual([
      { night: 1, differences: [{ fact: 'cpuModel', old: 'AMD EPYC 9275F', new: 'not recorded' }] },
    ]);
  });
});

describe('the page', () => {
  it('of a year of 60 cells stays below a megabyte', () => {
    expect(renderTrend(fakeYear(), new Map(), readAssets('trend')).length).toBeLessThan(1e6);
  });

  it('escapes every name, and holds no script but its own', () => {
    const page = renderTrend(renamed(month, hostile), new Map(), readAssets('trend'));
    const [body = ''] = page.split('<p id="said"');
    expect(['<script>window', '<img', `'">`].filter((raw) => body.includes(raw))).toEqual([]);
    expect(body.split('&lt;script&gt;window.ran=1&lt;/script&gt;').length).toBeGreaterThan(10);
  });

  it('makes a link of a cell in the verdict, and a block of its command', () => {
    const page = renderTrend(month, new Map(), readAssets('trend'));
    expect(page).toMatch(/<p>Regression \(alert 1\): <a href="#cell=recvfrom-1T1Q-60-reverse-saturate">/);
    expect(page).toMatch(
      /<p>That cell again: <\/p><pre><code><span>npm run bench<\/span> <span>--<\/span> <span>--impls dgram/,
    );
  });
});

describe('regressions', () => {
  it('that were taken back count no more, and stand by themselves', () => {
    expect(regressionCounts(month)).toEqual([0, 1, 1]);
    const back = { ...month, groups: month.groups.map((group) => ({ ...group, fate: 'taken back' as const })) };
    expect(regressionCounts(back)).toEqual([0, 0, 0]);
    const page = renderTrend(back, new Map(), readAssets('trend'));
    expect(page).toContain('Regressions that were taken back: 1');
    expect(page).not.toContain('Regressions of 30 nights');
  });
});

describe('the worst of the night', () => {
  it('begins with what is open, against what it was before', () => {
    const [first] = worstOf(month, 3);
    expect([first?.cell.cell, first?.change?.kind]).toEqual(['recvfrom-1T1Q-60-reverse-saturate', 'step']);
    expect(first?.shares.at(-1)).toBeCloseTo(0.9, 1);
    expect(new Set(worstOf(month, 9).map(({ cell }) => cell.cell)).size).toBe(4);
  });

  it('is held against the median, which of an even number is between the two in the middle', () => {
    const two = fakeJudgement({ nights: 2, cells: 1 });
    const levels = two.nights.map(({ measured }) => measured[0]?.figures[0]?.level ?? 0) as [number, number];
    for (const night of two.nights) night.measured[0]?.figures.splice(1);
    const middle = (levels[0] + levels[1]) / 2;
    expect(worstOf(two, 1)[0]?.shares).toEqual(levels.map((level) => level / middle));
  });

  it('takes more CPU time for worse', () => {
    const costly = fakeJudgement({ nights: 30, cells: 2 });
    const last = costly.nights.at(-1)?.measured[1]?.figures.find(({ metric }) => metric === 'cpu');
    if (last) last.level *= 1.25;
    expect(worstOf(costly, 1)).toMatchObject([{ figure: { metric: 'cpu' } }]);
    expect(worstOf(costly, 1)[0]?.shares.at(-1)).toBeCloseTo(0.8, 1);
  });

  it('is what is lowest where nothing is open', () => {
    const shares = worstOf(quiet, 4).map((worst) => worst.shares.at(-1) ?? 0);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  it('is drawn as one chart; none of a single night', () => {
    const chart = worstChart(month);
    expect(chart?.title).toBe('What became worse? Figures with an open alert');
    expect(draw((chart as NonNullable<typeof chart>).config).svg).toContain('<svg');
    expect(worstChart(fakeJudgement({ nights: 1, cells: 4 }))).toBeNull();
    expect(worstChart(onlySkipped(quiet))).toBeNull();
  });
});

describe('the summary of a job', () => {
  const toldOf = ({ verdict }: HistoryJudgement) => ({ parts: 'done' as const, said: verdict.text, faults: [] });

  it('is what the night says, what failed, the worst figures and one chart', async () => {
    const faults = [{ cell: 'xdp-1T1Q-60-reverse-saturate', state: 'failed' as const, reason: 'PROBE: no <answer>' }];
    const said = [...month.verdict.text, 'No turns were taken: no such commit'];
    const text = renderJobSummary(month, { parts: 'failed', said, faults });
    await expect(text).toMatchFileSnapshot('golden/job-summary.md');
  });

  it.each([
    ['no night', fakeJudgement({ nights: 0, cells: 0 })],
    ['one night', fakeJudgement({ nights: 1, cells: 2 })],
    ['skipped cells', onlySkipped(quiet)],
    ['cells that come and go', comingAndGoing(quiet)],
  ])('of %s holds no figure that is none', (_, judgement) => {
    expect(renderJobSummary(judgement, toldOf(judgement))).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it('leaves no name its own markup', () => {
    const bad = renamed(month, hostile);
    const faults = [{ cell: hostile, state: 'failed' as const, reason: hostile }];
    const text = renderJobSummary(bad, { ...toldOf(bad), faults });
    expect(text.replaceAll(/```(sh|mermaid)\n[^`]*\n```/g, '')).not.toMatch(/(?<!\\)<(script|img)/);
  });

  it.each([
    [[1, 0.9, null, 1], '█▁\u2002█'],
    [[1, 1], '▄▄'],
    [[], ''],
  ])('draws %j as %j', (shares, line) => expect(sparkline(shares)).toBe(line));
});
