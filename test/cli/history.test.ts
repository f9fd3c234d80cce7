import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../harness/history-command.js';
import { addNight, appendEvents } from '../../harness/store/history.js';
import { aloneWith } from '../../harness/store/history-lock.js';
import { RunStore } from '../../harness/store/store.js';
import { historyVersion, type Night } from '../../model/night.js';
import { temporaryFolder } from '../fakes/folder.js';
import { fakeNights, runIdOf } from '../fakes/nights.js';
import { fakeCompleted, fakeRunCell, plannedPrologue } from '../fakes/runs.js';
import { Captured } from '../fakes/streams.js';

const now = '2026-12-01T08:00:00.000Z';
const files: Record<string, string> = {
  '/etc/machine-id': 'fedcba9876543210fedcba9876543210\n',
  '/proc/stat': 'cpu 1 2 3\nbtime 1700000000\n',
  '/proc/sys/kernel/random/boot_id': 'b0b0b0b0-1111-2222-3333-444444444444\n',
};
const temporaryEmpty = 'an empty folder';
/** Of the runs that the tests make. */
const { cpuModel } = plannedPrologue({}).host;

async function history(argv: string[], changes: { cpuModel?: string; machineId?: string } = {}) {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const readText = (path: string) => {
    const text = path === '/etc/machine-id' ? (changes.machineId ?? files[path]) : files[path];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  };
  const code = await main(argv, {
    ...{ stdout, stderr, environment: {}, readText, cpuModel: changes.cpuModel ?? cpuModel },
    now: () => new Date(now),
  });
  return { code, stdout, stderr };
}

/** The folder of a run of two cells, three repeats each. */
async function recorded(runId: string, startedAt: string, changes: { state?: 'skipped'; cpuModel?: string } = {}) {
  const planned = plannedPrologue({ impls: 'recvmmsg,afxdp', load: 'saturate', sizes: '200', repeats: '3' });
  const host = { ...planned.host, cpuModel: changes.cpuModel ?? cpuModel };
  const prologue = { ...planned, runId, startedAt, host };
  const store = await RunStore.create(temporaryFolder(), prologue);
  for (const repeat of [0, 1, 2])
    for (const { cell } of prologue.plan) {
      const run = fakeCompleted(cell, 200_000 + repeat, { runId, repeat });
      const { schemaVersion } = run;
      const skipped = {
        schemaVersion,
        runId,
        cell,
        repeat,
        startedAt,
        state: 'skipped',
        reason: 'no such card',
      } as const;
      await store.append(changes.state === 'skipped' ? skipped : run);
    }
  return store.folder;
}

const first = () => recorded('20261128-020000-51aa', '2026-11-28T02:00:00.000Z');

/** Everything in a history, with what is in it. */
const contents = (folder: string): unknown =>
  readdirSync(folder, { withFileTypes: true }).map((entry) =>
    entry.isDirectory()
      ? [entry.name, contents(join(folder, entry.name))]
      : [entry.name, readFileSync(join(folder, entry.name), 'utf8')],
  );

/** A history of this many nights of the machine `m`, the last three of which are a tenth slower in the cell of xdp. */
async function stepped(count = 43) {
  const folder = temporaryFolder();
  const course = (cell: number, night: number) => (cell === 5 && night >= count - 3 ? 0.9 : 1);
  for (const night of fakeNights({ nights: count, cells: 6, seed: 7, course }))
    await addNight(folder, { ...night, machine: 'm' });
  return folder;
}

describe('npm run history -- add', () => {
  it('takes a run in, which list then shows', async () => {
    const folder = join(temporaryFolder(), 'new', 'history');
    const run = await first();
    const added = await history(['add', run, '--history', folder]);
    expect([added.code, added.stderr.text]).toEqual([0, '']);
    const [machine = ''] = readdirSync(folder);
    expect(machine).toMatch(/^[0-9a-f]{8}$/);
    expect(added.stdout.lines).toEqual([
      `Added 20261128-020000-51aa, 2 cells, 4 figures, complete: ${folder}/${machine}/20261128-020000-51aa.ndjson`,
      'Its verdict: npm run history -- judge',
    ]);
    const [line = ''] = readFileSync(join(folder, machine, '20261128-020000-51aa.ndjson'), 'utf8').split('\n');
    expect(JSON.parse(line)).toMatchObject({
      kind: 'night',
      machine,
      bootId: files['/proc/sys/kernel/random/boot_id']?.trim(),
    });
    expect(line).not.toContain('fedcba98');

    const listed = await history(['list', '--history', folder]);
    expect(listed.code).toBe(0);
    expect(listed.stdout.text).toContain(`Nights of ${machine}`);
    expect(listed.stdout.text).toMatch(/20261128-020000-51aa .* 2 of 2/);
    const json = await history(['list', '--history', folder, '--json']);
    expect(JSON.parse(json.stdout.text)).toMatchObject({
      machine,
      nights: [{ runId: '20261128-020000-51aa' }],
      alerts: [],
    });
  });

  it('keeps two nights of one date', async () => {
    const folder = temporaryFolder();
    await history(['add', await first(), '--history', folder]);
    const again = await recorded('20261128-050000-51ab', '2026-11-28T05:00:00.000Z');
    expect((await history(['add', again, '--history', folder])).code).toBe(0);
    const judged = await history(['judge', '--history', folder]);
    expect([judged.code, judged.stderr.text]).toEqual([
      0,
      'invoker-bench: 2026-11-28 has 2 nights, each is counted.\n',
    ]);
  });

  it.each<[string, () => Promise<string>, string[], RegExp]>([
    ['the same run twice', first, [], /20261128-020000-51aa is in the history of [0-9a-f]{8} already/],
    [
      'a run of skipped cells alone',
      () => recorded('20261129-020000-51aa', '2026-11-29T02:00:00.000Z', { state: 'skipped' }),
      [],
      /has no figure: all of its 2 cells are skipped, failed or invalid/,
    ],
    [
      'a run before the newest night',
      () => recorded('20261127-020000-51aa', '2026-11-27T02:00:00.000Z'),
      [],
      /before the newest night .*: the clock went back, or add the oldest first/,
    ],
    [
      'a run of the future',
      () => recorded('20261202-020000-51aa', '2026-12-02T02:00:00.000Z'),
      [],
      /which is still to come: the clock went back since/,
    ],
    [
      'a run of another machine',
      () => recorded('20261129-020000-51aa', '2026-11-29T02:00:00.000Z', { cpuModel: 'Ampere Altra' }),
      [],
      /was measured on Ampere Altra, and this machine has .*: name its machine by --machine/,
    ],
    ['no run', async () => '/nowhere', [], /\/nowhere is no folder of a run/],
    ['a bad name', first, ['--machine', '../x'], /--machine: \.\.\/x is no name/],
  ])('refuses %s, and changes nothing', async (_, run, flags, message) => {
    const folder = temporaryFolder();
    await history(['add', await first(), '--history', folder]);
    const before = contents(folder);
    const { code, stderr, stdout } = await history(['add', await run(), '--history', folder, ...flags]);
    expect(stderr.lines).toEqual([expect.stringMatching(message)]);
    expect(code).toBe(message.source.includes('no folder') ? 1 : 2);
    expect(stdout.text).toBe('');
    expect(contents(folder)).toEqual(before);
  });
});

describe('npm run history -- judge', { timeout: 30_000 }, () => {
  it('exits with 3 for a regression until it is acknowledged, and does not raise it again', async () => {
    const folder = await stepped();
    const judge = () => history(['judge', '--history', folder, '--machine', 'm']);
    const judged = await judge();
    expect([judged.code, judged.stderr.text]).toEqual([3, '']);
    expect(judged.stdout.text).toMatch(
      /^Regression \(alert 1, raised 2026-12-01\): xdp-1T1Q-60-reverse-saturate worse/,
    );
    const events = readFileSync(join(folder, 'm', 'events.ndjson'), 'utf8');
    expect((await judge()).code).toBe(3);
    expect(readFileSync(join(folder, 'm', 'events.ndjson'), 'utf8')).toBe(events);

    const listed = await history(['list', '--history', folder, '--machine', 'm']);
    expect(listed.stdout.text).toMatch(/1 +open +2026-12-01 +20260210-/);
    const acknowledged = await history([
      ...['acknowledge', '1', '--reason', 'checksums', '--history', folder, '--machine', 'm'],
    ]);
    expect([acknowledged.code, acknowledged.stdout.text]).toEqual([
      0,
      'Acknowledged alert 1: it fails no night any more\n',
    ]);
    const after = await history(['judge', '--history', folder, '--machine', 'm', '--json']);
    expect(after.code).toBe(0);
    expect(JSON.parse(after.stdout.text)).toMatchObject({
      alerts: [{ alert: 1, state: 'acknowledged', reason: 'checksums' }],
    });
  });

  it('judges what is there when it is its turn to write, not when it was called', async () => {
    const folder = await stepped();
    rmSync(join(folder, 'm', `${runIdOf(42)}.ndjson`));
    const [last] = fakeNights({
      nights: 43,
      cells: 6,
      seed: 7,
      course: (cell, at) => (cell === 5 && at >= 40 ? 0.9 : 1),
    }).slice(-1);
    let judged = history(['list', '--history', folder, '--machine', 'm']);
    await aloneWith(folder, 'm', async () => {
      judged = history(['judge', '--history', folder, '--machine', 'm']);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await addNight(folder, { ...(last as Night), machine: 'm' });
    });
    expect((await judged).code).toBe(3);
  });

  it('leaves withdrawn nights out, whose files stay', async () => {
    const folder = await stepped();
    const names = readdirSync(join(folder, 'm'));
    for (const night of [40, 41, 42])
      expect(
        (await history(['withdraw', runIdOf(night), '--reason', 'loose cable', '--history', folder, '--machine', 'm']))
          .code,
      ).toBe(0);
    expect((await history(['judge', '--history', folder, '--machine', 'm'])).code).toBe(0);
    expect(readdirSync(join(folder, 'm')).sort()).toEqual([...names, 'events.ndjson'].sort());
  });
});

describe('npm run history', () => {
  it.each<[string, string[], RegExp]>([
    ['no command', [], /a command is missing: list, add, withdraw, acknowledge, judge/],
    ['another command', ['remove'], /remove: is not one of list/],
    ['no run', ['add'], /add: RUN_FOLDER is missing/],
    ['a stray word', ['list', 'all'], /all: stray argument/],
    ['no reason', ['withdraw', 'x'], /withdraw: needs --reason TEXT/],
    ['no number', ['acknowledge', 'x', '--reason', 'y'], /ALERT/],
    ['no such night', ['withdraw', 'x', '--reason', 'y', '--machine', 'm'], /x: no such night of m/],
    ['no such alert', ['acknowledge', '7', '--reason', 'y', '--machine', 'm'], /7: m has no such alert/],
    [
      'a history of another machine',
      ['judge'],
      /has no night of this machine \([0-9a-f]{8}\), but of m: --machine chooses/,
    ],
    ['a flag of another', ['list', '--reason', 'y'], /--reason: unknown flag/],
    ['no history', ['list', '--history', '/nowhere'], /\/nowhere is no folder of a history/],
    ['an empty history', ['list', '--history', temporaryEmpty], /has no night yet/],
  ])('refuses %s with exit code 2', async (_, argv, message) => {
    const folder = temporaryFolder();
    const own = argv.map((word) => (word === temporaryEmpty ? temporaryFolder() : word));
    const [night] = fakeNights({ nights: 1, cells: 2, seed: 1 }) as [Night];
    await addNight(folder, { ...night, machine: 'm' });
    const before = contents(folder);
    const hasFolder = argv.includes('--history') || argv.length === 0 || argv[0] === 'remove';
    const { code, stderr, stdout } = await history([...own, ...(hasFolder ? [] : ['--history', folder])]);
    expect(stderr.lines).toEqual([expect.stringMatching(message)]);
    expect([code, stdout.text]).toEqual([2, '']);
    expect(contents(folder)).toEqual(before);
  });

  it('refuses a damaged history with file and line', async () => {
    const folder = await stepped(3);
    const file = join(folder, 'm', `${runIdOf(1)}.ndjson`);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"kind":"cell"', '"kind":"sell"'));
    const before = contents(folder);
    for (const verb of ['list', 'judge']) {
      const { code, stderr } = await history([verb, '--history', folder, '--machine', 'm']);
      expect([code, stderr.lines]).toEqual([2, [expect.stringContaining(`${file} line 2 is no line of a night`)]]);
    }
    expect(contents(folder)).toEqual(before);
  });

  it('refuses a history of which every night is withdrawn', async () => {
    const folder = await stepped(3);
    const events = [0, 1, 2].map((night) => ({
      historyVersion,
      at: now,
      reason: 'x',
      kind: 'withdrawn' as const,
      runId: runIdOf(night),
    }));
    await appendEvents(folder, 'm', events);
    const { code, stderr } = await history(['judge', '--history', folder, '--machine', 'm']);
    expect([code, stderr.text]).toEqual([2, 'invoker-bench: --history: every night of m is withdrawn\n']);
  });

  it('needs a name where the machine has no id', async () => {
    const { code, stderr } = await history(['add', await first(), '--history', temporaryFolder()], { machineId: '' });
    expect([code, stderr.text]).toEqual([2, expect.stringContaining('no /etc/machine-id: name it by --machine')]);
  });

  it.each(['', 'list', 'add', 'withdraw', 'acknowledge', 'judge'])('tells the words of %j', async (verb) => {
    const { code, stdout } = await history(verb === '' ? ['--help'] : [verb, '--help']);
    expect([code, stdout.lines[0]]).toEqual([
      0,
      expect.stringMatching(`^Usage: npm run history -- ${verb === '' ? '\\[command\\]' : verb}`),
    ]);
  });
});

describe('a night of a run', () => {
  it('has the level of the better half', async () => {
    const folder = temporaryFolder();
    await history(['add', await first(), '--history', folder, '--machine', 'm']);
    const [, cell = ''] = readFileSync(join(folder, 'm', '20261128-020000-51aa.ndjson'), 'utf8').split('\n');
    const { figures } = JSON.parse(cell);
    expect(figures[0]).toMatchObject({
      metric: 'peak',
      median: 200_001,
      level: 200_001.5,
      values: [200_000, 200_001, 200_002],
    });
    expect(JSON.parse(cell).cell).toBe(fakeRunCell('recvmmsg', { kind: 'saturate' }).id);
  });
});
