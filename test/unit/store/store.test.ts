import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../common/cli/errors.js';
import { readAttempt } from '../../../harness/store/attempt.js';
import { newRunId, RunStore, readRun } from '../../../harness/store/store.js';
import type { Cell } from '../../../model/cell.js';
import type { Run } from '../../../model/record.js';
import { schemaVersion } from '../../../model/record.js';
import { temporaryFolder } from '../../fakes/folder.js';
import {
  fakeCapacity,
  fakeCompleted,
  fakeFailed,
  fakePrologue,
  fakeRunCell,
  fakeSkipped,
  olderCell,
} from '../../fakes/runs.js';

const cell = fakeRunCell('afxdp', { kind: 'saturate' });
const prologue = fakePrologue([{ state: 'runnable', cell }]);
const runs = [
  fakeCompleted(cell, 1000, { hiccups: { generator: { count: 1, maxNs: 2e6, totalNs: 2e6 } } }),
  fakeSkipped(cell, 'no XDP\nhere'),
];

/** A folder with two records. */
async function stored() {
  const store = await RunStore.create(temporaryFolder(), prologue);
  for (const run of runs) await store.append(run);
  return store.folder;
}

async function errorOf(promise: Promise<unknown>): Promise<BenchError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BenchError)) throw new Error(`not a BenchError: ${error}`);
  return error;
}

describe('RunStore', () => {
  it('gives back what it was given', async () => {
    expect(await readRun(await stored())).toEqual({ prologue, runs });
  });

  it('saves after every run, a line each', async () => {
    const store = await RunStore.create(temporaryFolder(), prologue);
    for (const [index, run] of runs.entries()) {
      expect((await readRun(store.folder)).runs).toHaveLength(index);
      await store.append(run);
    }
    expect(readFileSync(join(store.folder, 'runs.ndjson'), 'utf8').match(/\n/g)).toHaveLength(2);
  });

  it('goes on after the last whole record', async () => {
    const folder = await stored();
    appendFileSync(join(folder, 'runs.ndjson'), `{"schemaVersion":${schemaVersion},"runId"`);
    const store = await RunStore.reopen(folder);
    await store.append({ ...fakeSkipped(cell, 'later'), repeat: 1 });
    expect((await readRun(folder)).runs).toEqual([...runs, { ...fakeSkipped(cell, 'later'), repeat: 1 }]);
  });

  it('has the attempt that is under way in a file until its record is written', async () => {
    const store = await RunStore.create(temporaryFolder(), prologue);
    await store.begin(cell.id, 2);
    expect(await readAttempt(store.folder)).toEqual({
      ...{ cell: cell.id, repeat: 2, startedAt: expect.stringMatching(/^2.*Z$/) },
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    });
    await store.append(fakeSkipped(cell, 'no'));
    expect(await readAttempt(store.folder)).toBeNull();
    await store.begin(cell.id, 3);
    await store.abandon();
    expect(readdirSync(store.folder).sort()).toEqual(['host.json', 'runs.ndjson']);
  });

  it('knows of no attempt whose file was not whole when the power went away', async () => {
    const { folder } = await RunStore.create(temporaryFolder(), prologue);
    for (const text of ['', '{"cell":', '\0\0\0']) {
      writeFileSync(join(folder, 'attempt.json'), text);
      expect(await readAttempt(folder)).toBeNull();
    }
  });

  it('makes folders where they are missing and points `latest` at the newest run', async () => {
    const out = join(temporaryFolder(), 'not', 'yet');
    const older = await RunStore.create(out, { ...prologue, runId: 'older' });
    expect(readlinkSync(join(out, 'latest'))).toBe('older');
    await RunStore.create(out, { ...prologue, runId: 'newer' });
    expect(readlinkSync(join(out, 'latest'))).toBe('newer');
    expect(older.folder).toBe(join(out, 'older'));
    expect(readdirSync(out).sort()).toEqual(['latest', 'newer', 'older']);
    expect((await readRun(join(out, 'latest'))).prologue.runId).toBe('newer');
  });

  it('is not stopped by what a killed process of the same number left', async () => {
    const out = temporaryFolder();
    symlinkSync('nowhere', join(out, `.latest-${process.pid}`));
    await RunStore.create(out, prologue);
    expect(readdirSync(out).sort()).toEqual([prologue.runId, 'latest']);
  });

  it('replaces a `latest` that points nowhere', async () => {
    const out = temporaryFolder();
    await RunStore.create(out, { ...prologue, runId: 'gone' });
    rmSync(join(out, 'latest'));
    symlinkSync('nowhere', join(out, 'latest'));
    await RunStore.create(out, prologue);
    expect(lstatSync(join(out, 'latest')).isSymbolicLink()).toBe(true);
    expect(readlinkSync(join(out, 'latest'))).toBe(prologue.runId);
  });
});

describe('readRun', () => {
  it('loses no more than half a last line', async () => {
    const folder = await stored();
    appendFileSync(join(folder, 'runs.ndjson'), '{"schemaVersion":1,"sta');
    expect((await readRun(folder)).runs).toEqual(runs);
  });

  it('of a run that was killed at once has no records', async () => {
    const { folder } = await RunStore.create(temporaryFolder(), prologue);
    expect((await readRun(folder)).runs).toEqual([]);
  });

  const spoil = (name: string, text: string) => (folder: string) => writeFileSync(join(folder, name), text);
  it.each<[string, (folder: string) => void, string, RegExp]>([
    [
      'a later schema',
      spoil('host.json', `{"schemaVersion":${schemaVersion + 1}}`),
      'SCHEMA',
      /host\.json has records of version \d+: report them with the commit that wrote them, see host\.json/,
    ],
    [
      'an older schema',
      spoil('host.json', '{"schemaVersion":5}'),
      'SCHEMA',
      /of version 5: report them with the commit/,
    ],
    ['no schema', spoil('host.json', '{}'), 'BAD_RECORD', /host\.json has no schemaVersion$/],
    [
      'a prologue without a plan',
      spoil('host.json', `{"schemaVersion":${schemaVersion},"runId":"a","startedAt":"b"}`),
      'BAD_RECORD',
      /host\.json does not tell of a run: scenario: expected object, received undefined$/,
    ],
    ['half a prologue', spoil('host.json', '{"schemaVer'), 'BAD_RECORD', /host\.json is not JSON$/],
    ['an empty prologue', spoil('host.json', ''), 'BAD_RECORD', /host\.json is not JSON$/],
    ['a spoilt record', spoil('runs.ndjson', 'x\n{}\n'), 'BAD_RECORD', /runs\.ndjson line 1 is not JSON$/],
    ['a foreign record', spoil('runs.ndjson', '{"a":1}\n'), 'BAD_RECORD', /runs\.ndjson line 1 has no schemaVersion$/],
    ['a record of nothing', spoil('runs.ndjson', 'null\n'), 'BAD_RECORD', /runs\.ndjson line 1 is no record$/],
  ])('refuses %s', async (_, act, code, message) => {
    const folder = await stored();
    act(folder);
    const error = await errorOf(readRun(folder));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });

  /** A record as JSON in which one value, by its path, is another, or is missing. */
  const damaged = (path: string, value?: unknown) => {
    const run: Record<string, unknown> = structuredClone({
      ...fakeCompleted(cell, 1000, { capacity: fakeCapacity() }),
    });
    const names = path.split('.');
    const last = names.pop() as string;
    const holder = names.reduce((at, name) => at[name] as Record<string, unknown>, run);
    holder[last] = value;
    return JSON.stringify(run);
  };
  it.each<[string, string, RegExp]>([
    ['no cell', damaged('cell'), /cell: expected object, received undefined$/],
    ['a state of its own', damaged('state', 'half'), /state: /],
    ['no ledger', damaged('ledger'), /ledger: expected object, received undefined$/],
    ['a text for a number', damaged('ledger.sent', '9'), /ledger\.sent: expected number, received string$/],
    ['half a window', damaged('windows.0.replied'), /windows\.0\.replied: expected number/],
    ['no counters', damaged('counters', null), /counters: expected object, received null$/],
    ['another load', damaged('cell.load', { kind: 'burst' }), /cell\.load\.kind: /],
    ['half a capacity', damaged('capacity.ndr.boundBy'), /capacity\.ndr\.boundBy: /],
    ['an older version', damaged('schemaVersion', 5), /version 5: report them with the commit/],
  ])('refuses a damaged line with its number and what it lacks: %s', async (_, line, message) => {
    const folder = await stored();
    appendFileSync(join(folder, 'runs.ndjson'), `${line}\n`);
    const error = await errorOf(readRun(folder));
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`runs.ndjson line ${runs.length + 1} `);
    expect(error.message).not.toContain('\n');
  });

  it('takes counters and fields that it does not know as they are', async () => {
    const folder = await stored();
    const odd = damaged('samples', [{ source: 'generator', later: 1 }]);
    appendFileSync(join(folder, 'runs.ndjson'), `${odd}\n`);
    expect((await readRun(folder)).runs.at(-1)).toEqual(JSON.parse(odd));
  });

  it('lifts records of version 6', async () => {
    const { folder } = await RunStore.create(temporaryFolder(), prologue);
    /** Settings were no part of a cell. */
    const bare = ({ settings: _, variant: __, ...rest }: Cell) => olderCell(rest as Cell);
    const older = (run: Run, changes: object = {}) => ({
      ...run,
      schemaVersion: 6,
      cell: bare(run.cell),
      ...changes,
    });
    const { variants: _, cpus: __, pinned: ___, ...scenario } = prologue.scenario;
    const plan = prologue.plan.map((planned) => ({ ...planned, cell: bare(planned.cell) }));
    const capacity = {
      ndr: { perSecond: 1000, low: 990, high: 1010 },
      pdr: null,
      ...{ boundBy: 'generator', trials: 12, pieces: 40, piecesSpoilt: 3, slowedRatio: 0.1, timedOut: false },
    };
    const { ndr } = capacity;
    const pdrOnly = { ...capacity, ndr: null, pdr: { perSecond: 1100, low: 1100, high: 1100 }, timedOut: true };
    const written = [
      older(fakeCompleted(cell, 1000), { capacity: { ...capacity, pdr: { ...ndr, perSecond: 1005 } } }),
      older(fakeCompleted(cell, 1000), { capacity: pdrOnly }),
      older(fakeCompleted(cell, 1000)),
      older(fakeSkipped(cell, 'no XDP')),
      older(fakeFailed(cell, 'PROBE', 'no answer')),
    ];
    writeFileSync(join(folder, 'host.json'), JSON.stringify({ ...prologue, scenario, plan, schemaVersion: 6 }));
    writeFileSync(join(folder, 'runs.ndjson'), written.map((run) => `${JSON.stringify(run)}\n`).join(''));
    const read = await readRun(folder);
    expect(read.prologue).toEqual({ ...prologue, schemaVersion });
    expect(read.runs.map((run) => run.schemaVersion)).toEqual(written.map(() => schemaVersion));
    expect(read.runs.map((run) => run.cell)).toEqual(written.map(() => cell));
    expect(read.runs.map((run) => run.state === 'completed' && run.capacity)).toEqual([
      {
        ndr: { perSecond: 1000, failedPerSecond: 1010, boundBy: 'generator' },
        pdr: { perSecond: 1005, failedPerSecond: 1010, boundBy: 'server' },
        ...{ trials: 12, pieces: 40, piecesRepeated: 0, timedOut: false },
      },
      {
        ndr: null,
        pdr: { perSecond: 1100, failedPerSecond: null, boundBy: 'generator' },
        ...{ trials: 12, pieces: 40, piecesRepeated: 0, timedOut: true },
      },
      null,
      false,
      false,
    ]);
  });

  it('lifts records of version 7', async () => {
    const { folder } = await RunStore.create(temporaryFolder(), prologue);
    /** Interrupts were no part of a placement, and CPUs those of all but the generator. */
    const older = (of: Cell) => {
      const { irqCpus: _, clientHousekeepingCpu: __, ...placement } = olderCell(of).placement;
      return { ...of, placement };
    };
    const { pinned: _, ...scenario } = { ...prologue.scenario, cpus: [1, 2], generatorCpus: [2] };
    const plan = prologue.plan.map((planned) => ({ ...planned, cell: older(planned.cell) }));
    const line = { ...fakeCompleted(cell, 1000), schemaVersion: 7, cell: older(cell) };
    writeFileSync(join(folder, 'host.json'), JSON.stringify({ ...prologue, scenario, plan, schemaVersion: 7 }));
    writeFileSync(join(folder, 'runs.ndjson'), `${JSON.stringify(line)}\n`);
    const cpus = { any: [1, 2], server: null, client: [2], irq: null };
    expect(await readRun(folder)).toEqual({
      prologue: { ...prologue, scenario: { ...prologue.scenario, cpus } },
      runs: [fakeCompleted(cell, 1000)],
    });
  });

  it('refuses a damaged record of version 6 as any other', async () => {
    const folder = await stored();
    const line = JSON.stringify({ ...JSON.parse(damaged('capacity', 1)), schemaVersion: 6 });
    appendFileSync(join(folder, 'runs.ndjson'), `${line}\n`);
    expect((await errorOf(readRun(folder))).message).toMatch(/line 3 is no record of a run: capacity: expected object/);
  });

  it.each([
    ['a folder that is missing', (folder: string) => join(folder, 'none')],
    ['another folder', (folder: string) => folder],
    [
      'a file',
      (folder: string) => {
        writeFileSync(join(folder, 'file'), '');
        return join(folder, 'file');
      },
    ],
  ])('refuses %s in one line that names it', async (_, place) => {
    const folder = place(temporaryFolder());
    const error = await errorOf(readRun(folder));
    expect([error.code, error.message]).toEqual([
      'NO_RUN',
      `${folder} is no folder of a run: cannot read its host.json`,
    ]);
  });

  it('refuses a folder without records', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'run', 'host.json'), JSON.stringify(prologue));
    expect((await errorOf(readRun(join(folder, 'run')))).message).toMatch(/cannot read its runs\.ndjson$/);
  });
});

describe('newRunId', () => {
  it('is the time in UTC and something of its own', () => {
    const now = new Date('2026-11-22T09:43:00.123Z');
    expect(newRunId(now)).toMatch(/^20261122-094300-[0-9a-f]{4}$/);
    expect(new Set(Array.from({ length: 20 }, () => newRunId(now))).size).toBeGreaterThan(1);
  });

  it('sorts by time', () => {
    const [earlier, later] = ['2026-09-30T23:59:59Z', '2026-10-01T00:00:00Z'].map((time) => newRunId(new Date(time)));
    expect([later, earlier].sort()).toEqual([earlier, later]);
  });
});
