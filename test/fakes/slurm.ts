import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { ownName } from '../../common/wire/owner.js';
import type { Site } from '../../common/wire/topology.js';
import { joinBySwitch, setUpCard, siteIn } from './far-hosts.js';
import { patience } from './patience.js';

const names = ['n1', 'n2', 'n3'] as const;
type Name = (typeof names)[number];

/** How long a node may be silent until Slurm takes it for dead. */
const deadAfterSeconds = 5;

/** A cluster of Debian's Slurm: network namespaces that stand for hosts, each with a real slurmd, and one with slurmctld. */
export interface Cluster {
  /** Ends of the wire: ens4 of n1 with 10.0.0.11, ens5 of n2 with 10.0.0.12, ... */
  sites: Record<Name, Site>;
  /** Runs a command of Slurm where slurmctld is, in a folder. */
  run(cwd: string, ...words: string[]): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }>;
  /** Whether a process is on one of its hosts. */
  has(pid: number): boolean;
  /** Takes the cable of a node to all others out, or puts it back. */
  cable(name: Name, state: 'up' | 'down'): Promise<void>;
  /** What its daemons wrote. */
  logs(): string;
  destroy(): Promise<void>;
}

export async function slurmCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'ivb-slurm-'));
  const spaces = {
    ...{ n0: ownName('slurm0'), n1: ownName('slurm1'), n2: ownName('slurm2'), n3: ownName('slurm3') },
    wire: ownName('slurmw'),
  };
  const config = join(folder, 'slurm.conf');
  const daemons: { name: string; process: ChildProcess }[] = [];
  const hosts = names.map((name, index) => {
    const site = siteIn(spaces[name], `ens${index + 4}`, `10.0.0.1${index + 1}`, `02:00:00:00:00:1${index + 1}`);
    return { name, space: spaces[name], site };
  });

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
    for (const space of Object.values(spaces)) {
      await execa('ip', ['netns', 'add', space]);
      await ip(space, 'link', 'set', 'lo', 'up');
    }
    await joinBySwitch(hosts, spaces.wire);
    for (const host of hosts) await setUpCard(host);
    await joinByNetwork(spaces);
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
    sites: Object.fromEntries(hosts.map(({ name, site }) => [name, site])) as Record<Name, Site>,
    run: async (cwd, ...words) => {
      const enter = ['netns', 'exec', spaces.n0, ...words];
      const { exitCode, stdout, stderr } = await execa('ip', enter, {
        cwd,
        env: { SLURM_CONF: config },
        reject: false,
      });
      return { exitCode, stdout, stderr };
    },
    has(pid) {
      const own = Object.values(spaces).map((space) => statSync(`/run/netns/${space}`).ino);
      try {
        return own.includes(statSync(`/proc/${pid}/ns/net`).ino);
      } catch {
        return false; // It has ended, or is one that even root may not look at.
      }
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

const ip = (space: string, ...words: string[]) => execa('ip', ['-n', space, ...words]);

/** A daemon that ends with the tests, however those end. */
function startIn(cwd: string, words: string[]): ChildProcess {
  const env = { ...process.env, SLURM_CONF: join(cwd, 'slurm.conf') };
  return spawn('setpriv', ['--pdeathsig', 'TERM', ...words], { cwd, env, stdio: 'ignore' });
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = once(process, 'exit');
  process.kill();
  const last = setTimeout(() => process.kill('SIGKILL'), patience(10_000));
  await exit;
  clearTimeout(last);
}

/** That of Slurm, with a bridge where slurmctld is. */
async function joinByNetwork(spaces: Record<'n0' | Name, string>): Promise<void> {
  await ip(spaces.n0, 'link', 'add', 'network', 'type', 'bridge');
  await ip(spaces.n0, 'address', 'add', '10.9.0.10/24', 'dev', 'network');
  await ip(spaces.n0, 'link', 'set', 'network', 'up');
  for (const [index, name] of names.entries()) {
    const peer = ['type', 'veth', 'peer', 'name', 'cable', 'netns', spaces[name]];
    await ip(spaces.n0, 'link', 'add', `to-${name}`, ...peer);
    await ip(spaces.n0, 'link', 'set', `to-${name}`, 'master', 'network', 'up');
    await ip(spaces[name], 'address', 'add', `10.9.0.1${index + 1}/24`, 'dev', 'cable');
    await ip(spaces[name], 'link', 'set', 'cable', 'up');
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
