import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CanvasRenderingContext2D } from 'canvas';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { chartsOf } from '../../../harness/report/charts/charts.js';
import { Painter } from '../../../harness/report/charts/draw.js';
import { chartSize, logarithmicTicks } from '../../../harness/report/charts/layout.js';
import { loadReference, type Reference } from '../../../harness/report/reference.js';
import { writeReport } from '../../../harness/report/report.js';
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
} from '../../fakes/summary.js';

const published = join(import.meta.dirname, '../../../results/reference');
let reference: Reference;
beforeAll(async () => {
  reference = await loadReference(published, 'thesis');
});

function labelsOf(name: string, withReference: Reference | null = null) {
  const chart = chartsOf(fakeSummary(), withReference).find((candidate) => candidate.name === name);
  return chart?.config.data.datasets.map(({ label }) => label);
}

describe('chartsOf', () => {
  const charts = chartsOf(fakeSummary(), null);

  it('draws each engine by itself', () => {
    expect(charts.map(({ name }) => name)).toEqual([
      'throughput-kpps-live',
      'throughput-mbit-live',
      'throughput-kpps-afxdp',
      'throughput-mbit-afxdp',
      'matrix-recvfrom-live',
      'matrix-recvmmsg-live',
      'matrix-afxdp-live',
      'matrix-recvfrom-afxdp',
      'matrix-recvmmsg-afxdp',
      'matrix-afxdp-afxdp',
      'latency-socket-800-1T1Q',
    ]);
  });

  it('never puts cells of two engines into one chart', () => {
    // Each engine gets a figure of its own, so that a point tells which engine fed it.
    const figures = { live: 1e6, afxdp: 2e6, sendmmsg: 3e6, socket: 4e6, none: 5e6 };
    const titles = { live: 'XDP live frames', afxdp: 'AF_XDP TX sockets' };
    const summary = fakeSummary();
    const cells = summary.cells.map((cell) => {
      const figure = figures[cell.engine];
      const interval = cell.repliesPerSecond && { median: figure, low: figure, high: figure, confidence: 0 };
      return { ...cell, repliesPerSecond: interval, bitsPerSecond: interval };
    });
    for (const { name, config } of chartsOf({ ...summary, cells }, null).slice(0, -1)) {
      const engine = name.endsWith('live') ? 'live' : 'afxdp';
      const divisor = name.includes('mbit') ? 1e6 : 1e3;
      const values = config.data.datasets.flatMap(({ data }) => data.flatMap(({ y }) => y ?? []));
      expect(new Set(values)).toEqual(new Set([figures[engine] / divisor]));
      expect(String(config.options?.plugins?.subtitle?.text)).toContain(titles[engine]);
    }
  });

  it('has a line an implementation at the smallest point, or a line a point', () => {
    expect(labelsOf('throughput-mbit-live')).toEqual(['dgram', 'recvfrom', 'recvmmsg', 'afxdp']);
    expect(labelsOf('throughput-mbit-afxdp')).toEqual(['recvfrom', 'recvmmsg', 'afxdp']);
    expect(labelsOf('matrix-recvmmsg-live')).toEqual(['1T1Q', '2T2Q']);
    expect(labelsOf('matrix-recvmmsg-afxdp')).toEqual(['4T4Q']);
    expect(labelsOf('latency-socket-800-1T1Q')).toEqual(['dgram', 'recvfrom', 'recvmmsg', 'afxdp (spins)']);
  });

  it('leaves out invalid figures and breaks the line there', () => {
    const chart = charts.find(({ name }) => name === 'matrix-recvmmsg-live');
    const data = chart?.config.data.datasets[1]?.data ?? [];
    expect(data.map(({ x }) => x)).toEqual(sizes);
    expect(data.filter(({ y }) => y === null).map(({ x }) => x)).toEqual([600]);
    expect(String(chart?.config.options?.plugins?.subtitle?.text)).toContain('1 cell without a valid figure');
  });

  it('hollows lower bounds', () => {
    const chart = charts.find(({ name }) => name === 'matrix-afxdp-afxdp');
    const fills = chart?.config.data.datasets[0]?.pointBackgroundColor as string[];
    expect(fills.slice(0, 5)).toEqual(Array(5).fill('#FFFFFF'));
    expect(fills.slice(5)).not.toContain('#FFFFFF');
  });

  it('tells lines apart without colour', () => {
    for (const { config } of charts) {
      const looks = config.data.datasets.map(({ pointStyle, borderDash }) => `${pointStyle} ${borderDash}`);
      expect(new Set(looks).size).toBe(looks.length);
    }
  });

  it('overlays the published lines of the same points, within the measured sizes', () => {
    expect(labelsOf('throughput-mbit-live', reference)?.slice(4)).toEqual([
      'recvfrom (Gerling 2018)',
      'recvmmsg (Gerling 2018)',
      'afxdp (Gerling 2018)',
    ]);
    expect(labelsOf('matrix-recvmmsg-live', reference)?.slice(2)).toEqual([
      '1T1Q (Gerling 2018)',
      '2T2Q (Gerling 2018)',
    ]);
    const summary = fakeSummary();
    const cells = summary.cells.filter(({ packetBytes }) => packetBytes === 400);
    const [chart] = chartsOf({ ...summary, cells }, reference);
    expect(chart?.config.data.datasets.at(-1)?.data).toMatchObject([{ x: 400, y: 1148 }]);
  });

  it('draws capacities by size and round trips by load, a chart a figure', () => {
    const cells = [
      ...[200, 1400].map((size) =>
        fakeCapacityCell('afxdp', size, { ndr: fakeCapacityFigure(6e5), pdr: fakeCapacityFigure(7e5) }),
      ),
      // One that loses at every load has a PDR only.
      fakeCapacityCell('dgram', 200, { pdr: fakeCapacityFigure(6e4) }),
      fakeLevelsCell('afxdp', { levels: fakeLevelsCell('afxdp').levels.filter(({ level }) => level === '90%') }),
    ];
    const drawn = new Map(
      chartsOf(fakeSummary({ cells }), null).map(({ name, config }) => [
        name,
        config.data.datasets.map(({ label, data }) => [label, data.map(({ y }) => y && Math.round(y))]),
      ]),
    );
    expect(drawn.get('capacity-ndr-live-1T1Q')).toEqual([['afxdp', [600, 600]]]);
    expect(drawn.get('capacity-pdr-live-1T1Q')).toEqual([
      ['afxdp', [700, 700]],
      ['dgram', [60]],
    ]);
    expect(drawn.get('load-latency-p50-live-800-1T1Q')).toEqual([['afxdp (spins)', [null, null, null, 55]]]);
    expect(drawn.get('load-latency-p99-live-800-1T1Q')).toEqual([['afxdp (spins)', [null, null, null, 104]]]);
  });

  it('draws the bracket of a capacity that was searched once, and hollows each goal by its own bound', () => {
    const cell = fakeCapacityCell('afxdp', 200, {
      ndr: searchedOnce(6e5, 6.2e5),
      pdr: searchedOnce(7e5, null),
      repeats: 1,
    });
    const [ndr, pdr] = chartsOf(fakeSummary({ cells: [cell] }), null).map(({ config }) => config);
    expect(ndr?.data.datasets[0]?.data).toMatchObject([{ y: 600, low: 600, high: 620, mark: 'plain' }]);
    expect(ndr?.options?.scales?.y).toMatchObject({ suggestedMax: 620 });
    expect(pdr?.data.datasets[0]?.data).toMatchObject([{ y: 700, low: null, high: null, mark: 'bound' }]);
    expect(String(pdr?.options?.plugins?.subtitle?.text)).toContain('Hollow: a lower bound');
    expect(String(ndr?.options?.plugins?.subtitle?.text)).not.toContain('ollow');
  });

  it('draws no offered rate as throughput, but its round trips, with a gap where they are too few', () => {
    const { latencyNs } = fakeRateCell('afxdp');
    const cell = fakeRateCell('afxdp', { latencyNs: latencyNs && { ...latencyNs, p99_99: null } });
    const charts = chartsOf(fakeSummary({ cells: [cell] }), null);
    expect(charts.map(({ name }) => name)).toEqual(['latency-live-800-1T1Q']);
    expect(charts[0]?.config.data.datasets[0]?.data.map(({ y }) => y && Math.round(y))).toEqual([
      22,
      27,
      41,
      98,
      null,
      4182,
    ]);
  });

  it('says what hollow points of round trips stand for: shares of a capacity that is a lower bound', () => {
    const cells = [fakeLevelsCell('afxdp', { limit: 'generator' }), fakeLatencyCell('afxdp', { limit: 'generator' })];
    const drawn = chartsOf(fakeSummary({ cells }), null);
    const partsOf = (prefix: string) => {
      const { data, options } = drawn.find(({ name }) => name.startsWith(prefix))?.config ?? {};
      const fills = [data?.datasets[0]?.pointBackgroundColor].flat();
      return { fills, subtitle: String(options?.plugins?.subtitle?.text) };
    };
    const byLoad = partsOf('load-latency-p50-live-800-1T1Q');
    expect(byLoad.fills.map((fill) => fill === '#FFFFFF')).toEqual([false, true, true, true]);
    expect(byLoad.subtitle).toContain('Hollow: of a capacity that is a lower bound');
    const byPercentile = partsOf('latency-');
    expect(byPercentile.fills).not.toContain('#FFFFFF');
    expect(byPercentile.subtitle).not.toContain('ollow');
  });

  it('is empty where nothing completed', () => {
    const cells = fakeSummary().cells.filter(({ state }) => state === 'skipped');
    expect(chartsOf(fakeSummary({ cells }), reference)).toEqual([]);
  });
});

describe('logarithmicTicks', () => {
  it.each([
    { least: 22, most: 58_294, first: 20, last: 100_000 },
    { least: 100, most: 100, first: 100, last: 200 },
    { least: 0.3, most: 4, first: 0.2, last: 5 },
    { least: 20, most: 5000, first: 20, last: 5000 },
  ])('of $least to $most run from $first to $last', ({ least, most, first, last }) => {
    const ticks = logarithmicTicks(least, most);
    expect([ticks.at(0), ticks.at(-1)]).toEqual([first, last]);
  });
});

describe('Painter', () => {
  it('draws the size, and names the axes and lines', () => {
    const [chart] = chartsOf(fakeSummary({ cells: [fakeCell('afxdp', { threads: 1, queues: 1 }, 200, 1e6)] }), null);
    // Letters become outlines in the SVG, so what is drawn shows only in the calls that draw it.
    const drawn = vi.spyOn(CanvasRenderingContext2D.prototype, 'fillText');
    const { svg, png } = new Painter().draw((chart as NonNullable<typeof chart>).config);
    expect(svg).toContain('width="960" height="600"');
    expect(svg).toContain('Horizontal: Frame size in bytes (Ethernet frame without FCS).');
    expect(svg).toContain('Vertical: Throughput in thousand packets/s.');
    expect(svg).toContain('Lines: afxdp.');
    expect(drawn.mock.calls.map(([text]) => text)).toEqual(
      expect.arrayContaining([
        'Frame size in bytes (Ethernet frame without FCS)',
        'Throughput in thousand packets/s',
        '200',
        'afxdp',
      ]),
    );
    // Width and height stand at 16 and 20 in a PNG.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * chartSize.width, 2 * chartSize.height]);
  });
});

describe('writeReport', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'invoker-bench-report-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('writes every file whole, twice over the same directory', { timeout: 30_000 }, async () => {
    const cells = fakeSummary().cells.filter(({ impl }) => impl === 'afxdp');
    const summary = fakeSummary({ cells });
    const target = join(dir, 'run');
    const paths = await writeReport(target, summary, [], { reference });
    expect(await writeReport(target, summary, [], { reference })).toEqual(paths);
    const found = await readdir(target, { recursive: true });
    expect(
      found
        .filter((name) => name !== 'charts')
        .map((name) => join(target, name))
        .sort(),
    ).toEqual([...paths].sort());
    expect(JSON.parse(await readFile(join(target, 'summary.json'), 'utf8'))).toEqual(summary);
    const markdown = await readFile(join(target, 'report.md'), 'utf8');
    const links = [...markdown.matchAll(/\]\((charts\/[^)]+)\)/g)].map(([, link]) => join(target, link as string));
    expect(links.length).toBeGreaterThan(4);
    expect(paths).toEqual(expect.arrayContaining(links));
    expect(markdown).toContain('Published figures, other hardware');
  });
});
