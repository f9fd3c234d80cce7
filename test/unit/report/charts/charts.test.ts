import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { chartsOf } from '../../../../harness/report/charts/charts.js';
import type { Config, Dataset } from '../../../../harness/report/charts/dataset.js';
import type { Chart } from '../../../../harness/report/charts/parts.js';
import { loadReference, type Reference } from '../../../../harness/report/reference.js';
import type { CellSummary } from '../../../../model/summary.js';
import { fakeDetail } from '../../../fakes/detail.js';
import {
  fakeCapacityCell,
  fakeCapacityFigure,
  fakeCell,
  fakeLatencyCell,
  fakeLevelsCell,
  fakeRateCell,
  fakeSummary,
  searchedOnce,
  sizes,
} from '../../../fakes/summary.js';
import { described } from './described.js';

const published = join(import.meta.dirname, '../../../../results/reference');
let reference: Reference;
beforeAll(async () => {
  reference = await loadReference(published, 'thesis');
});

function drawn(cells: readonly CellSummary[] = fakeSummary().cells, withReference: Reference | null = null): Chart[] {
  const details = cells.map((cell) => fakeDetail(cell));
  return chartsOf(fakeSummary({ cells: [...cells] }), details, withReference);
}

/** The lines of a chart that has lines; of a name that is missing the test fails. */
function linesOf(charts: readonly Chart[], name: string): Dataset[] {
  const chart = charts.find((candidate) => candidate.name === name);
  expect(
    charts.map((candidate) => candidate.name),
    name,
  ).toContain(name);
  return chart ? (chart.config as Config).data.datasets : [];
}

function subtitleOf(charts: readonly Chart[], name: string): string {
  return String(charts.find((chart) => chart.name === name)?.config.options?.plugins?.subtitle?.text);
}

describe('chartsOf', () => {
  const charts = drawn();

  it('draws what the golden file describes', async () => {
    const levels = (['dgram', 'afxdp'] as const).map((impl) => fakeLevelsCell(impl));
    const capacities = [200, 1400].map((size) => fakeCapacityCell('afxdp', size));
    const all = drawn([...fakeSummary().cells, ...levels, ...capacities]);
    await expect(all.map(described).join('\n')).toMatchFileSnapshot('../golden/charts.txt');
  });

  it('has a question or a finding as each title', () => {
    expect(charts.filter(({ title }) => !title.includes('?'))).toEqual([]);
    expect(new Set(charts.map(({ name }) => name)).size).toBe(charts.length);
  });

  it('never puts cells of two engines into one chart', () => {
    // Each engine gets a figure of its own, so that a point tells which engine fed it.
    const figures = { live: 1e6, afxdp: 2e6, sendmmsg: 3e6, socket: 4e6, none: 5e6 };
    const titles = { live: 'XDP live frames', afxdp: 'AF_XDP TX sockets' };
    const cells = fakeSummary().cells.map((cell) => {
      const figure = figures[cell.engine];
      const interval = cell.repliesPerSecond && { median: figure, low: figure, high: figure, confidence: 0 };
      return { ...cell, repliesPerSecond: interval, bitsPerSecond: interval };
    });
    const all = drawn(cells);
    const peaks = all.filter(({ name }) => name.startsWith('throughput-'));
    expect(peaks.map(({ name }) => name)).toEqual([
      'throughput-live-1T1Q',
      'throughput-live-2T2Q',
      'throughput-afxdp-4T4Q',
    ]);
    for (const { name } of peaks) {
      const engine = name.includes('live') ? 'live' : 'afxdp';
      const values = linesOf(all, name).flatMap(({ data }) => data.flatMap(({ y }) => y ?? []));
      expect(new Set(values)).toEqual(new Set([figures[engine] / 1e3]));
      expect(subtitleOf(all, name)).toContain(titles[engine]);
    }
  });

  it('leaves out invalid figures and breaks the line there', () => {
    const line = linesOf(charts, 'throughput-live-2T2Q').find(({ label }) => label === 'recvmmsg');
    expect(line?.data.map(({ x }) => x)).toEqual(sizes);
    expect(line?.data.filter(({ y }) => y === null).map(({ x }) => x)).toEqual([600]);
    expect(subtitleOf(charts, 'throughput-live-2T2Q')).toContain('without a valid figure');
  });

  it('hollows lower bounds, and names the figure at the end of the line', () => {
    const bound = linesOf(charts, 'throughput-afxdp-4T4Q').find(({ label }) => label === 'afxdp');
    const fills = bound?.pointBackgroundColor as string[];
    expect(fills.slice(0, 5)).toEqual(Array(5).fill('#FFFFFF'));
    expect(fills.slice(5)).not.toContain('#FFFFFF');
    const cell = fakeCell('xdp', { threads: 1, queues: 1 }, 200, 4_012_300, { limit: 'generator' });
    expect(linesOf(drawn([cell]), 'throughput-live-1T1Q')[0]?.endLabel).toBe('xdp ≥4010');
  });

  it('keeps the look of an implementation whatever else ran, and tells its variants by dash', () => {
    const point = { threads: 1, queues: 1 };
    const look = ({ borderColor, pointStyle, pointRotation, borderDash }: Dataset) => ({
      ...{ borderColor, pointStyle, pointRotation, borderDash },
    });
    const alone = linesOf(drawn([fakeCell('afxdp', point, 200, 1e6)]), 'throughput-live-1T1Q');
    const among = linesOf(charts, 'throughput-live-1T1Q').find(({ label }) => label === 'afxdp') as Dataset;
    expect(look(alone[0] as Dataset)).toEqual(look(among));
    const variants = ['', 'batch=8', 'batch=64'].map((variant) =>
      fakeCell('afxdp', point, 200, 1e6, { variant, id: `afxdp ${variant}` }),
    );
    const lines = linesOf(drawn(variants), 'throughput-live-1T1Q').map(look);
    expect(lines[0]).toEqual(look(among));
    expect(new Set(lines.map(({ borderColor, pointStyle }) => `${borderColor} ${pointStyle}`)).size).toBe(1);
    expect(new Set(lines.map(({ borderDash }) => String(borderDash))).size).toBe(3);
  });

  it('overlays the published lines of the same points, within the measured sizes', () => {
    const labels = linesOf(drawn(undefined, reference), 'throughput-live-1T1Q').map(({ label }) => label);
    expect(labels.slice(4)).toEqual(['recvfrom (Gerling 2018)', 'recvmmsg (Gerling 2018)', 'afxdp (Gerling 2018)']);
    const cells = fakeSummary().cells.filter(({ packetBytes }) => packetBytes === 400);
    const lines = linesOf(drawn(cells, reference), 'throughput-live-1T1Q');
    expect(lines.at(-1)?.data).toMatchObject([{ x: 400, y: 1148 }]);
  });

  it('draws capacities by size; one that loses at every load has a PDR only', () => {
    const cells = [
      ...[200, 1400].map((size) =>
        fakeCapacityCell('afxdp', size, { ndr: fakeCapacityFigure(6e5), pdr: fakeCapacityFigure(7e5) }),
      ),
      fakeCapacityCell('dgram', 200, { pdr: fakeCapacityFigure(6e4) }),
    ];
    const figures = (name: string) =>
      linesOf(drawn(cells), name).map(({ label, data }) => [label, data.map(({ y }) => y)]);
    expect(figures('capacity-ndr-live-1T1Q')).toEqual([['afxdp', [600, 600]]]);
    expect(linesOf(drawn(cells), 'capacity-ndr-live-1T1Q')[0]?.endLabel).toBe('afxdp 600');
    expect(figures('capacity-pdr-live-1T1Q')).toEqual([
      ['afxdp', [700, 700]],
      ['dgram', [60]],
    ]);
  });

  it('draws the bracket of a capacity that was searched once, and hollows each goal by its own bound', () => {
    const cell = fakeCapacityCell('afxdp', 200, {
      ...{ ndr: searchedOnce(6e5, 6.2e5), pdr: searchedOnce(7e5, null), repeats: 1 },
    });
    const all = drawn([cell]);
    const [ndr, pdr] = ['capacity-ndr-live-1T1Q', 'capacity-pdr-live-1T1Q'];
    expect(linesOf(all, ndr)[0]?.data).toMatchObject([{ y: 600, low: 600, high: 620, mark: 'plain' }]);
    expect(linesOf(all, pdr)[0]?.data).toMatchObject([{ y: 700, low: null, high: null, mark: 'bound' }]);
    expect(subtitleOf(all, pdr)).toContain('ollow: a lower bound');
    expect(subtitleOf(all, ndr)).not.toContain('ollow');
  });

  it('draws no offered rate as throughput, but its round trips', () => {
    const names = drawn([fakeRateCell('afxdp')]).map(({ name }) => name);
    expect(names).toContain('latency-live-800-1T1Q');
    expect(names.filter((name) => name.startsWith('throughput'))).toEqual([]);
  });

  it('hollows round trips at shares of a capacity that is a lower bound, and tells what was lost', () => {
    const cell = fakeLevelsCell('afxdp', { limit: 'generator' });
    const levels = cell.levels.map((level) => (level.level === '90%' ? { ...level, lossRatio: 0.03 } : level));
    const all = drawn([{ ...cell, levels }]);
    const name = 'load-latency-p99-live-800-1T1Q';
    // The rate that is equal for all is the gentlest here.
    expect(linesOf(all, name)[0]?.data.map(({ mark }) => mark)).toEqual(['plain', 'bound', 'bound', 'bound']);
    expect(subtitleOf(all, name)).toContain('ollow: of a capacity that is a lower bound');
    expect(subtitleOf(all, name)).toContain('lost: afxdp 3.0 % at 90 %');
  });

  it('has no percentile where round trips are too few', () => {
    const cell = fakeLatencyCell('afxdp');
    const few = fakeDetail(cell, {
      histogram: [
        [19_999, 990],
        [90_000, 10],
      ],
    });
    const [line] = linesOf(chartsOf(fakeSummary({ cells: [cell] }), [few], null), 'latency-socket-800-1T1Q');
    // 1 in 100 is the last with 10 beyond it.
    expect(line?.data.at(-1)?.x).toBe(100);
    expect(line?.data.at(-1)?.y).toBeLessThan(21);
  });

  it('draws no ledger where all was answered right, and no speed-up of one point', () => {
    const cell = fakeCell('xdp', { threads: 1, queues: 1 }, 200, 1e6);
    const names = drawn([cell]).map(({ name }) => name);
    expect(names.filter((name) => /^(ledger|scaling|matrix)/.test(name))).toEqual([]);
  });

  it('knows no speed-up over a lower bound', () => {
    const cells = [1, 2].map((threads) =>
      fakeCell('xdp', { threads, queues: threads }, 200, threads * 1e6, {
        ...{ id: `${threads}`, limit: threads === 1 ? 'generator' : 'invoker' },
      }),
    );
    expect(drawn(cells).filter(({ name }) => name.startsWith('scaling'))).toEqual([]);
  });

  it('is empty where nothing completed', () => {
    const cells = fakeSummary().cells.filter(({ state }) => state === 'skipped');
    expect(drawn(cells, reference)).toEqual([]);
  });
});
