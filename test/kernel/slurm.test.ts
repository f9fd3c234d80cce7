import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import type { CompletedRun, Prologue } from '../../model/record.js';
import { temporaryFolder } from '../fakes/folder.js';
import { patience } from '../fakes/patience.js';
import { type Cluster, slurmCluster } from '../fakes/slurm.js';
import { runsIn } from './cards.js';
import { processes } from './process.js';
import { describeAsRoot, isOfHost, on, xdpProgram } from './wire.js';

const short = ['--sizes', '200', '--duration', '200ms', '--warmup', '100ms', '--repeats', '1'];

describeAsRoot('a job of Slurm', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await slurmCluster();
  });
  afterAll(() => cluster?.destroy());

  async function submit(words: string[], { nodes = 'n1,n2', server = '', cwd = packageRoot() } = {}) {
    const output = join(temporaryFolder(), 'output');
    const count = `--nodes=${nodes.split(',').length}`;
    const options = [
      '--parsable',
      `--nodelist=${nodes}`,
      count,
      `--output=${output}`,
      `--export=ALL,IVB_SERVER=${server}`,
    ];
    const script = join(packageRoot(), 'deploy/slurm/bench.sh');
    const { stdout, stderr } = await cluster.run(cwd, 'sbatch', ...options, script, ...words);
    expect(stdout, stderr).toMatch(/^\d+$/);
    return { id: stdout, told: () => (existsSync(output) ? readFileSync(output, 'utf8') : '') };
  }

  /** Resolves to the last state of a job, and its exit code. */
  async function endOf(id: string): Promise<{ state: string; code: number }> {
    for (const deadline = performance.now() + patience(110_000); ; await sleep(200)) {
      const { stdout } = await cluster.run('/', 'scontrol', '--oneliner', 'show', 'job', id);
      const [, state = ''] = /\bJobState=(\w+)/.exec(stdout) ?? [];
      const [, code] = /\bExitCode=(\d+):/.exec(stdout) ?? [];
      if (!/^(PENDING|RUNNING|COMPLETING|)$/.test(state)) return { state, code: Number(code) };
      if (performance.now() > deadline) throw new Error(`job ${id} does not end: ${stdout}\n${cluster.logs()}`);
    }
  }

  /** What of the job runs on any node; the daemons stay. */
  const running = () =>
    processes().filter(
      ({ pid, command }) => !/^\S*(slurmd|slurmctld) |^: slurmscriptd/.test(command) && cluster.has(pid),
    );

  async function expectNothingLeft(): Promise<void> {
    await expect.poll(running, { timeout: patience(20_000), interval: 200 }).toEqual([]);
    expect(await xdpProgram(cluster.sites.n2)).toBeNull();
    expect(await offload()).toBe('off');
  }

  const offload = async () => {
    const { n2 } = cluster.sites;
    return /^generic-receive-offload: (on|off)/m.exec(await on(n2, 'ethtool', '-k', n2.interface))?.[1];
  };

  test('measures between its nodes, and its records merge with those of another', async () => {
    const out = temporaryFolder();
    const words = ['10.0.0.0/24', ...short, '--load', 'closed=2,rate=2k', '--out', out];
    const first = await submit([...words, '--impls', 'recvmmsg,afxdp'], { nodes: 'n1,n2,n3' });
    await endOf(first.id);
    const runs = runsIn(out) as CompletedRun[];
    expect(runs, first.told()).toHaveLength(4);
    for (const run of runs) {
      expect(run, first.told()).toMatchObject({ state: 'completed', cell: { topology: 'remote' } });
      expect(run.ledger.right).toBeGreaterThan(0);
      expect(run.clients.map(({ host }) => host)).toEqual(['n1', 'n3']);
    }
    const latest = (name: string) => JSON.parse(readFileSync(join(out, 'latest', name), 'utf8'));
    const { runId, scenario }: Prologue = latest('host.json');
    expect(scenario.sides).toMatchObject({
      server: { target: 'n2', interface: 'ens5', address: '10.0.0.12' },
      clients: [
        { target: 'n1', interface: 'ens4', address: '10.0.0.11' },
        { target: 'n3', interface: 'ens6', address: '10.0.0.13' },
      ],
    });
    const reasons = latest('summary.json').cells.flatMap((cell: { reasons: string[] }) => cell.reasons);
    expect(reasons.filter((reason: string) => !isOfHost(reason))).toEqual([]);
    await expectNothingLeft();

    const second = await submit([...words, '--impls', 'recvmmsg'], { nodes: 'n1,n2,n3' });
    await endOf(second.id);
    const folders = [join(out, runId), join(out, 'latest')];
    const merge = join(packageRoot(), 'dist/harness/merge-main.js');
    const { stdout } = await execa(process.execPath, [merge, ...folders, '--out', join(out, 'merged')]);
    expect(stdout, second.told()).toContain('Merged 2 runs, 4 cells, 6 records');
  });

  /** Starts a job of a short cell and a long one with a setting of the server; resolves when the long one is measured. */
  async function measuring(out: string) {
    const words = ['--sizes', '200', '--impls', 'recvmmsg', '--load', 'rate=2k', '--repeats', '2', '--duration', '4s'];
    const job = await submit(['10.0.0.0/24', ...words, '--axis', 'offloadGro=on', '--out', out]);
    const records = () =>
      existsSync(join(out, 'latest')) ? readFileSync(join(out, 'latest/runs.ndjson'), 'utf8') : '';
    await expect.poll(records, { timeout: patience(60_000), interval: 100 }).toMatch(/\n/);
    await expect.poll(offload, { timeout: patience(20_000), interval: 100 }).toBe('on');
    const isAsked = () => running().some(({ command }) => command.includes('loadgen/main.js --session'));
    await expect.poll(isAsked, { timeout: patience(20_000), interval: 100 }).toBe(true);
    return job;
  }

  test('that is cancelled leaves nothing but its records and their report', async () => {
    const out = temporaryFolder();
    const { id, told } = await measuring(out);
    await cluster.run('/', 'scancel', id);
    await expectNothingLeft();
    expect((await endOf(id)).state).toBe('CANCELLED');
    expect(runsIn(out)).toMatchObject([{ state: 'completed' }]);
    expect(told()).toMatch(/^invoker-bench: interrupted; what was measured is in /m);
    expect(readFileSync(join(out, 'latest/report.md'), 'utf8')).toContain('recvmmsg');
  });

  test.each<[string, string[], { nodes?: string; server?: string; cwd?: string }, RegExp]>([
    ['no network', [], {}, /^bench\.sh: NETWORK: it is missing/],
    ['another network', ['10.8.0.0/24'], {}, /^bench\.sh: n1 has no address in 10\.8\.0\.0\/24$/m],
    [
      'a job of one node',
      ['10.0.0.0/24'],
      { nodes: 'n1' },
      /^bench\.sh: a job of two nodes or more is needed \(sbatch --nodes=2\)$/m,
    ],
    ['a server of another job', ['10.0.0.0/24'], { server: 'n3' }, /^bench\.sh: IVB_SERVER: n3 is no node of this job/],
    ['a folder without the tree', ['10.0.0.0/24'], { cwd: '/srv' }, /^bench\.sh: \/srv has no built invoker-bench: /],
    ['a flag that is none', ['10.0.0.0/24', '--frobnicate'], {}, /^invoker-bench: .*--frobnicate/m],
  ])('%s: wrong usage, in one line', async (_, words, where, message) => {
    const { id, told } = await submit(words, where);
    expect(await endOf(id)).toEqual({ state: 'FAILED', code: 2 });
    expect(told()).toMatch(message);
  });

  test('ends with a node that dies, and its records remain', async () => {
    const out = temporaryFolder();
    const { id } = await measuring(out);
    await cluster.cable('n2', 'down');
    try {
      expect((await endOf(id)).state).toBe('NODE_FAIL');
      // Slurm's own processes there wait for the cable.
      const ours = () => running().filter(({ command }) => !command.startsWith('slurmstepd'));
      await expect.poll(ours, { timeout: patience(20_000), interval: 200 }).toEqual([]);
    } finally {
      await cluster.cable('n2', 'up');
    }
    await expectNothingLeft();
    expect(runsIn(out)[0]).toMatchObject({ state: 'completed' });
  });
});
