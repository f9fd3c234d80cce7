import { appendFileSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NightJournal, parseJournal } from '../../../harness/night/journal.js';
import type { NightRequest } from '../../../harness/question/nightly-options.js';
import { temporaryFolder } from '../../fakes/folder.js';

const request: NightRequest = {
  scenario: { path: 'scenarios/nightly-short.yaml', of: 'package' },
  ...{ place: {}, controls: 3, budgetNs: null, history: null, against: { kind: 'none' }, publish: null, accept: [] },
};
const begin = (out: string) => NightJournal.begin(out, request, 'abc');
const fileOf = ({ folder }: NightJournal) => join(folder, 'night.ndjson');

describe('the journal of a night', () => {
  it('says after a kill what was done and what was under way', async () => {
    const out = join(temporaryFolder(), 'not', 'yet');
    const journal = await begin(out);
    await journal.begun('run');
    await journal.ended('run', { code: 1, said: ['one cell failed'] });
    await journal.begun('control');
    const read = await NightJournal.newest(out);
    expect(read?.folder).toBe(journal.folder);
    expect(read?.state).toEqual(journal.state);
    expect(read?.state).toMatchObject({
      head: { digest: 'abc', request },
      steps: { run: { state: 'ended', code: 1, said: ['one cell failed'] }, control: { state: 'under way' } },
      finished: null,
    });
    await read?.finish(1);
    expect((await NightJournal.newest(out))?.state.finished).toBe(1);
  });

  it('knows a step that the machine went down in by its boot', async () => {
    const out = temporaryFolder();
    const journal = await begin(out);
    await journal.begun('control');
    const text = readFileSync(fileOf(journal), 'utf8');
    expect(parseJournal(text, 'j', 'another')?.steps.control).toEqual({ state: 'down' });
    await journal.ended('control', { code: 0, said: [] });
    expect(parseJournal(readFileSync(fileOf(journal), 'utf8'), 'j', 'another')?.steps.control.state).toBe('ended');
  });

  it('does a step again that its user interrupted, also after another boot', async () => {
    const journal = await begin(temporaryFolder());
    await journal.begun('control');
    await journal.interrupted('control');
    expect(journal.state.steps.control).toEqual({ state: 'interrupted' });
    expect(parseJournal(readFileSync(fileOf(journal), 'utf8'), 'j', 'another')?.steps.control).toEqual({
      state: 'interrupted',
    });
  });

  it('goes on after the last whole line', async () => {
    const out = temporaryFolder();
    const journal = await begin(out);
    await journal.begun('run');
    appendFileSync(fileOf(journal), '{"kind":"ended","step":"run"');
    const read = await NightJournal.newest(out);
    expect(read?.state.steps.run).toEqual({ state: 'under way' });
    await read?.ended('run', { code: 0, said: [] });
    expect((await NightJournal.newest(out))?.state.steps.run.state).toBe('ended');
  });

  it('is that of the newest night', async () => {
    const out = temporaryFolder();
    const [older, newer] = [await begin(out), join(out, '29991231-235959-ffff')];
    mkdirSync(newer);
    // The power went away before its first line was on the disk: there is no such night.
    for (const text of ['', '{"kind":"night"']) {
      writeFileSync(join(newer, 'night.ndjson'), text);
      expect((await NightJournal.newest(out))?.folder).toBe(older.folder);
    }
    expect(readlinkSync(join(out, 'latest'))).toBe(older.state.head.nightId);
    expect(await NightJournal.newest(join(out, 'nowhere'))).toBeNull();
  });

  it.each([
    ['{"kind":"night"', 1, 'is not JSON'],
    ['{"kind":"begun","step":"run"}', 1, 'does not begin a night'],
    ['{"kind":"night","journalVersion":9}', 1, 'is of version 9, this program reads version 1'],
    ['{"kind":"night","journalVersion":1}\n{"kind":"begun","step":"dance"}', 2, 'is no step of a night'],
    ['{"kind":"night","journalVersion":1}\n\0\0', 2, 'is not JSON'],
  ])('names the line of %j', (text, line, why) => {
    expect(() => parseJournal(`${text}\n`, 'night.ndjson', 'b')).toThrow(`night.ndjson line ${line} ${why}`);
  });
});
