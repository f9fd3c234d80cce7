import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { draw } from '../../../harness/report/charts/draw.js';
import { literature, parseFigures, writeFigure } from '../../../harness/report/literature/literature.js';
import type { MeasuredRun, NamedTable } from '../../../harness/report/literature/source.js';
import { renderTable } from '../../../harness/report/markdown.js';
import type { Reference } from '../../../harness/report/reference.js';
import { cellWithout } from '../../fakes/summary.js';
import { fakeThesis, loadPublished } from '../../fakes/thesis.js';
import { messageOf } from '../../fakes/usage-message.js';

let published: Reference;
beforeAll(async () => {
  published = await loadPublished();
});

function made(id: string, run: MeasuredRun | null = null) {
  const [figure] = parseFigures('--figure', id);
  return (figure as NonNullable<typeof figure>).make({ run, published });
}

/** Title, axes and lines of each picture, as they are handed to the painter. */
function contentsOf(id: string, run: MeasuredRun | null = null) {
  return made(id, run).pictures.map(({ name, config }) => ({
    name,
    type: config.type,
    title: config.options?.plugins?.title?.text,
    labels: config.data.labels,
    axes: Object.entries(config.options?.scales ?? {}).map(([axis, scale]) => [
      axis,
      (scale as { title?: { text?: string } }).title?.text,
    ]),
    datasets: config.data.datasets.map(({ label, data, ...dataset }) => {
      const { yAxisID, xAxisID } = dataset as { yAxisID?: string; xAxisID?: string };
      const points = (data as unknown as { x: number | string; y: number }[]).map(({ x, y }) => [x, y]);
      return { label, axis: xAxisID ?? yAxisID, points };
    }),
  }));
}

const allPoints = ['1T1Q', '2T1Q', '2T2Q', '4T2Q', '4T4Q', '8T4Q'];

describe('of the published figures alone', () => {
  it.each(['14', '15', '16', '24', '25', '27'])('figure %s has their axes, order and values', (id) => {
    const texts = contentsOf(id).map(({ name, type, title, labels, axes, datasets }) => [
      `${name}, ${type}: ${title}`,
      ...axes.map(([axis, words]) => `${axis}: ${words ?? ''}`),
      ...(labels ? [`places: ${labels.join(' ')}`] : []),
      ...datasets.map(
        ({ label, axis, points }) => `${axis ?? 'y'} ${label}: ${points.map((p) => p.join('=')).join(' ')}`,
      ),
    ]);
    return expect(`${texts.flat().join('\n')}\n`).toMatchFileSnapshot(`golden/figure-${id}.txt`);
  });

  it.each(['table3', 'table4', 'table6', 'table7'])('%s has their rows and values', (id) => {
    const [{ name, table, csv }] = made(id).tables as [NamedTable];
    const text = [name, renderTable(table), ...csv.map((record) => record.join(','))].join('\n');
    return expect(`${text}\n`).toMatchFileSnapshot(`golden/${id}.txt`);
  });

  it.each(['23', '26'])('figure %s is none: the source has a picture only', (id) =>
    expect(made(id)).toMatchObject({ pictures: [], lacking: expect.stringContaining('picture only') }),
  );
});

describe('of a run', () => {
  it('lays the published lines of the same settings below the measured ones', () => {
    const [figure] = contentsOf('16', fakeThesis(published));
    expect(figure?.datasets.map(({ label }) => label)).toEqual([
      ...['1T1Q', '2T2Q', '4T2Q', '4T4Q', '8T4Q'],
      ...['1T1Q', '2T2Q', '4T2Q', '4T4Q', '8T4Q'].map((point) => `${point} (2018)`),
    ]);
    // The fake run answers twice what was published in packets/s: Mbit/s there are rounded.
    expect(figure?.datasets[4]?.points.at(-1)).toEqual([1400, 2 * 746 * 1400 * 8e-3]);
    expect(figure?.datasets[9]?.points.at(-1)).toEqual([1400, 8355]);
  });

  it('has bars of both units over the same sizes', () => {
    const [figure] = contentsOf('15', fakeThesis(published));
    expect(figure?.datasets.map(({ label, axis }) => `${axis} ${label}`)).toEqual(
      ['y', 'y2'].flatMap((axis) =>
        ['recvfrom', 'recvmmsg', 'recvfrom (2018)', 'recvmmsg (2018)'].map((label) => `${axis} ${label}`),
      ),
    );
    expect(figure?.datasets[5]?.points[0]).toEqual(['200', 926]);
  });

  it('never puts cells of two engines into one picture or table', () => {
    const run = fakeThesis(published, 20, (cell) => (cell.threads >= 4 ? { ...cell, engine: 'afxdp' } : cell));
    const labels = contentsOf('16', run).map(({ name, datasets }) => [name, datasets[0]?.label, datasets.length]);
    expect(labels).toEqual([
      ['figure-16-live', '1T1Q', 4],
      ['figure-16-afxdp', '4T2Q', 6],
    ]);
    expect(made('table6', run).tables.map(({ name }) => name)).toEqual(['table-6-live', 'table-6-afxdp']);
  });

  it('draws what there is, and names the cells that have no figure', () => {
    const run = fakeThesis(published, 20, (cell) =>
      cell.threads === 8 ? cellWithout(cell, 'failed', 'no CPU') : cell,
    );
    expect(made('25', run)).toMatchObject({ pictures: [{ name: 'figure-25' }], lacking: 'valid figure of afxdp 8T8Q' });
    expect(made('table6', run).lacking).toBe('valid figure of recvmmsg 8T4Q, afxdp 8T8Q');
    const none = fakeThesis(published, 20, (cell) => cellWithout(cell, 'skipped', 'no XDP'));
    expect(made('16', none)).toEqual({
      ...{ pictures: [], tables: [], lacking: 'valid figure of recvmmsg 1T1Q, 2T2Q, 4T2Q, 4T4Q, 8T4Q' },
    });
    for (const { id } of literature) expect([id, made(id, none).lacking]).not.toEqual([id, null]);
  });

  it('takes settings of their own for no defaults', () => {
    const run = fakeThesis(published, 20, (cell) => ({ ...cell, variant: 'batch=8' }));
    expect(made('14', run)).toMatchObject({ pictures: [], lacking: 'valid figure of recvfrom 1T1Q' });
  });

  it('has throughput by seconds since the measure phase began', () => {
    const [figure] = contentsOf('23', fakeThesis(published, 4));
    expect(figure?.datasets.map(({ label }) => label)).toEqual(['recvfrom', 'recvmmsg', 'afxdp']);
    const peak = 2 * 169_000 * 800 * 8e-6;
    expect(figure?.datasets[0]?.points).toEqual([
      [-1, 128],
      ...[0, 1, 2, 3, 4].map((second) => [second, peak * (second === 0 ? 0.5 : second === 3 ? 0.5 : 1)]),
    ]);
  });

  it('has percentiles of the last 15 s, a panel an implementation, and the published median', () => {
    const [figure] = contentsOf('26', fakeThesis(published, 40));
    const ofFirst = figure?.datasets.filter(({ axis }) => axis === 'x') ?? [];
    expect(ofFirst.map(({ label }) => label)).toEqual([
      ...['50 %', '90 %', '99 %', '99.9 %'],
      '50 % (Gerling 2018, average)',
    ]);
    expect(figure?.datasets.map(({ axis }) => axis)).toEqual(['x', 'x2', 'x3'].flatMap((axis) => Array(5).fill(axis)));
    expect(ofFirst[4]?.points).toEqual([
      [1, 30],
      [40, 30],
    ]);
    // The slow second is the 21st; its round trips are in the windows that end 21 s to 35 s after the beginning.
    const slow = ofFirst[2]?.points.filter(([, y]) => Number(y) > 60).map(([x]) => x) ?? [];
    expect([slow.at(0), slow.at(-1), slow.length]).toEqual([21, 35, 15]);
  });

  it('has throughput by RX queues, where an axis asked for them', () => {
    const [table] = made('table3', fakeThesis(published)).tables;
    const valuesOf = (row: number) => table?.table.rows[row]?.map(({ value }) => value);
    expect(valuesOf(0)).toEqual(['8', '2160', '1080', '338', '169']);
    // One queue is the cell without that setting.
    expect(valuesOf(3)).toEqual(['1', '2160', '1450', '338', '227']);
    const plain = fakeThesis(published, 20, (cell) => ({ ...cell, variant: '' }));
    expect(made('table3', plain)).toMatchObject({
      ...{ tables: [], lacking: 'valid figure of recvfrom 1T1Q at 800 bytes with channels=8, 4, 2, 1' },
    });
  });

  it('tells what each CPU does at each point, beside the rule of the published host', () => {
    const [table] = made('table4', fakeThesis(published)).tables;
    expect(table?.table.columns.map(({ heading }) => heading)).toEqual(['CPU', ...allPoints, 'Gerling 2018']);
    const rows = new Map(table?.table.rows.map((row) => [row[0]?.value, row.map(({ value }) => value).slice(1)]));
    expect(rows.get('11')).toEqual([...Array(5).fill('thread 0'), 'thread 0, thread 6', 'thread 0']);
    expect(rows.get('4')).toEqual([...Array(4).fill('gen 0'), 'IRQ 2, gen 0', 'IRQ 2, gen 0', 'IRQ 2']);
  });
});

describe('parseFigures', () => {
  it('knows all, in the order of their numbers', () => {
    const ids = parseFigures('--figure', 'all').map(({ id }) => id);
    expect(ids).toEqual([
      ...['14', '15', '16', '23', '24', '25', '26', '27'],
      ...['table3', 'table4', 'table5', 'table6', 'table7'],
    ]);
    expect(parseFigures('--figure', '16, table3').map(({ id }) => id)).toEqual(['16', 'table3']);
  });

  it.each([
    ['13', '--figure: 13 is not one of 14, 15, 16, 23, 24, 25, 26, 27, table3, table4, table5, table6, table7, all'],
    ['16,16', '--figure: 16 is named twice'],
    ['', '--figure: needs at least one value, not ""'],
  ])('refuses %j', (text, message) => expect(messageOf(() => parseFigures('--figure', text))).toBe(message));
});

describe('writeFigure', () => {
  const folder = mkdtempSync(join(tmpdir(), 'invoker-bench-figures-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('writes every picture and table, whole', { timeout: 60_000 }, async () => {
    const source = { run: fakeThesis(published), published };
    const paths: string[] = [];
    for (const figure of literature) paths.push(...(await writeFigure(folder, figure, source, draw)).paths);
    expect(readdirSync(folder).sort()).toEqual(paths.map((path) => path.slice(folder.length + 1)).sort());
    expect(paths.length).toBe(8 * 4 + 5 * 3);
    expect(readFileSync(join(folder, 'figure-26.svg'), 'utf8')).toContain('<title>Figure 26: Round trips over time');
    expect(readFileSync(join(folder, 'table-7.csv'), 'utf8').split('\n')[1]).toBe(
      'recvfrom,1,1,200,440,431.2,453.2,0.9375,220',
    );
    expect(readFileSync(join(folder, 'table-7.tex'), 'utf8')).toMatch(
      /^\\begin\{table\}[\s\S]*\\label\{tab:table-7\}[\s\S]*\\end\{table\}\n$/,
    );
    // A figure that is made again of less leaves none of its own files behind.
    for (const name of ['figure-16-afxdp.png', 'figure-16-mine.png', 'figure-1.png'])
      writeFileSync(join(folder, name), '');
    for (const figure of parseFigures('--figure', '16')) await writeFigure(folder, figure, source, draw);
    expect(readdirSync(folder).filter((name) => /^figure-1(6-.*)?\.png$/.test(name))).toEqual([
      'figure-1.png',
      'figure-16-mine.png',
    ]);
  });
});
