import { describe, expect, it } from 'vitest';
import type { Finding } from '../../harness/doctor/finding.js';
import { main } from '../../harness/doctor-command.js';
import { Captured } from '../fakes/streams.js';
import { twoSocketAnswers, twoSocketOutputs, twoSockets } from '../fakes/two-sockets.js';

interface Changes {
  host?: Parameters<typeof twoSockets>[0];
  kind?: 'file' | 'terminal';
  environment?: Record<string, string>;
}

async function doctor(line: string, { host, kind = 'file', environment = {} }: Changes = {}) {
  const [stdout, stderr] = [new Captured(kind), new Captured()];
  const words = line.split(' ').filter(Boolean);
  const code = await main(words, { stdout, stderr, environment, privileges: 'user', host: twoSockets(host) });
  return { code, stdout, stderr };
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
      [`${system}/cpu${cpu}/cpufreq/scaling_governor`]: 'performance\n',
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
    const { code, stdout } = await doctor('', { host: { files: mended } });
    expect(code).toBe(0);
    expect(stdout.lines.slice(-2)).toEqual([
      'Nothing to mend.',
      'No network interface was looked at: --interface NAME does.',
    ]);
  });

  it('ends with 1 where something cannot run', async () => {
    const refusals = { ...twoSocketAnswers.refusals, ioUring: 'io_uring is forbidden here' };
    const { code, stdout } = await doctor('', { host: { files: mended, answers: { ...twoSocketAnswers, refusals } } });
    expect(code).toBe(1);
    expect(stdout.lines.slice(0, 2)).toEqual(['Cannot run (1)', expect.stringMatching(/io-uring .*forbidden here$/)]);
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
      remedy: `echo performance | tee ${system}/cpu*/cpufreq/scaling_governor`,
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
    ['--interface a/b', '--interface: a/b is no name of an interface: up to 15 characters, no blank, no slash'],
    ['--clean --json', '--clean: goes alone'],
    ['--colour', '--colour: unknown flag (see --help)'],
    ['eth1', 'eth1: stray argument (an interface is --interface NAME)'],
  ])('refuses %s in one line', async (line, message) => {
    const { code, stdout, stderr } = await doctor(line);
    expect([code, stdout.text, stderr.text]).toEqual([2, '', `invoker-bench: ${message}\n`]);
  });

  it('cleans as root only', async () => {
    const { code, stderr } = await doctor('--clean');
    expect([code, stderr.text]).toEqual([1, 'invoker-bench: --clean needs root: it deletes network namespaces\n']);
  });

  it('goes on where a tool prints what it cannot read', async () => {
    const { code, stderr } = await doctor('--interface eth1', {
      host: { outputs: { ...twoSocketOutputs, 'ip -details -json link show dev eth1': 'no JSON' } },
    });
    expect([code, stderr.text]).toEqual([3, '']);
  });
});
