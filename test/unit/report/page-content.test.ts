import { describe, expect, it } from 'vitest';
import { cellViews, nearestToMedian } from '../../../harness/report/page/cells.js';
import type { View } from '../../../harness/report/page/content.js';
import { courseView, curveOf, pointsEach } from '../../../harness/report/page/course.js';
import { packed, unpacked } from '../../../harness/report/page/packing.js';
import { viewTable } from '../../../harness/report/page/view-table.js';
import { viewsOf } from '../../../harness/report/page/views.js';
import { fakeCourse, fakeDetail } from '../../fakes/detail.js';
import { fullSummary } from '../../fakes/pages.js';
import { cellWithout, fakeCell, fakeSummary } from '../../fakes/summary.js';

const oneByOne = { threads: 1, queues: 1 };

describe('viewsOf', () => {
  const views = viewsOf(fullSummary());

  it('has a chart of each answer, with what a reader may pick it by', () => {
    const kinds = new Map(views.map(({ chart, facets }) => [chart.id, Object.keys(facets)]));
    expect(Object.fromEntries(kinds)).toEqual({
      throughput: ['load', 'matrix', 'figure'],
      matrix: ['load', 'size', 'figure'],
      capacity: ['load', 'matrix', 'figure'],
      'round-trips': ['load', 'matrix', 'size'],
      levels: ['load', 'matrix', 'size', 'figure'],
    });
    const keys = views.map(({ chart, facets }) => JSON.stringify([chart.id, facets]));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('leaves out what must not be quoted, and marks lower bounds', () => {
    const at = (matrix: string) =>
      views.find(({ chart, facets }) => chart.id === 'throughput' && facets.matrix?.id === matrix);
    const recvmmsg = at('2T2Q')?.lines.find(({ name }) => name === 'recvmmsg');
    expect(recvmmsg?.points.map((point) => point === null)).toEqual([false, false, true, false, false, false, false]);
    const afxdp = at('4T4Q')?.lines.find(({ name }) => name === 'afxdp');
    expect(afxdp?.points.map((point) => point?.mark)).toEqual([...new Array(5).fill('bound'), 'plain', 'plain']);
    expect(at('2T2Q')?.notes.join(' ')).toContain('Left out: 8 of 28 cells');
    expect(viewTable(at('4T4Q') as View).text).toContain('≥4160');
  });

  it('of a run without figures is empty', () => {
    const cell = cellWithout(fakeCell('afxdp', oneByOne, 200, 1), 'skipped', 'no');
    expect(viewsOf(fakeSummary({ cells: [cell] }))).toEqual([]);
  });
});

describe('courseView', () => {
  it('has at most so many points, the means of what they stand for', () => {
    const rates = Array.from({ length: 1000 }, (_, index) => ({
      ...{ endS: (index + 1) / 10, sentPerSecond: 1000 * (index % 4), repliesPerSecond: 1000, hiccupNs: 1e6 },
    }));
    const { panels } = courseView({ ...fakeCourse(0), rates }, 250);
    const [flow, hiccups] = panels;
    expect(flow?.endS).toHaveLength(250);
    expect(flow?.endS.at(-1)).toBe(100);
    expect(flow?.series.map(({ values }) => values[7])).toEqual([1.5, 1]);
    // One millisecond in each tenth of a second.
    expect(hiccups?.series[0]?.values[3]).toBe(1);
  });

  it('leaves out what was not recorded', () => {
    const quiet = { ...fakeCourse(0), roundTrips: [], hosts: [] };
    const rates = quiet.rates.map((rate) => ({ ...rate, hiccupNs: null }));
    expect(courseView({ ...quiet, rates }, 300).panels.map(({ title }) => title)).toEqual(['Requests and replies']);
    expect(courseView({ ...quiet, rates: [] }, 300).panels).toEqual([]);
  });

  it('tells the hosts apart', () => {
    const [piece] = fakeCourse(0).hosts;
    const hosts = (['server', 'client'] as const).map((host) => ({ ...(piece as NonNullable<typeof piece>), host }));
    const titles = courseView({ ...fakeCourse(0), hosts }, 300).panels.map(({ title }) => title);
    expect(titles.slice(-2)).toEqual(["CPU time of the cell's CPUs, server", "CPU time of the cell's CPUs, client"]);
  });

  it.each([
    [0, 300],
    [1, 300],
    [336, 119],
    [100_000, 20],
  ])('of %i cells each has room for %i points', (cells, points) => expect(pointsEach(cells)).toBe(points));
});

describe('curveOf', () => {
  it('ends where fewer than ten values lie beyond', () => {
    const curve = curveOf([
      [10_000, 900],
      [20_000, 90],
      [30_000, 10],
    ]);
    expect(curve.at(0)).toEqual([0, 10]);
    expect(curve.at(-1)).toEqual([2, 20]);
    expect(curve.find(([nines]) => nines === 1)).toEqual([1, 10]);
  });

  it('of too few values is empty', () => expect(curveOf([[1000, 9]])).toEqual([]));
});

describe('packed', () => {
  it('is unpacked to what it was, whatever the names of cells', () => {
    const view = (html: string) => ({ html, curves: [], course: null });
    const cells = Object.assign(Object.create(null), {
      a: view('<p>'),
      __proto__x: view(''),
      constructor: view('c'),
    });
    const content = { summary: fakeSummary(), views: viewsOf(fullSummary()), cells, cellList: '<table>' };
    const { cells: found, ...more } = unpacked(packed(content));
    expect({ ...more, cells: { ...found } }).toEqual({ ...content, cells: { ...cells } });
  });
});

describe('cellViews', () => {
  it('shows the run that is nearest to the median', () => {
    const cell = fakeCell('afxdp', oneByOne, 200, 1000, {
      byRepeat: [700, 1010, 1300].map((repliesPerSecond, repeat) => ({
        ...{ repeat, repliesPerSecond, ndrPerSecond: null, pdrPerSecond: null, latencyNs: null, cpuNsPerReply: null },
      })),
    });
    const courses = [2, 1, 0].map((repeat) => fakeCourse(repeat));
    expect(nearestToMedian(cell, courses)?.repeat).toBe(1);
    expect(nearestToMedian(cell, [])).toBeNull();
  });

  it('has ledger, placement, grants, faults and the command of a cell', () => {
    const summary = fullSummary();
    const views = cellViews(
      summary,
      summary.cells.map((cell) => fakeDetail(cell)),
    );
    const failed = summary.cells.find(({ state }) => state === 'failed');
    expect(views['afxdp-2T2Q-200-reverse-saturate']?.html).toMatch(
      /--matrix 2T2Q<.*lost: socket buffer.*queue 1.*generator threads, CPUs.*copyMode/s,
    );
    expect(views[failed?.id ?? '']?.html).toMatch(/Failed: .*<h3>Why<.*SIGKILL.*bind/s);
  });

  it('of a cell without details still has its summary', () => {
    const cell = fakeCell('afxdp', oneByOne, 200, 1e6);
    const view = cellViews(fakeSummary({ cells: [cell] }), [])[cell.id];
    expect(view?.html).toContain('1000 thousand packets/s');
    expect(view).toMatchObject({ curves: [], course: null });
  });
});
