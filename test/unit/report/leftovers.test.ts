import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { chartsOf } from '../../../harness/report/charts/charts.js';
import { chartFile, figureFile, removeLeftovers, tableFile } from '../../../harness/report/leftovers.js';
import { literature } from '../../../harness/report/literature/literature.js';
import { type Reference, referenceTables } from '../../../harness/report/reference.js';
import { remarkTables } from '../../../harness/report/tables/remark-tables.js';
import { figureTables } from '../../../harness/report/tables/tables.js';
import type { FunctionId } from '../../../model/ids.js';
import { fakeDetail } from '../../fakes/detail.js';
import { temporaryFolder } from '../../fakes/folder.js';
import { fullSummary } from '../../fakes/pages.js';
import { fakeThesis, loadPublished } from '../../fakes/thesis.js';

let published: Reference;
beforeAll(async () => {
  published = await loadPublished();
});

/** Every answer, of two functions and several loads, which stand in names then. */
const summary = () => {
  const { cells, ...rest } = fullSummary();
  const others = cells.flatMap((cell) => [
    { ...cell, functionId: 'expand' as FunctionId, id: `${cell.id} expand` },
    ...(cell.load === 'closed=4' ? [{ ...cell, load: 'closed=16', id: `${cell.id} 16` }] : []),
  ]);
  return { ...rest, cells: [...cells, ...others] };
};

describe('files of a report are known by their names', () => {
  it('charts', () => {
    const whole = summary();
    const details = whole.cells.map((cell) => fakeDetail(cell));
    const names = chartsOf(whole, details, null).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['latency-socket-reverse-closed16-800-1T1Q', 'machine-worst-run']));
    expect(names.filter((name) => !chartFile.test(`${name}.svg`) || !chartFile.test(`${name}-column.pdf`))).toEqual([]);
  });

  it('tables', () => {
    const tables = [...figureTables(summary(), 'full'), ...remarkTables(summary()), ...referenceTables(published)];
    expect(tables.map(({ name }) => `${name}.csv`).filter((name) => !tableFile.test(name))).toEqual([]);
  });

  it('published figures, each by its number', () => {
    const names = literature.flatMap(({ id, make }) => {
      const { pictures, tables } = make({ run: fakeThesis(published), published });
      return [...pictures, ...tables].map(({ name }) => ({ id, name }));
    });
    expect(names.filter(({ id, name }) => !figureFile(id).test(`${name}.svg`))).toEqual([]);
    expect(figureFile('1').test('figure-16.svg')).toBe(false);
  });

  it.each([
    'throughput.png',
    'throughput-live-1T1Q (1).png',
    'throughput-live-1T1Q-annotated.png',
    'my-throughput-live-1T1Q.svg',
    'throughput-live-1T1Q.svg.bak',
    'cost.csv',
    'notes.md',
    'warnings-of-monday.csv',
  ])('%s is the user’s own', (name) => expect([chartFile.test(name), tableFile.test(name)]).toEqual([false, false]));
});

describe('removeLeftovers', () => {
  it('removes what was not written this time, and nothing of another name or kind', async () => {
    const folder = temporaryFolder();
    const names = ['throughput-live-1T1Q.svg', 'throughput-live-2T2Q.svg', 'machine.png', 'throughput.png'];
    for (const name of names) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'matrix-live.svg'));
    await removeLeftovers(folder, chartFile, [join('elsewhere', 'throughput-live-1T1Q.svg')]);
    expect(readdirSync(folder).sort()).toEqual(['matrix-live.svg', 'throughput-live-1T1Q.svg', 'throughput.png']);
  });

  it('has nothing to do where there is no folder', () =>
    expect(removeLeftovers(join(temporaryFolder(), 'charts'), chartFile, [])).resolves.toBeUndefined());
});
