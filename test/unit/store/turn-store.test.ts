import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readTurns, TurnStore } from '../../../harness/store/turn-store.js';
import { temporaryFolder } from '../../fakes/folder.js';
import { fakePair, fakeProgramRun, fakeQuestion, fakeTurn } from '../../fakes/turns.js';

it('reads turns of version 7, of the own implementations and of a program', async () => {
  const prologue = fakePair(fakeQuestion());
  const records = [fakeTurn(), fakeTurn({ side: 1, run: fakeProgramRun(1000) })];
  const { folder } = await TurnStore.create(temporaryFolder(), prologue);
  const older = records.map((record) =>
    JSON.stringify(record).replaceAll('"schemaVersion":8', '"schemaVersion":7').replaceAll('"irqCpus":[],', ''),
  );
  writeFileSync(join(folder, 'turns.ndjson'), `${older.join('\n')}\n`);
  const pair = readFileSync(join(folder, 'pair.json'), 'utf8').replace('"schemaVersion": 8', '"schemaVersion": 7');
  writeFileSync(join(folder, 'pair.json'), pair);
  expect(older.join()).not.toMatch(/irqCpus|"schemaVersion":8/);
  expect(await readTurns(folder)).toEqual({ prologue, records });
});
