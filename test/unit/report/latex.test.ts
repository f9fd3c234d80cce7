import { describe, expect, it } from 'vitest';
import { latexText, renderLatex, renderTable } from '../../../harness/report/latex.js';
import { type Table, textCell } from '../../../harness/report/table.js';
import { tableCsv } from '../../../harness/report/table-csv.js';
import { remarkTables } from '../../../harness/report/tables/remark-tables.js';
import { figureTables } from '../../../harness/report/tables/tables.js';
import {
  cellWithout,
  fakeCapacityCell,
  fakeCell,
  fakeLatencyCell,
  fakeLevelsCell,
  fakeRateCell,
  fakeRestCell,
  fakeSummary,
} from '../../fakes/summary.js';

const oneByOne = { threads: 1, queues: 1 };
const hostile = '50 % of $x_1 & {y} #2 ~ ^ \\end{table} <a|b> "c" — naïve 中';
const summary = fakeSummary({
  cells: [
    ...(['recvmmsg', 'afxdp'] as const).flatMap((impl) => [
      fakeCell(impl, oneByOne, 200, impl === 'afxdp' ? 1.3e6 : 4e5),
      fakeCapacityCell(impl),
      fakeLatencyCell(impl),
      fakeRateCell(impl),
      fakeLevelsCell(impl),
      fakeRestCell(impl),
    ]),
    cellWithout(fakeCell('xdp', oneByOne, 200, 1), 'skipped', hostile),
  ],
});

const table = (rows: number): Table => ({
  ...{ name: 'a b', title: 'T', notes: [], content: 'figures' },
  columns: [
    { heading: '', align: 'left' },
    { heading: '200', align: 'right' },
  ],
  rows: Array.from({ length: rows }, (_, row) => [textCell(`row ${row}`), textCell('1')]),
});

describe('report.tex', () => {
  const text = renderLatex(summary, null);

  it('is as it was', () => expect(text).toMatchFileSnapshot('golden/report.tex'));

  it('needs booktabs only, and closes what it opens', () => {
    expect(text.match(/\\usepackage.*/g)).toEqual(['\\usepackage{booktabs}']);
    const open: string[] = [];
    for (const [, what, name] of text.matchAll(/\\(begin|end)\{(\w+)\}/g)) {
      if (what === 'begin') open.push(name as string);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
    expect(text.match(/(?<!\\)\{/g)).toHaveLength(text.match(/(?<!\\)\}/g)?.length as number);
  });

  it('has every table of the report once, each with its caption and label', () => {
    const names = [...figureTables(summary, 'full'), ...remarkTables(summary)].map(({ name }) => name);
    expect([...text.matchAll(/\\label\{tab:(.*)\}/g)].map(([, name]) => name)).toEqual(names);
    expect(text.match(/\\caption\{/g)).toHaveLength(names.length);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has as many cells in a row as it has columns', () => {
    for (const [, spec = '', body = ''] of text.matchAll(/\\begin\{tabular\}\{(.*)\}\n([\s\S]*?)\\end\{tabular\}/g)) {
      const columns = spec.replace(/p\{[^}]*\}/g, 'p').length;
      const rows = body.split('\n').filter((line) => line.endsWith('\\\\'));
      expect(rows.map((row) => row.match(/(?<!\\)&/g)?.length ?? 0)).toEqual(rows.map(() => columns - 1));
    }
  });

  it('goes on in another table where a page ends', () => {
    const long = renderTable(table(50));
    expect(long.match(/\\label.*/g)).toEqual(['\\label{tab:a-b}', '\\label{tab:a-b-2}', '\\label{tab:a-b-3}']);
    expect(long.match(/row \d+/g)).toHaveLength(50);
    expect(renderTable(table(0)).match(/\\begin\{table\}/g)).toHaveLength(1);
  });
});

describe('latexText', () => {
  it.each([
    ['50 % & $5 #1 a_b {x}', '50 \\% \\& \\$5 \\#1 a\\_b \\{x\\}'],
    ['\\input{x} ^~', '\\textbackslash{}input\\{x\\} \\textasciicircum{}\\textasciitilde{}'],
    ['≥3 µs 1–2', '$\\geq$3 $\\mu$s 1--2'],
    ['Intel(R) Größe', 'Intel(R) Größe'],
    ['中\u0007\n', 'U+4E2D  '],
  ])('prints %j as it is', (text, expected) => expect(latexText(text)).toBe(expected));
});

describe('tables/*.csv', () => {
  it('are as they were', async () => {
    const tables = [...figureTables(summary, 'full'), ...remarkTables(summary)];
    const text = tables.map((one) => `${one.name}.csv\n${tableCsv(one)}`).join('\n');
    await expect(text).toMatchFileSnapshot('golden/tables.csv');
  });

  it('quote what would end a field', () => {
    const cell = { value: 'a,"b"\nc', detail: '', emphasis: 'plain' as const };
    expect(tableCsv({ ...table(0), rows: [[cell, textCell('1')]] })).toBe('name,200\n"a,""b""\nc",1\n');
  });

  it('have their headings without a row', () => expect(tableCsv(table(0))).toBe('name,200\n'));
});
