import { appendFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addNight, appendEvents, machinesOf, readHistory } from '../../../harness/store/history.js';
import { aloneWith } from '../../../harness/store/history-lock.js';
import { type HistoryEvent, historyVersion, type Night } from '../../../model/night.js';
import { temporaryFolder } from '../../fakes/folder.js';
import { fakeNight, fakeNightCell, fakeNights, fakePair } from '../../fakes/nights.js';

const machine = '0123abcd';
const withdrawn = (runId: string): HistoryEvent => ({
  ...{ historyVersion, at: '2026-02-01T08:00:00.000Z', reason: 'a cable was loose', kind: 'withdrawn', runId },
});

async function stored(count = 2) {
  const folder = temporaryFolder();
  const nights = fakeNights({ nights: count, cells: 3, seed: 5 });
  const files: string[] = [];
  for (const night of nights) files.push(await addNight(folder, night));
  return { folder, nights, files };
}

describe('a history', () => {
  it('gives back what it was given, the oldest first', async () => {
    const folder = temporaryFolder();
    const cell = fakeNightCell(0, [], { state: 'skipped', reason: 'no such thing' });
    const nights = [
      ...fakeNights({ nights: 2, cells: 3, seed: 5 }),
      fakeNight(2, [cell], { turns: [fakePair(cell.cell, 1)], report: '../run', bootId: null }),
    ];
    for (const night of [...nights].reverse()) await addNight(folder, night);
    await appendEvents(folder, machine, [withdrawn('a')]);
    await appendEvents(folder, machine, [withdrawn('b'), withdrawn('c')]);
    expect(await machinesOf(folder)).toEqual([machine]);
    expect(await readHistory(folder, machine)).toEqual({
      ...{ machine, nights, events: ['a', 'b', 'c'].map(withdrawn) },
    });
    expect(readdirSync(join(folder, machine)).sort()).toEqual([
      ...nights.map(({ runId }) => `${runId}.ndjson`),
      'events.ndjson',
    ]);
  });

  it('never writes over a night, and leaves nothing behind', async () => {
    const { folder, nights, files } = await stored(1);
    const before = readFileSync(files[0] as string, 'utf8');
    await expect(addNight(folder, { ...(nights[0] as (typeof nights)[0]), commit: 'other' })).rejects.toThrow(
      '(EEXIST)',
    );
    expect(readFileSync(files[0] as string, 'utf8')).toBe(before);
    expect(readdirSync(join(folder, machine))).toHaveLength(1);
  });

  it('is written to whatever a command that was killed has left', async () => {
    const { folder } = await stored(1);
    writeFileSync(join(folder, machine, 'events.ndjson.new'), '{"half');
    await appendEvents(folder, machine, [withdrawn('a')]);
    expect((await readHistory(folder, machine)).events).toEqual([withdrawn('a')]);
    expect(readdirSync(join(folder, machine))).not.toContain('events.ndjson.new');
  });

  it('belongs to one at a time, by whatever name its folder is called', async () => {
    const { folder } = await stored(1);
    const other = join(temporaryFolder(), 'link');
    symlinkSync(folder, other);
    const said: string[] = [];
    const work = (name: string) => async () => {
      said.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      said.push(`${name} ends`);
    };
    await Promise.all([aloneWith(folder, machine, work('one')), aloneWith(other, machine, work('other'))]);
    expect(said).toEqual(['one begins', 'one ends', 'other begins', 'other ends']);
    await expect(aloneWith(folder, machine, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await aloneWith(folder, machine, work('third'));
    expect(said.at(-1)).toBe('third ends');
  });

  it.each(['', ' ', '../../out', '20260101-020000-3f9a/..', '3f9a', '20260101-020000-3f9a\n'])(
    'takes no night of the run %j',
    async (runId) => {
      const { folder, nights } = await stored(1);
      const before = readdirSync(folder, { recursive: true });
      const error = await addNight(folder, { ...(nights[0] as Night), runId }).catch((caught: Error) => caught);
      expect(error).toMatchObject({ name: 'UsageError', message: expect.stringMatching(/ is no id of a run: /) });
      expect(readdirSync(folder, { recursive: true })).toEqual(before);
    },
  );

  it('has no nights of a machine that it does not know', async () => {
    const { folder } = await stored(1);
    expect(await readHistory(folder, 'another')).toEqual({ machine: 'another', nights: [], events: [] });
  });
});

describe('a history that is none', () => {
  it('is missing', async () => {
    await expect(machinesOf('/nowhere')).rejects.toThrow('--history: /nowhere is no folder of a history (ENOENT)');
  });

  it('is empty', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, machine));
    await expect(machinesOf(folder)).rejects.toThrow('has no night yet');
  });
});

/** Changes the text of the first night. */
const damages: [string, (text: string) => string, RegExp][] = [
  ['empty', () => '', / is empty$/],
  ['cut within a line', (text) => text.slice(0, -5), / line 4 has no end: it was cut short$/],
  [
    'cut between lines',
    (text) => `${text.split('\n').slice(0, 3).join('\n')}\n`,
    / line 1 promises 3 cells .* but 2 and 0/,
  ],
  ['no JSON', (text) => text.replace('{"kind":"cell"', '{kind'), / line 2 is not JSON$/],
  ['a number', (text) => text.replace(/\n.*\n/, '\n7\n'), / line 2 is no record$/],
  [
    'of a wrong figure',
    (text) => text.replace(/"level":\d+(\.\d+)?/, '"level":0'),
    / line 2 is no line of a night: figures/,
  ],
  [
    'without a beginning',
    (text) => text.replace('"kind":"night"', '"kind":"cell"'),
    / line 1 is no beginning of a night/,
  ],
  ['of a newer version', (text) => text.replace('"historyVersion":1', '"historyVersion":2'), / line 1 is of version 2/],
  ['of another machine', (text) => text.replace(machine, 'fedcba98'), / line 1 is of the machine fedcba98, not of/],
  ['of another run', (text) => text.replace('020000-3f9a', '030000-3f9a'), / line 1 is of the run 20260101-030000/],
];

describe('a damaged night', () => {
  it.each(damages)('%s is told with file and line, and stays', async (_, damage, message) => {
    const { folder, files } = await stored();
    const file = files[0] as string;
    const text = damage(readFileSync(file, 'utf8'));
    writeFileSync(file, text);
    const error = await readHistory(folder, machine).catch((caught: Error) => caught);
    expect(error).toMatchObject({ name: 'UsageError', message: expect.stringMatching(message) });
    expect((error as Error).message).toContain(file);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it.each([
    ['{"half', / line 2 has no end/],
    ['{}\n', / line 2 is no event/],
  ])('an event %j', async (line, message) => {
    const { folder } = await stored(1);
    await appendEvents(folder, machine, [withdrawn('a')]);
    appendFileSync(join(folder, machine, 'events.ndjson'), line);
    await expect(readHistory(folder, machine)).rejects.toThrow(message);
  });
});
