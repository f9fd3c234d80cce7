import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readText } from '../../common/process/host-files.js';
import { Lock } from '../../common/process/lock.js';
import { packageDigest } from '../../common/process/version.js';
import { finding } from '../../harness/doctor/finding.js';
import { readIdentity } from '../../harness/machine-identity.js';
import { NightJournal } from '../../harness/night/journal.js';
import { main } from '../../harness/nightly-command.js';
import { addNight } from '../../harness/store/history.js';
import { temporaryFolder } from '../fakes/folder.js';
import { fakeHost } from '../fakes/host.js';
import { fakeFigure, fakeNight, fakeNightCell } from '../fakes/nights.js';
import { Captured } from '../fakes/streams.js';

async function nightly(argv: string[], privileges: 'root' | 'user' = 'user') {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const busy = finding('server/other-processes', 'w', { level: 'not-trusted', state: 'busy: 99 %', remedy: 'end it' });
  const code = await main(argv, {
    ...{ stdout, stderr, privileges, environment: {}, interrupt: new AbortController().signal },
    host: {
      ...fakeHost({}),
      askKernel: async () => ({ failure: 'no', remedy: null }),
      leftTuning: async () => [],
      watchMs: 1,
    },
    examineRemote: async () => [busy],
  });
  return { code, stdout, stderr };
}

const patience = { timeout: 60_000 };

const place = { topology: 'remote', server: 'a@h1,if=e1,ip=10.0.0.1', client: ['a@h2,if=e1,ip=10.0.0.2'] };
const scenario = { path: join(process.cwd(), 'scenarios/nightly-short.yaml'), of: 'user' as const };
const rest = { controls: 3, budgetNs: null, history: null, against: { kind: 'none' as const }, publish: null };

describe('npm run nightly', () => {
  it('--dry-run says what would be done, and touches nothing', patience, async () => {
    const out = join(temporaryFolder(), 'nights');
    const { code, stdout, stderr } = await nightly(['--profile', 'short', '--budget', '1h', '--dry-run', '--out', out]);
    expect([code, stderr.text]).toEqual([0, '']);
    expect(stdout.text).toMatch(/^npm run bench -- --scenario \S+scenarios\/nightly-short\.yaml --budget \d+s$/m);
    expect(stdout.text).toMatch(/^57 runs of 19 cells, expected time \d min \d+ s\. Nothing was touched\.$/m);
    expect(stdout.text).toMatch(/^npm run compare -- --pair recvmmsg\/recvmmsg --aa 3 --sizes 200 --turns 6$/m);
    expect(existsSync(out)).toBe(false);
  });

  it('refuses a budget in which not even one repeat fits, with what that takes', patience, async () => {
    const out = join(temporaryFolder(), 'nights');
    const { code, stdout, stderr } = await nightly(['--profile', 'short', '--budget', '3m', '--out', out]);
    expect([code, stdout.text, stderr.lines.length]).toEqual([2, '', 1]);
    expect(stderr.text).toMatch(
      /^invoker-bench: --budget: one repeat of each cell takes 1 min \d+ s, more than \d+s$/m,
    );
    expect(existsSync(out)).toBe(false);
  });

  it('needs root', patience, async () => {
    const out = join(temporaryFolder(), 'nights');
    const { code, stderr } = await nightly(['--profile', 'short', '--out', out]);
    expect([code, stderr.text]).toEqual([
      1,
      'invoker-bench: a night needs root: network namespaces, AF_XDP sockets and XDP programs\n',
    ]);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    [['--profile', 'long'], /^invoker-bench: --profile: long is not one of short, standard, thesis\n$/],
    [['--scenario', '/nowhere.yaml'], /^invoker-bench: --scenario: \/nowhere\.yaml cannot be read /],
    [['--frobnicate'], /^invoker-bench: --frobnicate: unknown flag/],
  ])('%j is wrong usage', async (words, message) => {
    const { code, stdout, stderr } = await nightly(words);
    expect([code, stdout.text]).toEqual([2, '']);
    expect(stderr.text).toMatch(message);
  });

  it('tells of a damaged history before anything is measured', patience, async () => {
    const history = temporaryFolder();
    const { machine } = readIdentity(readText);
    mkdirSync(join(history, machine));
    writeFileSync(join(history, machine, '20260101-020000-3f9a.ndjson'), '{"kind":"night"}\n');
    const { code, stdout, stderr } = await nightly(['--profile', 'short', '--history', history, '--dry-run']);
    expect([code, stdout.text, stderr.lines.length]).toEqual([2, '', 1]);
    expect(stderr.text).toMatch(/20260101-020000-3f9a\.ndjson line 1 is no beginning of a night: /);
  });

  it('tells of a clock that went back before anything is measured', patience, async () => {
    const [history, out] = [temporaryFolder(), temporaryFolder()];
    const night = fakeNight(0, [fakeNightCell(0, [fakeFigure([1, 2])])]);
    const { machine } = readIdentity(readText);
    await addNight(history, { ...night, machine, startedAt: '2999-01-01T02:00:00.000Z' });
    const { code, stdout, stderr } = await nightly(['--profile', 'short', '--history', history, '--out', out]);
    expect([code, stdout.text]).toEqual([2, '']);
    expect(stderr.text).toMatch(
      /^invoker-bench: --history: it is 2\S+Z by the clock, but the newest night started at 2999-\S+: the clock went back, /,
    );
    expect(readdirSync(out)).toEqual([]);
    const request = { scenario, place, ...rest, accept: [], history };
    const journal = await NightJournal.begin(out, request, packageDigest());
    expect(await nightly(['--resume', '--out', out])).toMatchObject({ code: 2, stdout: { text: '' } });
    expect(journal.state.finished).toBe(null);
  });

  it('tells of a history that is of another CPU before anything is measured', patience, async () => {
    const [history, out] = [temporaryFolder(), temporaryFolder()];
    const { machine } = readIdentity(readText);
    const night = fakeNight(0, [fakeNightCell(0, [fakeFigure([1, 2])])], { machine, facts: { cpuModel: 'Abacus' } });
    await addNight(history, night);
    const words = ['--profile', 'short', '--history', history, '--out', out];
    const { code, stdout, stderr } = await nightly(words);
    expect([code, stdout.text]).toEqual([2, '']);
    expect(stderr.text).toBe(
      `invoker-bench: --history: this is another machine than ${machine}, which had Abacus: this one has ${cpus()[0]?.model.trim()}\n`,
    );
    // What is measured on another host is known when that is reached.
    const remote = ['--topology', 'remote', '--server', place.server, '--client', place.client[0] as string];
    expect((await nightly([...words, ...remote])).stderr.text).not.toContain('Abacus');
  });

  it('refuses to take turns with a commit that is none', patience, async () => {
    const words = [
      '--profile',
      'short',
      '--history',
      temporaryFolder(),
      '--against',
      'nothing-of-that-name',
      '--dry-run',
    ];
    const { code, stderr } = await nightly(words);
    expect(code).toBe(2);
    expect(stderr.text).toMatch(/^invoker-bench: --against: nothing-of-that-name: /);
  });
});

describe('--resume', () => {
  it('has nothing to do where no night is left', async () => {
    const out = temporaryFolder();
    const { code, stdout } = await nightly(['--resume', '--out', out]);
    expect([code, stdout.text]).toEqual([0, `No night of ${out} is to be gone on with: there is none.\n`]);
    const journal = await NightJournal.begin(out, { scenario, place, ...rest, accept: [] }, 'x');
    await journal.finish(0);
    expect((await nightly(['--resume', '--out', out])).stdout.text).toMatch(/: \S+, the newest, has ended\.\n$/);
  });

  it('leaves a night alone that another process has under way', async () => {
    const out = temporaryFolder();
    await NightJournal.begin(out, { scenario, place, ...rest, accept: [] }, 'x');
    const name = `invoker-bench-nights-${createHash('sha256').update(out).digest('hex').slice(0, 16)}`;
    const lock = await Lock.take(name, { pid: 7, since: '2026-01-01T02:00:00.000Z', command: 'npm run nightly' }, '');
    const { code, stderr } = await nightly(['--resume', '--out', out]);
    lock.release();
    expect([code, stderr.lines.length]).toEqual([1, 1]);
    expect(stderr.text).toMatch(/process 7 since .* a night of \S+ is under way$/m);
  });

  it('refuses to go on with other code', patience, async () => {
    const out = temporaryFolder();
    await NightJournal.begin(out, { scenario, place, ...rest, accept: [] }, 'another');
    const { code, stderr } = await nightly(['--resume', '--out', out]);
    expect(code).toBe(2);
    expect(stderr.text).toMatch(/^invoker-bench: --resume: \S+ was begun with other code than this: /);
  });

  it('looks at the machines again: unfit ones end the night with why, and code 4', patience, async () => {
    const out = temporaryFolder();
    const { folder } = await NightJournal.begin(out, { scenario, place, ...rest, accept: [] }, packageDigest());
    const { code, stdout, stderr } = await nightly(['--resume', '--out', out]);
    expect(code).toBe(4);
    expect(stdout.text).toMatch(/^# Night \S+: unfit\n\n- server\/other-processes: busy: 99 % \(end it\)\n$/);
    expect(stderr.text).toContain('→ end it');
    expect(readFileSync(join(folder, 'verdict.md'), 'utf8')).toBe(stdout.text);
    expect(readdirSync(folder).sort()).toEqual(['night.ndjson', 'verdict.md']);
    expect((await NightJournal.newest(out))?.state.finished).toBe(4);
  });

  it(
    'leaves a night that has begun as it is, to be gone on with when the machines are fit again',
    patience,
    async () => {
      const out = temporaryFolder();
      const journal = await NightJournal.begin(out, { scenario, place, ...rest, accept: [] }, packageDigest());
      await journal.begun('run');
      await journal.interrupted('run');
      const before = readFileSync(join(journal.folder, 'night.ndjson'), 'utf8');
      for (const _ of [1, 2]) {
        const { code, stdout, stderr } = await nightly(['--resume', '--out', out]);
        expect([code, stdout.text]).toEqual([4, '']);
        expect(stderr.text).toContain('→ end it');
        expect(stderr.lines.at(-1)).toBe(
          `invoker-bench: unfit; npm run nightly -- --resume goes on with ${journal.folder}`,
        );
      }
      expect(readFileSync(join(journal.folder, 'night.ndjson'), 'utf8')).toBe(before);
    },
  );

  it('names the line of a damaged journal', async () => {
    const out = temporaryFolder();
    const { folder } = await NightJournal.begin(out, { scenario, place, ...rest, accept: [] }, 'x');
    writeFileSync(join(folder, 'night.ndjson'), '{"kind":\n');
    const { code, stderr } = await nightly(['--resume', '--out', out]);
    expect(code).toBe(1);
    expect(stderr.text).toMatch(/^invoker-bench: \S+night\.ndjson line 1 is not JSON\n$/);
  });
});
