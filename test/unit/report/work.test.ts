import { describe, expect, it } from 'vitest';
import { summarise } from '../../../harness/judge/summary.js';
import { chartsOf } from '../../../harness/report/charts/charts.js';
import type { Config, Dataset } from '../../../harness/report/charts/dataset.js';
import { workPlace } from '../../../harness/report/charts/layout.js';
import type { Chart } from '../../../harness/report/charts/parts.js';
import { findings } from '../../../harness/report/findings/findings.js';
import { chartFile, tableFile } from '../../../harness/report/leftovers.js';
import { viewsOf } from '../../../harness/report/page/views.js';
import { figureTables } from '../../../harness/report/tables/tables.js';
import type { Crossing, Summary } from '../../../model/summary.js';
import { fakeDetail } from '../../fakes/detail.js';
import { fakeWorkRun } from '../../fakes/work.js';
import { described } from './charts/described.js';

function summaryOf(...args: Parameters<typeof fakeWorkRun>): Summary {
  const { prologue, runs } = fakeWorkRun(...args);
  return summarise(prologue, runs);
}

const whole = summaryOf();
const where = '200 bytes, 1T1Q, function reverse, fed by XDP live frames, load saturate: ';

/** Of a run in which the crossing of afxdp is another. */
function told(crossing: Partial<Crossing>, summary = whole): string | undefined {
  const work = summary.work.map((curve) =>
    curve.impl === 'afxdp' && curve.crossing ? { ...curve, crossing: { ...curve.crossing, ...crossing } } : curve,
  );
  return findings({ ...summary, work })
    .find((text) => text.startsWith(where) && text.includes('afxdp'))
    ?.slice(where.length);
}

describe('findings of work', () => {
  it('are a sentence an implementation, beside peaks of the least and the most work', () => {
    const sentences = findings(whole);
    expect(sentences.filter((text) => text.startsWith(where)).map((text) => text.slice(where.length))).toEqual([
      expect.stringMatching(/^dgram never gives 10 % more than recvmmsg\.$/),
      expect.stringMatching(/^recvfrom never gives 10 % more than recvmmsg/),
      expect.stringMatching(/^iouring never gives 10 % more than recvmmsg|^from .* of work on, iouring/),
      expect.stringMatching(
        /^from \d+\.?\d* µs \(\d+\.?\d* to (\d+\.?\d*|more than 30 µs)\) of work on, afxdp gives less than 10 % more than recvmmsg\.$/,
      ),
      expect.stringMatching(/xdp gives (less|more) than 10 % more than recvmmsg/),
    ]);
    const peaks = sentences.filter((text) => text.includes(' answers '));
    expect(peaks.map((text) => /work [^,]+/.exec(text)?.[0])).toEqual(['work 0', 'work 30 µs']);
  });

  it.each<[Partial<Crossing>, string]>([
    [
      { atNs: 4100, lowNs: 3600, highNs: 4700, confidence: 0.95 },
      'from 4.1 µs (3.6 to 4.7) of work on, afxdp gives less than 10 % more than recvmmsg.',
    ],
    [
      { atNs: 4100, lowNs: 0, highNs: null, confidence: 0.95 },
      'from 4.1 µs (0 to more than 30 µs) of work on, afxdp gives less than 10 % more than recvmmsg.',
    ],
    [
      { atNs: 4100, lowNs: 4100, highNs: 4100, confidence: 0 },
      'from 4.10 µs of work on, afxdp gives less than 10 % more than recvmmsg. Weak evidence: single runs.',
    ],
    [
      { atNs: 4100, lowNs: 3600, highNs: 4700, confidence: 0.9 },
      'from 4.1 µs (3.6 to 4.7) of work on, afxdp gives less than 10 % more than recvmmsg. Weak evidence: an interval of 90 %.',
    ],
    [{ atNs: 0, lowNs: 0, highNs: 0 }, 'afxdp never gives 10 % more than recvmmsg.'],
    [
      { atNs: 0, lowNs: 0, highNs: 1500 },
      'afxdp never gives 10 % more than recvmmsg, which is not certain below 1.50 µs.',
    ],
    [
      { atNs: 0, lowNs: 0, highNs: null },
      'afxdp never gives 10 % more than recvmmsg, which is not certain at any amount.',
    ],
  ])('%j', (crossing, sentence) => expect(told(crossing)).toBe(sentence));

  it('tell of a lead at all amounts, or at the most only', () => {
    const short = summaryOf({ work: '0,300ns,1us' }, { noise: 0.001 });
    const more = 'afxdp gives more than 10 % more than recvmmsg at all amounts of work asked (to 1 µs)';
    expect(told({}, short)).toBe(`${more}.`);
    expect(told({ lowNs: 700 }, short)).toBe(`${more}, which is not certain from 0.700 µs on.`);
    const dented = short.work.map((curve) => ({
      ...curve,
      points: curve.points.map((point, index) => ({
        ...point,
        ratio: point.ratio && index === 1 ? { ...point.ratio, median: 1 } : point.ratio,
      })),
    }));
    expect(told({}, { ...short, work: dented })).toMatch(/at the most work asked \(1 µs\)\.$/);
  });

  it('say where there is nothing to compare with, and nothing of a run without work', () => {
    expect(findings(summaryOf({ impls: 'afxdp' })).at(-1)).toMatch(/: no ratio to recvmmsg: /);
    const alone = whole.work.map((curve) => (curve.impl === 'dgram' ? { ...curve, crossing: null } : curve));
    expect(findings({ ...whole, work: alone })).toContain(
      `${where}dgram has no ratio to recvmmsg at two amounts of work.`,
    );
    expect(findings(summaryOf({ work: '1us' })).filter((text) => /less than|no ratio/.test(text))).toEqual([]);
  });
});

const chartsIn = (summary: Summary): Chart[] =>
  chartsOf(
    summary,
    summary.cells.map((cell) => fakeDetail(cell)),
    null,
  );

describe('charts of work', () => {
  const charts = chartsIn(whole);
  const chartOf = (name: string) => charts.find((chart) => chart.name === name) as Chart;
  const linesIn = (name: string): Dataset[] => (chartOf(name).config as Config).data.datasets;

  it('are what the golden file describes, and others those of the least and the most', async () => {
    const names = charts.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('work-'))).toEqual([
      ...['work-ratio-live-200-1T1Q', 'work-replies-live-200-1T1Q', 'work-cpu-live-200-1T1Q'],
    ]);
    expect(names.filter((name) => name.startsWith('throughput-'))).toEqual([
      ...['throughput-live-work0-1T1Q', 'throughput-live-work30000-1T1Q'],
    ]);
    expect(names.filter((name) => !chartFile.test(`${name}.svg`))).toEqual([]);
    const golden = charts.filter(({ name }) => /^(work|throughput)-/.test(name)).map(described);
    await expect(golden.join('\n')).toMatchFileSnapshot('golden/work-charts.txt');
  });

  it('mark each crossing on the level that it is of', () => {
    const { crossings } = chartOf('work-ratio-live-200-1T1Q').config.options?.plugins ?? {};
    const crossing = whole.work.find(({ impl }) => impl === 'afxdp')?.crossing;
    expect(crossings?.level).toBe(1.1);
    expect(crossings?.marks?.map(({ at }) => at)).toContain((crossing?.atNs ?? 0) / 1e3);
  });

  it('draw the line through its crossing', () => {
    const exact = summaryOf({}, { noise: 0 });
    const [ratio] = chartsIn(exact).filter(({ name }) => name.startsWith('work-ratio')) as [Chart];
    const at = (exact.work.find(({ impl }) => impl === 'afxdp')?.crossing?.atNs ?? 0) / 1e3;
    const line = (ratio.config as Config).data.datasets.find(({ label }) => label === 'afxdp') as Dataset;
    const next = line.data.findIndex(({ x }) => Number(x) >= at);
    const [before, after] = [line.data[next - 1], line.data[next]];
    expect(before?.y).toBeGreaterThan(1.1);
    expect(after?.y).toBeLessThanOrEqual(1.1);
  });

  it('have a place for 0 beside the logarithms', () => {
    const amounts = [0, 0.1, 1];
    expect(workPlace(0, amounts)).toBe(0.025);
    expect(workPlace(0.05, amounts)).toBeCloseTo(0.05);
    expect(workPlace(0.1, amounts)).toBe(0.1);
    expect(workPlace(1, amounts)).toBe(1);
  });

  it('have all amounts in all of their lines', () => {
    for (const name of ['work-replies-live-200-1T1Q', 'work-cpu-live-200-1T1Q']) {
      expect(linesIn(name).map(({ label }) => label)).toHaveLength(6);
      for (const { data } of linesIn(name)) expect(data.map(({ x }) => x)).toEqual([0.025, 0.1, 0.3, 1, 3, 10, 30]);
    }
  });

  it('are none where work was no axis', () => {
    expect(chartsIn(summaryOf({ work: '1us' })).filter(({ name }) => name.startsWith('work-'))).toEqual([]);
  });
});

describe('tables of work', () => {
  const tables = figureTables(whole, 'full');
  const named = (name: string) => tables.find((table) => table.name === name);

  it('have a column an amount, and the crossing in the last one', () => {
    const ratio = named('work-ratio-live-200-1T1Q');
    expect(ratio?.columns.map(({ heading }) => heading)).toEqual([
      ...['', '0', '0.1', '0.3', '1', '3', '10', '30', 'below\n1.1\nfrom'],
    ]);
    expect(ratio?.rows.map(([label]) => label?.value)).toEqual(['dgram', 'recvfrom', 'iouring', 'afxdp', 'xdp']);
    expect(ratio?.rows.find(([label]) => label?.value === 'dgram')?.at(-1)?.value).toBe('0');
    expect(named('work-replies-live-200-1T1Q')?.rows).toHaveLength(6);
    expect(tables.map(({ name }) => `${name}.csv`).filter((name) => !tableFile.test(name))).toEqual([]);
  });

  it('are the only ones of all amounts in a brief report', () => {
    const brief = figureTables(whole, 'brief').map(({ name }) => name);
    const kpps = (names: readonly string[]) => names.filter((name) => name.startsWith('throughput-kpps'));
    expect(kpps(brief)).toHaveLength(2);
    expect(kpps(tables.map(({ name }) => name))).toHaveLength(7);
  });

  it('leave other tables and the pickers of the page an amount each', () => {
    const labels = new Set(viewsOf(whole).map(({ facets }) => facets.load?.id));
    expect(labels.size).toBe(7);
    for (const { rows } of tables.filter(({ name }) => name.startsWith('throughput-'))) expect(rows).toHaveLength(6);
  });
});
