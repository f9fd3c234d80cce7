import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CanvasRenderingContext2D } from 'canvas';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { chartsOf } from '../../../../harness/report/charts/charts.js';
import { plainPoint } from '../../../../harness/report/charts/dataset.js';
import { draw } from '../../../../harness/report/charts/draw.js';
import { formats, heightOf } from '../../../../harness/report/charts/format.js';
import { logarithmicTicks } from '../../../../harness/report/charts/layout.js';
import type { Chart } from '../../../../harness/report/charts/parts.js';
import { spread } from '../../../../harness/report/charts/plugins/end-labels.js';
import { matrixCharts } from '../../../../harness/report/charts/questions/matrix.js';
import { loadReference } from '../../../../harness/report/reference.js';
import { writeReport } from '../../../../harness/report/report.js';
import { fakeDetail } from '../../../fakes/detail.js';
import { fakeCell, fakeSummary } from '../../../fakes/summary.js';

const root = join(import.meta.dirname, '../../../..');
const point = { threads: 1, queues: 1 };

afterEach(() => {
  vi.restoreAllMocks();
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

describe('names at the ends of lines', () => {
  it.each([
    { wanted: [50, 10], places: [50, 10], why: 'stay where there is room' },
    { wanted: [30, 30, 32], places: [30, 40, 50], why: 'make room for each other' },
    { wanted: [99, 98], places: [100, 90], why: 'stay above the bottom' },
    { wanted: [-5], places: [0], why: 'stay below the top' },
    { wanted: [], places: [], why: 'may be none' },
  ])('$why', ({ wanted, places }) => expect(spread(wanted, 10, 0, 100)).toEqual(places));
});

describe('heightOf', () => {
  const linesOf = (names: string[]) => {
    const datasets = names.map((label) => ({ label, data: [plainPoint(1, 1)] }));
    return { type: 'line' as const, data: { datasets } };
  };
  const { screen, column } = formats;

  it('is that of the format where the lines are named at their ends', () => {
    expect(heightOf(linesOf(['afxdp', 'xdp']), screen)).toBe(screen.height);
    expect(heightOf(linesOf(['afxdp', 'xdp']), column)).toBe(column.height);
  });

  it('grows with the legend, so that it takes nothing from the plot', () => {
    const names = Array.from({ length: 16 }, (_, index) => `recvmmsg batch=${index} ringSize=4096`);
    const [few, many] = [names.slice(0, 8), names].map((some) => heightOf(linesOf(some), column)) as [number, number];
    expect(few).toBeGreaterThan(column.height);
    expect(many - few).toBe(8 * 27);
  });
});

describe('draw', () => {
  const cell = fakeCell('afxdp', point, 200, 1e6, { cpuNsPerReply: { invoker: 900, total: 2000 } });
  const charts = chartsOf(fakeSummary({ cells: [cell] }), [fakeDetail(cell)], null);
  const chartOf = (name: string) => charts.find((chart) => chart.name.startsWith(name)) as Chart;

  it('draws the size, and names the axes and lines', () => {
    // Letters become outlines in the SVG, so what is drawn shows only in the calls that draw it.
    const drawn = vi.spyOn(CanvasRenderingContext2D.prototype, 'fillText');
    const { svg, png } = draw(chartOf('throughput').config);
    expect(svg).toContain('width="960" height="600"');
    expect(svg).toContain('<title>Who answers most requests, and by how much? Throughput at 1T1Q</title>');
    expect(svg).toContain('Horizontal: Frame size in bytes (Ethernet frame without FCS).');
    expect(svg).toContain('Vertical: Thousand replies/s, logarithmic.');
    expect(svg).toContain('Lines: afxdp.');
    expect(drawn.mock.calls.map(([text]) => text)).toEqual(
      expect.arrayContaining(['Thousand replies/s, logarithmic', '200', 'afxdp 1000']),
    );
    // Width and height stand at 16 and 20 in a PNG.
    const { width, height } = formats.screen;
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * width, 2 * height]);
  });

  it('leaves out of a column what stands in brackets beside an axis', () => {
    const drawn = vi.spyOn(CanvasRenderingContext2D.prototype, 'fillText');
    draw(chartOf('throughput').config);
    const texts = drawn.mock.calls.map(([text]) => String(text)).filter((text) => text.startsWith('Frame size'));
    expect(new Set(texts)).toEqual(
      new Set(['Frame size in bytes (Ethernet frame without FCS)', 'Frame size in bytes']),
    );
  });

  it('leads no dots from a line that ends long before the others to its name', () => {
    const dashes = vi.spyOn(CanvasRenderingContext2D.prototype, 'setLineDash');
    const leaders = () => dashes.mock.calls.filter(([dash]) => String(dash) === '1,3').length;
    const sizes = [200, 1400].map((bytes) => fakeCell('afxdp', point, bytes, 1e6));
    const whole = chartsOf(fakeSummary({ cells: sizes }), [], null)[0] as Chart;
    draw(whole.config);
    const ofOne = leaders();
    expect(ofOne).toBeGreaterThan(0);
    dashes.mockClear();
    const cells = [...sizes, fakeCell('xdp', point, 200, 4e6)];
    draw((chartsOf(fakeSummary({ cells }), [], null)[0] as Chart).config);
    expect(leaders()).toBe(ofOne);
  });

  it('tells bars and their parts in words', () => {
    const { svg } = draw(chartOf('cost').config);
    expect(svg).toContain('Rows: afxdp (2000 ns).');
    expect(svg).toContain('Parts: user, system, softirq (receiving), other processes.');
  });

  it('gives each field of a matrix its share of the width, also where the axis has no room for all names', () => {
    const sizes = Array.from({ length: 40 }, (_, index) => 1000 + index);
    const points = [1, 2].map((threads) => ({ threads, queues: threads }));
    const cells = points.flatMap((at) => sizes.map((size) => fakeCell('afxdp', at, size, 1e6)));
    const [matrix] = matrixCharts(fakeSummary({ cells }));
    const filled = vi.spyOn(CanvasRenderingContext2D.prototype, 'fillRect');
    const { config } = matrix as Chart;
    const { scales } = config.options as unknown as { scales: { x: object } };
    const noTicks = (scale: { ticks: unknown[] }) => {
      scale.ticks = [];
    };
    for (const changes of [{}, { afterBuildTicks: noTicks }]) {
      filled.mockClear();
      Object.assign(scales.x, changes);
      draw(config);
      let paper = 0;
      const shares = filled.mock.calls.flatMap(([left, , width]) => {
        // The paper of each picture is drawn first.
        if (left === 0) paper = width;
        return left === 0 ? [] : [width / paper];
      });
      // Four pictures, two rows of fields each.
      expect(shares).toHaveLength(4 * 2 * sizes.length);
      expect(Math.max(...shares)).toBeLessThan(1 / sizes.length);
    }
  });

  it('prints as wide as a page and as a column, in letters that can be searched', () => {
    const { pdf, columnPdf } = draw(chartOf('throughput').config);
    const widths = [pdf, columnPdf].map((file) => {
      const [, width] = /MediaBox \[ ?0 0 (\d+)/.exec(file.toString('latin1')) ?? [];
      return Math.round((Number(width) / 72) * 25.4);
    });
    expect(widths).toEqual([170, 84]);
    expect([pdf, columnPdf].map((file) => file.includes('/Font'))).toEqual([true, true]);
  });
});

describe('a machine without fonts', () => {
  const widths = `
    const context = require('canvas').createCanvas(1, 1).getContext('2d');
    context.font = '100px "DejaVu Sans"';
    console.log(JSON.stringify(['i', 'W'].map((letter) => context.measureText(letter).width)));
  `;

  it('draws boxes, which are all as wide, and letters are not', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'invoker-bench-fonts-'));
    const fonts = join(dir, 'fonts.conf');
    await writeFile(fonts, '<fontconfig><dir>/nowhere</dir></fontconfig>');
    const measured = async (env: Record<string, string>) => {
      const { stdout } = await execa('node', ['-e', widths], { cwd: root, env });
      return new Set(JSON.parse(stdout) as number[]).size;
    };
    expect(await measured({ FONTCONFIG_FILE: fonts })).toBe(1);
    expect(await measured({})).toBe(2);
    await rm(dir, { recursive: true });
  });
});

describe('writeReport', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'invoker-bench-report-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('writes every file whole, twice over the same directory', { timeout: 60_000 }, async () => {
    const reference = await loadReference(join(root, 'results/reference'), 'thesis');
    const cells = fakeSummary().cells.filter(({ impl }) => impl === 'afxdp');
    const summary = fakeSummary({ cells });
    const details = cells.map((cell) => fakeDetail(cell));
    const target = join(dir, 'run');
    const paths = await writeReport(target, summary, details, { reference });
    expect(await writeReport(target, summary, details, { reference })).toEqual(paths);
    const found = await readdir(target, { recursive: true });
    expect(
      found
        .filter((name) => name !== 'charts' && name !== 'tables')
        .map((name) => join(target, name))
        .sort(),
    ).toEqual([...paths].sort());
    expect(JSON.parse(await readFile(join(target, 'summary.json'), 'utf8'))).toEqual(summary);
    const markdown = await readFile(join(target, 'report.md'), 'utf8');
    const links = [...markdown.matchAll(/\]\((charts\/[^)]+)\)/g)].map(([, link]) => join(target, link as string));
    expect(links.length).toBeGreaterThan(4);
    expect(paths).toEqual(expect.arrayContaining(links));
    expect(paths).toEqual(expect.arrayContaining(links.map((link) => link.replace('.svg', '.pdf'))));
    expect(markdown).toContain('Published figures, other hardware');
  });
});
