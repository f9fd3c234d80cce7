import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readTurns, TurnStore } from '../../../harness/store/turn-store.js';
import { temporaryFolder } from '../../fakes/folder.js';
import { olderCell } from '../../fakes/runs.js';
import { fakePair, fakeProgramRun, fakeQuestion, fakeTurn } from '../../fakes/turns.js';

it('reads turns of version 7, of the own implementations and of a program', async () => {
  const prologue = fakePair(fakeQuestion());
  const records = [fakeTurn(), fakeTurn({ side: 1, run: fakeProgramRun(1000) })];
  const { folder } = await TurnStore.create(temporaryFolder(), prologue);
  const older = records.map(({ run, ...record }) => {
    if (!('cell' in run)) return { ...record, run, schemaVersion: 7 };
    const { irqCpus: _, ...placement } = olderCell(run.cell).placement;
    return { ...record, schemaVersion: 7, run: { ...run, schemaVersion: 7, cell: { ...run.cell, placement } } };
  });
  writeFileSync(join(folder, 'turns.ndjson'), older.map((record) => `${JSON.stringify(record)}\n`).join(''));
  writeFileSync(join(folder, 'pair.json'), JSON.stringify({ ...prologue, schemaVersion: 7 }));
  expect(await readTurns(folder)).toEqual({ prologue, records });
});
