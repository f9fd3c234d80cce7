import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../harness/doctor/finding.js';
import { main } from '../../harness/doctor-command.js';
import { restoreAbandoned } from '../../harness/tuning/restore.js';
import { temporaryFolder } from '../fakes/folder.js';
import { fakeTuningHost } from '../fakes/host.js';
import { Captured } from '../fakes/streams.js';
import { twoSocketAnswers, twoSockets } from '../fakes/two-sockets.js';

interface Changes {
  host?: ReturnType<typeof twoSockets>;
  kind?: 'file' | 'terminal';
  environment?: Record<string, string>;
  privileges?: 'root' | 'user';
  /** What the user answers; null: there is no terminal. */
  answer?: string | null;
  folder?: string;
  refuses?: (path: string) => boolean;
  /** What is found of two hosts. */
  remote?: Finding[];
}

async function doctor(line: string, changes: Changes = {}) {
  const { host = twoSockets(), kind = 'file', environment = {}, privileges = 'user', answer = null } = changes;
  const [stdout, stderr] = [new Captured(kind), new Captured()];
  const mending = { host: fakeTuningHost(host.files, changes.refuses), folder: changes.folder ?? temporaryFolder() };
  const ask = answer === null ? null : async () => answer;
  const words = line.split(' ').filter(Boolean);
  const interrupt = new AbortController().signal;
  const examineRemote = async () => changes.remote ?? [];
  const surroundings = { stdout, stderr, environment, privileges, interrupt, host, mending, ask, examineRemote };
  const code = await main(words, surroundings);
  return { code, stdout, stderr, host };
}

const system = '/sys/devices/system/cpu';

/** All that the two-socket machine has to mend, mended. */
const mended: Record<string, string | null> = {
  '/proc/812/stat': null,
  '/proc/sys/kernel/osrelease': '6.18.0\n',
  [`${system}/isolated`]: '2-31\n',
  [`${system}/intel_pstate/no_turbo`]: '1\n',
  ...Object.assign(
    {},
    ...Array.from({ length: 32 }, (_, cpu) => ({
      [`${system}/cpufreq/policy${cpu}/scaling_governor`]: 'performance\n',
      [`${system}/cpu${cpu}/cpuidle/state3/disable`]: '1\n',
      [`${system}/cpu${cpu}/topology/thread_siblings_list`]: `${cpu}\n`,
    })),
  ),
};

describe('npm run doctor', () => {
  it('says of a two-socket machine what is wrong, what it matters, and what mends it', async () => {
    const { code, stdout, stderr } = await doctor('--interface eth1');
    expect([code, stderr.text]).toEqual([3, '']);
    await expect(stdout.text).toMatchFileSnapshot('golden/doctor-two-sockets.txt');
    expect(stdout.lines.filter((line) => line.length > 100)).toEqual([]);
  });

  it('ends with 0 where nothing is worse than could be better', async () => {
    const { code, stdout } = await doctor('', { host: twoSockets({ files: mended }) });
    expect(code).toBe(0);
    expect(stdout.lines.slice(-2)).toEqual([
      'Nothing to mend.',
      'No network interface was looked at: --interface NAME does.',
    ]);
  });

  it('ends with 1 where something cannot run', async () => {
    const refusals = { ...twoSocketAnswers.refusals, ioUring: 'io_uring is forbidden here' };
    const { code, stdout } = await doctor('', {
      host: twoSockets({ files: mended, answers: { ...twoSocketAnswers, refusals } }),
    });
    expect(code).toBe(1);
    expect(stdout.lines.slice(0, 2)).toEqual(['Cannot run (1)', expect.stringMatching(/io-uring: .*forbidden here$/)]);
  });

  it('prints the same as JSON, for scripts', async () => {
    const { code, stdout } = await doctor('--json --interface eth1');
    expect(code).toBe(3);
    const findings = JSON.parse(stdout.text) as Finding[];
    for (const one of findings) expect(Object.keys(one)).toEqual(['id', 'level', 'state', 'why', 'remedy']);
    expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
    expect(findings.find(({ id }) => id === 'governor')).toMatchObject({
      level: 'not-trusted',
      state: 'powersave on CPUs 0-31',
      remedy: `echo performance | tee ${system}/cpufreq/policy*/scaling_governor`,
    });
    // Whoever is told of a trouble is told what to do about it.
    const remediless = findings.filter(({ level, remedy }) => /not-trusted|better/.test(level) && remedy === null);
    expect(remediless).toEqual([]);
  });

  it('colours a terminal, unless it is told not to', async () => {
    expect((await doctor('', { kind: 'terminal' })).stdout.text).toContain('\x1b[');
    expect((await doctor('', { kind: 'terminal', environment: { NO_COLOR: '1' } })).stdout.text).not.toContain('\x1b');
    expect((await doctor('')).stdout.text).not.toContain('\x1b');
  });

  it('prints help', async () => {
    const { code, stdout } = await doctor('--help');
    expect(code).toBe(0);
    expect(stdout.text).toMatch(/^Usage: npm run doctor -- \[flags\]\n[\s\S]*\n {2}3 {4}all can run, but figures/);
    expect(stdout.lines.filter((line) => line.length > 100)).toEqual([]);
  });

  it.each([
    ['--interface eth7', '--interface: no interface eth7 here, only lo, eth1'],
    ['--interface eth1 --interface eth1', '--interface: eth1 is named twice'],
    ['--interface', '--interface: needs a value'],
    [
      '--interface a/b',
      '--interface: a/b is no name of an interface: up to 15 characters, no blank, no slash (ip link show tells the name behind an alternative one)',
    ],
    ['--clean --json', '--clean: goes alone'],
    ['--clean --topology remote', '--clean: goes alone'],
    ['--topology remote', '--topology remote: needs --server bench@host,if=ens4,ip=10.0.0.10'],
    ['--server h1,if=ens4,ip=10.0.0.10', '--server: is of --topology nic or remote'],
    [
      '--topology remote --server h1,if=a,ip=10.0.0.10 --client h2,if=a,ip=10.0.0.20 --interface eth1',
      '--interface: is of this host; of remote each side has its own, if=',
    ],
    ['--fix --json', '--fix: goes alone or with --yes (an interface is set by npm run tune)'],
    ['--yes', '--yes: goes with --fix'],
    ['--fix', '--fix: asks before it sets anything, and there is no terminal to ask on; --yes goes without'],
    ['--colour', '--colour: unknown flag (see --help)'],
    ['eth1', 'eth1: stray argument (an interface is --interface NAME)'],
  ])('refuses %s in one line', async (line, message) => {
    const { code, stdout, stderr } = await doctor(line);
    expect([code, stdout.text, stderr.text]).toEqual([2, '', `invoker-bench: ${message}\n`]);
  });

  it('tells of two hosts and their wire as of one, and touches neither the one nor the other', async () => {
    const remote: Finding[] = [
      { id: 'server/user', level: 'fine', state: 'root', why: 'because', remedy: null },
      { id: 'wire/mtu', level: 'cannot-run', state: '1500 here, 9000 there', why: 'because', remedy: 'x '.repeat(80) },
    ];
    const line = '--topology remote --server h1,if=a,ip=10.0.0.10 --client h2,if=a,ip=10.0.0.20';
    const { code, stdout, host } = await doctor(line, { remote });
    expect(code).toBe(1);
    expect(stdout.lines.slice(0, 2)).toEqual(['Cannot run (1)', '  wire/mtu: 1500 here, 9000 there']);
    // A command is copied from its line.
    expect(stdout.lines).toContain(`    → ${'x '.repeat(80)}`);
    expect(host.files).toEqual(twoSockets().files);
    expect(JSON.parse((await doctor(`${line} --json`, { remote })).stdout.text)).toEqual(remote);
  });

  it('cleans as root only', async () => {
    const { code, stderr } = await doctor('--clean');
    expect([code, stderr.text]).toEqual([
      1,
      'invoker-bench: --clean needs root: it deletes network namespaces and undoes tuning\n',
    ]);
  });

  it('goes on where a tool prints what it cannot read', async () => {
    const { code, stderr } = await doctor('--interface eth1', {
      host: twoSockets({ outputs: { 'ip -details -json link show dev eth1': 'no JSON' } }),
    });
    expect([code, stderr.text]).toEqual([3, '']);
  });
});

describe('npm run doctor -- --fix', () => {
  const before = twoSockets().files;
  const changed = (files: Record<string, string>) => Object.keys(before).filter((path) => files[path] !== before[path]);

  it('sets what can be set back once the user agrees, and --clean sets it back', async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr, host } = await doctor('--fix', { privileges: 'root', answer: 'yes', folder });
    expect([code, stderr.text]).toEqual([0, '']);
    expect(stdout.text).toContain('governor: powersave on CPUs 0-31\n');
    expect(stdout.text).toContain('irqbalance: running -> paused (process 812 ');
    expect(changed(host.files).map((path) => path.replace(/\d+/g, 'N'))).toEqual(
      expect.arrayContaining([
        `${system}/cpufreq/policyN/scaling_governor`,
        `${system}/cpuN/cpuidle/stateN/disable`,
        `${system}/intel_pstate/no_turbo`,
        '/proc/N/stat',
      ]),
    );
    expect(host.files[`${system}/cpu7/cpuidle/state2/disable`]).toBe('0\n');
    // The journals are those of a process that lives: a later one restores them.
    for (const name of readdirSync(folder)) {
      renameSync(join(folder, name), join(folder, name.replace(`ivb-${process.pid}-`, 'ivb-4194305-')));
    }
    const mending = { host: fakeTuningHost(host.files), folder };
    const restored = await restoreAbandoned(folder, () => mending.host);
    expect(restored.length).toBeGreaterThan(60);
    expect(changed(host.files)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['no', '', 'yess'])('sets nothing where the user says %j', async (answer) => {
    const { code, stdout, host } = await doctor('--fix', { privileges: 'root', answer });
    expect([code, changed(host.files)]).toEqual([3, []]);
    expect(stdout.lines.at(-1)).toBe('Nothing was set.');
  });

  it('goes on where one setting is refused, says so, and ends with 1', async () => {
    const refuses = (path: string) => path.endsWith('no_turbo');
    const { code, stderr, host } = await doctor('--fix --yes', { privileges: 'root', refuses });
    expect([code, stderr.text]).toEqual([1, 'invoker-bench: this host refuses turbo=off: not on this host (fake)\n']);
    expect(host.files[`${system}/cpufreq/policy3/scaling_governor`]).toBe('performance\n');
    expect(host.files[`${system}/intel_pstate/no_turbo`]).toBe('0\n');
  });

  it('has nothing to do where nothing can be mended', async () => {
    const host = twoSockets({ files: mended });
    const { code, stdout } = await doctor('--fix --yes', { privileges: 'root', host });
    expect([code, stdout.text]).toEqual([0, 'There is nothing that --fix mends.\n']);
  });

  it('needs root', async () => {
    const { code, stderr, host } = await doctor('--fix --yes');
    expect([code, stderr.text]).toEqual([1, 'invoker-bench: --fix needs root: it sets the host\n']);
    expect(changed(host.files)).toEqual([]);
  });
});
