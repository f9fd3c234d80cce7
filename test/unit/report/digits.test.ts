import { describe, expect, it } from 'vitest';
import type { Config, Dataset, HeatConfig } from '../../../harness/report/charts/dataset.js';
import { matrixCharts } from '../../../harness/report/charts/questions/matrix.js';
import { throughputCharts } from '../../../harness/report/charts/questions/throughput.js';
import { parseFigures } from '../../../harness/report/literature/literature.js';
import { cellViews } from '../../../harness/report/page/cells.js';
import type { View } from '../../../harness/report/page/content.js';
import { viewTable } from '../../../harness/report/page/view-table.js';
import { viewsOf } from '../../../harness/report/page/views.js';
import { figureTables } from '../../../harness/report/tables/tables.js';
import { fakeCapacityCell, fakeCapacityFigure, fakeCell, fakeSummary } from '../../fakes/summary.js';
import { loadPublished } from '../../fakes/thesis.js';

const [median, low, high] = [1234.5e3, 1111.1e3, 1357.9e3];
const wide = { median, low, high, confidence: 0.75 };
const capacity = fakeCapacityFigure(median, { interval: wide });
const points = [1, 2].map((threads) => ({ threads, queues: threads }));
const peaks = points.map((point) => fakeCell('afxdp', point, 200, median, { repliesPerSecond: wide }));
const summary = fakeSummary({ cells: [...peaks, fakeCapacityCell('afxdp', 200, { ndr: capacity, pdr: capacity })] });

/** Digits below the second one of the width say nothing. */
const told = '1230 1110–1360';

describe('a figure has the digits that its interval supports', () => {
  const cellTexts = (name: string) =>
    figureTables(summary, 'full')
      .filter((table) => table.name.startsWith(name))
      .flatMap(({ rows }) => rows.flat())
      .map(({ value, detail }) => `${value.replace('*', '')} ${detail}`.trim());

  it.each(['throughput-kpps', 'capacity'])('in the table %s', (name) => expect(cellTexts(name)).toContain(told));

  it('at the end of a line and in a field of the matrix', () => {
    const lines = throughputCharts(summary, null).map(({ config }) =>
      (config as Config).data.datasets.map((line: Dataset) => line.endLabel),
    );
    expect(lines).toEqual([['afxdp 1230'], ['afxdp 1230']]);
    const fields = matrixCharts(summary).flatMap(({ config }) => (config as HeatConfig).data.datasets[0]?.data ?? []);
    expect(fields.map(({ text }) => text)).toEqual(['1230', '1230']);
  });

  it.each(['throughput', 'matrix', 'capacity'])('in the chart %s of the page and its table', (id) => {
    const [view] = viewsOf(summary).filter(({ chart, facets }) => chart.id === id && facets.figure?.id !== 'mbit');
    expect(view?.lines[0]?.points[0]).toMatchObject({ text: '1230', range: '1110–1360' });
    expect(viewTable(view as View).text.replace(/<[^>]*>/g, '')).toContain(told);
  });

  it("on a cell's own page", () => {
    const texts = cellViews(summary, []);
    const [peak, held] = [summary.cells[0], summary.cells[2]].map((cell) => texts[cell?.id ?? '']?.html ?? '');
    expect(peak?.replace(/<[^>]*>/g, '')).toContain('1230 thousand packets/s 1110–1360');
    expect(held?.replace(/<[^>]*>/g, '')).toContain('1230 thousand packets/s 1110–1360');
  });

  it('beside the published figures', async () => {
    const [figure] = parseFigures('--figure', 'table7');
    const made = figure?.make({ run: { summary, details: [] }, published: await loadPublished() });
    const cells = made?.tables.flatMap(({ table }) => table.rows.flat()) ?? [];
    expect(cells.map(({ value, detail }) => `${value} ${detail}`)).toContain(told);
  });
});
