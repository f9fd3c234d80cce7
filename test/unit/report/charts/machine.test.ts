import { CanvasRenderingContext2D } from 'canvas';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { draw } from '../../../../harness/report/charts/draw.js';
import { formats, pointsPerPixel } from '../../../../harness/report/charts/format.js';
import { machineCharts } from '../../../../harness/report/charts/questions/machine.js';
import type { CellSummary } from '../../../../model/summary.js';
import { fakeDetail } from '../../../fakes/detail.js';
import { fakeLatencyCell, fakeSummary } from '../../../fakes/summary.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Words below the plot of each picture that is drawn of the cells, by its width. */
function namesBelow(cells: readonly CellSummary[]): { screen: string[]; column: string[] } {
  const drawn = vi.spyOn(CanvasRenderingContext2D.prototype, 'fillText');
  const details = new Map(cells.map((cell) => [cell.id, fakeDetail(cell)]));
  const [chart] = machineCharts(fakeSummary({ cells: [...cells] }), details);
  if (!chart) throw new Error('no chart');
  draw(chart.config);
  const words = (width: number) =>
    drawn.mock.calls
      .filter(
        (_, index) =>
          (drawn.mock.contexts[index] as { canvas?: { width: number } } | undefined)?.canvas?.width === width,
      )
      .map(([text]) => String(text))
      .filter((text) => /^(\d{3,}|[a-z][\w=]+|\d+T\d+Q)$/.test(text));
  return { screen: words(formats.screen.width), column: words(Math.floor(formats.column.width * pointsPerPixel)) };
}

describe('did the machine behave?', () => {
  const sizes = [200, 800, 1400];
  const all = fakeSummary().cells.filter(({ load }) => load === 'saturate');
  const peaks = all.filter(({ threads, packetBytes }) => threads === 1 && sizes.includes(packetBytes));

  it('names the cells below their seconds, as far as there is room', () => {
    const { screen, column } = namesBelow([...peaks, fakeLatencyCell('afxdp')]);
    expect(screen).toEqual([
      ...['dgram', 'recvfrom', 'recvmmsg', 'afxdp'].flatMap(() => sizes.map(String)),
      ...['800', 'dgram', 'recvfrom', 'recvmmsg', 'afxdp', 'afxdp', 'saturate', 'closed=4'],
    ]);
    // Not some of the sizes: which cell is the second one of two?
    expect(column.filter((word) => /^\d+$/.test(word))).toEqual([]);
    expect(column).toEqual(expect.arrayContaining(['dgram', 'recvfrom', 'saturate']));
  });

  it('names a single one', () => expect(namesBelow(peaks.slice(0, 1)).screen).toEqual(['dgram']));

  it('names threads and queues, too, where there are several', () => {
    const { screen } = namesBelow(all);
    expect(screen).toEqual(expect.arrayContaining(['recvmmsg', '2T2Q', '4T4Q', 'afxdp']));
    expect(screen).not.toContain('1400');
  });
});
