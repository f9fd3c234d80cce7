import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { packageRoot } from '../../common/process/paths.js';
import { ownName } from '../../common/wire/owner.js';
import type { Site } from '../../common/wire/topology.js';
import { patience } from './patience.js';

/** `n3` has no end of the wire between the other two. */
const names = ['n1', 'n2', 'n3'] as const;
type Name = (typeof names)[number];

/** How long a node may be silent until Slurm takes it for dead. */
const deadAfterSeconds = 5;

/** A cluster of Debian's Slurm: network namespaces that stand for hosts, each with a real slurmd, and one with slurmctld. */
export interface Cluster {
  /** Ends of the wire: ens5 of n1 with 10.0.0.20, ens4 of n2 with 10.0.0.10. */
  sites: Record<'n1' | 'n2', Site>;
  /** Runs a command of Slurm where slurmctld is, in a folder. */
  run(cwd: string, ...words: string[]): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }>;
  /** Takes the cable of a node to all others out, or puts it back. */
  cable(name: Name, state: 'up' | 'down'): Promise<void>;
  /** What its daemons wrote. */
  logs(): string;
  destroy(): Promise<void>;
}

export async function slurmCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'ivb-slurm-'));
  const spaces = { n0: ownName('slurm0'), n1: ownName('slurm1'), n2: ownName('slurm2'), n3: ownName('slurm3') };
  const config = join(folder, 'slurm.conf');
  const daemons: { name: string; process: ChildProcess }[] = [];
  const ip = (space: string, ...words: string[]) => execa('ip', ['-n', space, ...words]);

  const destroy = async () => {
    for (const { process } of daemons.toReversed()) await ended(process);
    for (const space of Object.values(spaces)) await execa('ip', ['netns', 'delete', space], { reject: false });
    rmSync(folder, { recursive: true, force: true });
  };
  const log = (name: string) => join(folder, `${name}.log`);
  /** On a host of its own name, whose settings are its own, too. */
  const startDaemon = (name: 'n0' | Name, ...words: string[]) => {
    const own = join(folder, `var-${name}`);
    mkdirSync(own);
    const script = `hostname ${name} && mkdir -p /var/lib/invoker-bench && mount --bind ${own} /var/lib/invoker-bench && exec "$@" >${log(name)} 2>&1`;
    const enter = ['ip', 'netns', 'exec', spaces[name], 'unshare', '--uts', 'sh', '-c', script, 'sh'];
    daemons.push({ name, process: startIn(folder, [...enter, ...words]) });
  };

  try {
    await buildHosts(spaces, ip);
    writeFiles(folder);
    const munged = ['--foreground', '--force', `--key-file=${folder}/munge.key`, `--socket=${folder}/munge.socket`];
    const files = ['pid', 'seed', 'log'].map((name) => `--${name}-file=${folder}/munge.${name}`);
    daemons.push({ name: 'munged', process: startIn(folder, ['/usr/sbin/munged', ...munged, ...files]) });
    startDaemon('n0', 'slurmctld', '-D', '-c', '-f', config);
    for (const name of names) startDaemon(name, 'slurmd', '-D', '-N', name, '-f', config);
  } catch (error) {
    await destroy();
    throw error;
  }
  const cluster: Cluster = {
    sites: {
      n1: { ...endOf('ens5', '10.0.0.20'), enter: ['nsenter', `--net=/run/netns/${spaces.n1}`] },
      n2: { ...endOf('ens4', '10.0.0.10'), enter: ['nsenter', `--net=/run/netns/${spaces.n2}`] },
    },
    run: async (cwd, ...words) => {
      const enter = ['netns', 'exec', spaces.n0, ...words];
      const { exitCode, stdout, stderr } = await execa('ip', enter, {
        cwd,
        env: { SLURM_CONF: config },
        reject: false,
      });
      return { exitCode, stdout, stderr };
    },
    async cable(name, state) {
      await ip(spaces.n0, 'link', 'set', `to-${name}`, state);
    },
    logs: () => ['n0', ...names].map((name) => `${name}:\n${readFileSync(log(name), 'utf8')}`).join('\n'),
    destroy,
  };
  await untilIdle(cluster);
  return cluster;
}

const endOf = (name: string, address: string) => ({
  ...{ interface: name, address, mac: '', driver: 'veth', node: process.execPath, root: packageRoot() },
});

function startIn(cwd: string, [file = '', ...words]: string[]): ChildProcess {
  const env = { ...process.env, SLURM_CONF: join(cwd, 'slurm.conf') };
  return spawn(file, words, { cwd, env, stdio: 'ignore' });
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = once(process, 'exit');
  process.kill();
  const last = setTimeout(() => process.kill('SIGKILL'), patience(10_000));
  await exit;
  clearTimeout(last);
}

/** All on one bridge, and a cable from ens5 of n1 to ens4 of n2. */
async function buildHosts(
  spaces: Record<'n0' | Name, string>,
  ip: (space: string, ...words: string[]) => Promise<unknown>,
): Promise<void> {
  for (const space of Object.values(spaces)) {
    await execa('ip', ['netns', 'add', space]);
    await ip(space, 'link', 'set', 'lo', 'up');
  }
  await ip(spaces.n0, 'link', 'add', 'switch', 'type', 'bridge');
  await ip(spaces.n0, 'address', 'add', '10.9.0.10/24', 'dev', 'switch');
  await ip(spaces.n0, 'link', 'set', 'switch', 'up');
  for (const [index, name] of names.entries()) {
    await ip(
      spaces.n0,
      ...['link', 'add', `to-${name}`, 'type', 'veth', 'peer', 'name', 'cable', 'netns', spaces[name]],
    );
    await ip(spaces.n0, 'link', 'set', `to-${name}`, 'master', 'switch', 'up');
    await ip(spaces[name], 'address', 'add', `10.9.0.1${index + 1}/24`, 'dev', 'cable');
    await ip(spaces[name], 'link', 'set', 'cable', 'up');
  }
  const end = (name: string, mac: string) => [name, 'address', mac, 'numrxqueues', '1', 'numtxqueues', '1'];
  const peer = ['peer', 'name', ...end('ens5', '02:00:00:00:00:20'), 'netns', spaces.n1];
  await ip(spaces.n2, 'link', 'add', ...end('ens4', '02:00:00:00:00:10'), 'type', 'veth', ...peer);
  const ends = [
    [spaces.n1, 'ens5', '10.0.0.20'],
    [spaces.n2, 'ens4', '10.0.0.10'],
  ] as const;
  for (const [space, card, address] of ends) {
    // No IPv6 address: nothing but the benchmark's own packets on the wire.
    await ip(space, 'link', 'set', card, 'addrgenmode', 'none');
    await ip(space, 'address', 'add', `${address}/24`, 'dev', card);
    await ip(space, 'link', 'set', card, 'up');
    const offloads = ['-K', card, 'gro', 'off', 'tx-udp-segmentation', 'off'];
    await execa('ip', ['netns', 'exec', space, 'ethtool', ...offloads]);
  }
}

/** A configuration and a key of its own: nothing of a Slurm that this machine may have is touched. */
function writeFiles(folder: string): void {
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'munge.key'), randomBytes(1024), { mode: 0o600 });
  for (const name of ['state', ...names.map((node) => `spool-${node}`)]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'plugstack.conf'), '');
  // None of this machine's control groups: processes are found by their parents.
  writeFileSync(join(folder, 'cgroup.conf'), 'CgroupPlugin=cgroup/v1\n');
  const cpus = availableParallelism();
  const lines = [
    ...['ClusterName=ivb', 'SlurmctldHost=n0(10.9.0.10)', 'SlurmUser=root', `AuthInfo=socket=${folder}/munge.socket`],
    ...[
      `StateSaveLocation=${folder}/state`,
      `SlurmdSpoolDir=${folder}/spool-%n`,
      `PlugStackConfig=${folder}/plugstack.conf`,
    ],
    ...[`SlurmctldPidFile=${folder}/slurmctld.pid`, `SlurmdPidFile=${folder}/%n.pid`, 'MailProg=/bin/true'],
    ...['ProctrackType=proctrack/linuxproc', 'TaskPlugin=task/affinity', 'JobAcctGatherType=jobacct_gather/none'],
    ...['SelectType=select/linear', 'MpiDefault=none', 'SlurmdParameters=config_overrides', 'ReturnToService=2'],
    ...[`SlurmdTimeout=${deadAfterSeconds}`, 'SchedulerParameters=sched_min_interval=2'],
    ...names.map((name, index) => `NodeName=${name} NodeHostname=${name} NodeAddr=10.9.0.1${index + 1} CPUs=${cpus}`),
    'PartitionName=bench Nodes=ALL Default=YES OverSubscribe=EXCLUSIVE State=UP',
  ];
  writeFileSync(join(folder, 'slurm.conf'), `${lines.join('\n')}\n`);
}

async function untilIdle(cluster: Cluster): Promise<void> {
  for (const deadline = performance.now() + patience(60_000); ; await sleep(200)) {
    const { stdout } = await cluster.run('/', 'sinfo', '--noheader', '--Node', '--format=%N %t');
    if (names.every((name) => stdout.split('\n').includes(`${name} idle`))) return;
    if (performance.now() < deadline) continue;
    const told = cluster.logs();
    await cluster.destroy();
    throw new Error(`no cluster of three nodes: ${stdout}\n${told}`);
  }
}
