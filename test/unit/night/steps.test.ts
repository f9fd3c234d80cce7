import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NightJournal } from '../../../harness/night/journal.js';
import { Night } from '../../../harness/night/steps.js';
import { readScenario } from '../../../harness/question/scenario.js';
import { readRun } from '../../../harness/store/store.js';
import { temporaryFolder } from '../../fakes/folder.js';
import { Captured } from '../../fakes/streams.js';

const sources = { readFile: (path: string) => readFileSync(path, 'utf8'), randomSeed: () => 1 };

/** A night of one cell, which a user cannot measure: a record says so. */
async function night() {
  const path = join(temporaryFolder(), 'one.yaml');
  writeFileSync(path, 'name: one\nimplementations: [recvmmsg]\nsizes: 200\nloads: [none]\nrepeats: 1\n');
  const question = readScenario({ scenario: path }, sources);
  const rest = { controls: 1, budgetNs: null, history: null, publish: null, accept: [], place: {} };
  const request = { scenario: { path, of: 'user' as const }, ...rest, against: { kind: 'none' as const } };
  const journal = await NightJournal.begin(temporaryFolder(), request, 'x');
  const [stdout, stderr] = [new Captured(), new Captured()];
  const interrupt = new AbortController().signal;
  const surroundings = { stdout, stderr, interrupt, environment: {}, privileges: 'user' as const };
  return { journal, stderr, measure: () => new Night(journal, question, null, surroundings).measure() };
}

describe('a step that was begun earlier', () => {
  it.each([
    ['a prologue that is cut off', { 'host.json': '{"schemaVersion":', 'runs.ndjson': '' }, /host\.json is not JSON/],
    ['no prologue', {}, /is no folder of a run: cannot read its host\.json/],
  ])('with %s is made anew beside it, which is said', async (_, files: Record<string, string>, message) => {
    const { journal, stderr, measure } = await night();
    const run = join(journal.folder, 'run');
    const damaged = join(run, '20260101-020000-3f9a');
    mkdirSync(damaged, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(damaged, name), text);
    await journal.begun('run');
    const ending = await measure();
    expect(ending).toMatchObject({ outcome: 'unfit', said: expect.arrayContaining([expect.stringMatching(message)]) });
    const [told = ''] = stderr.lines;
    expect(told).toMatch(message);
    expect(told).toContain(damaged);
    for (const [name, text] of Object.entries(files)) expect(readFileSync(join(damaged, name), 'utf8')).toBe(text);
    const [made = ''] = readdirSync(run).filter((name) => name !== 'latest' && !damaged.endsWith(name));
    expect((await readRun(join(run, made))).runs).toMatchObject([{ state: 'skipped' }]);
  });
});
