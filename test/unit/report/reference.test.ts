import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadReference, parseLines, parsePercentiles, referenceTables } from '../../../harness/report/reference.js';

const directory = join(import.meta.dirname, '../../../results/reference');

describe('loadReference', () => {
  it('reads the published tables with their corrections', async () => {
    const { throughput, latency } = await loadReference(directory, 'thesis');
    expect(throughput.mbit).toHaveLength(12);
    expect(throughput.kpps).toHaveLength(12);
    const line = (measure: 'mbit' | 'kpps', threads: number, queues: number) =>
      throughput[measure].find(
        (candidate) =>
          candidate.implementation === 'recvmmsg' && candidate.threads === threads && candidate.queues === queues,
      );
    expect(line('kpps', 2, 2)).toMatchObject({ note: '400-byte value corrected' });
    expect(new Map(line('kpps', 2, 2)?.values).get(400)).toBe(734);
    expect(line('mbit', 8, 4)).toMatchObject({ note: 'derived' });
    expect(new Map(line('mbit', 8, 4)?.values).get(1400)).toBe(8355);
    expect(
      latency.map(({ implementation, percentile, microseconds }) => [implementation, percentile, microseconds]),
    ).toEqual([
      ['recvfrom', '50', 30],
      ['recvmmsg', '50', 34],
      ['afxdp', '50', 22],
      ['afxdp', '90', null],
    ]);
  });

  it('has packet rates that agree with the throughput within 5 %, where no note says otherwise', async () => {
    const { throughput } = await loadReference(directory, 'thesis');
    throughput.kpps.forEach(({ values }, index) => {
      const mbit = new Map(throughput.mbit[index]?.values);
      for (const [size, kpps] of values) expect((kpps * size * 8) / 1000 / (mbit.get(size) ?? 0)).toBeCloseTo(1, 1);
    });
  });

  it('makes tables that name the source and the other hardware', async () => {
    const tables = referenceTables(await loadReference(directory, 'thesis'));
    expect(tables).toHaveLength(3);
    for (const { title } of tables) expect(title).toContain('Published figures, other hardware (Gerling 2018)');
    expect(tables[0]?.notes).toContain('recvmmsg 8T4Q: derived.');
  });

  it('rejects where a file is missing', async () => {
    await expect(loadReference(join(directory, 'nowhere'), 'thesis')).rejects.toThrow('ENOENT');
  });
});

describe('parseLines', () => {
  const head = 'implementation,threads,queues,200,1400,note';
  it('skips comments and empty lines, leaves out empty figures', () => {
    expect(parseLines(`# about\n${head}\n\nafxdp,1,2,100,,x\n`)).toEqual([
      { implementation: 'afxdp', threads: 1, queues: 2, values: [[200, 100]], note: 'x' },
    ]);
  });

  it.each([
    { name: 'too few values', text: `${head}\nafxdp,1,1,100`, message: 'expected 6 unquoted values' },
    { name: 'quotes', text: `${head}\nafxdp,1,1,100,200,"x"`, message: 'expected 6 unquoted values' },
    { name: 'a word for a figure', text: `${head}\nafxdp,1,1,many,200,`, message: 'not a whole number: many' },
    { name: 'no threads', text: 'implementation,200\nafxdp,100', message: 'not a whole number: nothing' },
  ])('throws for $name', ({ text, message }) => {
    expect(() => parseLines(text)).toThrow(message);
  });
});

describe('parsePercentiles', () => {
  it('keeps a percentile that is known only in words', () => {
    expect(parsePercentiles('implementation,percentile,microseconds,note\nafxdp,90,,lower\n')).toEqual([
      { implementation: 'afxdp', percentile: '90', microseconds: null, note: 'lower' },
    ]);
  });
});
