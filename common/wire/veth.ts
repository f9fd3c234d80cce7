import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExecaError, execa } from 'execa';
import { BenchError } from '../cli/errors.js';
import { packageRoot } from '../process/paths.js';
import { toolEnvironment } from '../process/tools.js';
import { isOrphan, isOwn, ownName } from './owner.js';
import type { Site, Topology, TopologyKind } from './topology.js';

const namespaceFolder = '/run/netns';

interface Side {
  namespace: string;
  interface: string;
  address: string;
  mac: string;
}

/** Two network namespaces joined by a veth pair with as many queues on both ends; neighbours are static. */
export const veth: TopologyKind = {
  id: 'veth',

  async build(queues) {
    const server = { namespace: ownName('srv'), interface: 'ivb-srv', address: '10.0.0.10', mac: '02:00:00:00:00:10' };
    const client = { namespace: ownName('cli'), interface: 'ivb-cli', address: '10.0.0.20', mac: '02:00:00:00:00:20' };
    const topology: Topology = {
      server: toSite(server),
      client: toSite(client),
      facts: { wire: `veth, ${queues} queues a side`, offloads: Object.entries(offloads).flat().join(' ') },
      destroy: () => remove([server.namespace, client.namespace]),
    };
    try {
      await allSettled([server, client].map(({ namespace }) => ip('netns', 'add', namespace)));
      // The link first: the rest of both sides needs it, and then they do not need each other.
      await batch(server.namespace, [linkCommand(server, client, queues)]);
      await allSettled([
        batch(server.namespace, upCommands(server, client)),
        batch(client.namespace, upCommands(client, server)),
      ]);
      await allSettled([...[server, client].map(setOffloads), carrier(server)]);
      return topology;
    } catch (error) {
      await topology.destroy();
      throw describe(error);
    }
  },

  async clean() {
    const orphans = namespaces().filter(isOrphan);
    await remove(orphans);
    return orphans;
  },

  abandon() {
    for (const name of namespaces().filter(isOwn))
      spawnSync('ip', ['netns', 'delete', name], { timeout: 1000, env: toolEnvironment });
  },
};

function toSite({ namespace, interface: name, address, mac }: Side): Site {
  const enter = ['nsenter', `--net=${namespaceFolder}/${namespace}`];
  return { interface: name, address, mac, driver: 'veth', enter, node: process.execPath, root: packageRoot() };
}

/** Q queues on both ends: an end with fewer RX queues than its peer has TX queues takes no XDP program. */
function linkCommand(server: Side, client: Side, queues: number): string {
  const end = (side: Side) => `${side.interface} address ${side.mac} numrxqueues ${queues} numtxqueues ${queues}`;
  return `link add ${end(server)} type veth peer name ${end(client)} netns ${client.namespace}`;
}

function upCommands(side: Side, peer: Side): string[] {
  return [
    'link set lo up',
    // No IPv6 address: nothing but the benchmark's own packets on the wire.
    `link set ${side.interface} addrgenmode none`,
    `address add ${side.address}/24 dev ${side.interface}`,
    `link set ${side.interface} up`,
    `neighbour replace ${peer.address} lladdr ${peer.mac} dev ${side.interface} nud permanent`,
  ];
}

/** Super-packets would cross the virtual wire unsegmented and count as one: every packet is a frame here. */
const offloads = { 'tx-udp-segmentation': 'off', gro: 'off' };

async function setOffloads({ namespace, interface: name }: Side): Promise<void> {
  await run('nsenter', [
    `--net=${namespaceFolder}/${namespace}`,
    ...['ethtool', '-K', name, ...Object.entries(offloads).flat()],
  ]);
}

const carrierAttempts = 100;

/** The kernel notices a veth's carrier some time after both ends are up; until then the link counts as down. */
async function carrier({ namespace, interface: name }: Side): Promise<void> {
  for (let attempt = 0; attempt < carrierAttempts; attempt++) {
    if (/\sUP\s/.test(await ip('-n', namespace, '-brief', 'link', 'show', name))) return;
    await sleep(5);
  }
  throw new BenchError('TOPOLOGY', `${name} did not come up`);
}

async function batch(namespace: string, commands: string[]): Promise<void> {
  await run('ip', ['-n', namespace, '-batch', '-'], `${commands.join('\n')}\n`);
}

function ip(...words: string[]): Promise<string> {
  return run('ip', words);
}

/** Resolves to what it printed. */
async function run(file: string, words: string[], input = ''): Promise<string> {
  return (await execa(file, words, { env: toolEnvironment, input })).stdout;
}

/** Deletes namespaces, and with them their links; those that are gone already are fine. */
async function remove(names: string[]): Promise<void> {
  const present = new Set(namespaces());
  const doomed = names.filter((name) => present.has(name));
  // A link goes at once and takes its peer along; a namespace alone would go some time after the command returned.
  await Promise.all(
    doomed.filter((name) => name.endsWith('-srv')).map((name) => attempt('-n', name, 'link', 'delete', 'ivb-srv')),
  );
  await Promise.all(doomed.map((name) => attempt('netns', 'delete', name)));
  const left = namespaces().filter((name) => doomed.includes(name));
  if (left.length > 0)
    throw new BenchError('TEARDOWN', `cannot delete the namespaces ${left.join(', ')}`, { call: 'ip' });
}

/** What is gone already cannot be deleted; what stays is noticed by its being there. */
async function attempt(...words: string[]): Promise<void> {
  await ip(...words).catch(() => {});
}

/** Waits for all before it rejects, so that nothing is made any more when the cleaning begins. */
async function allSettled(work: PromiseLike<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

function namespaces(): string[] {
  try {
    return readdirSync(namespaceFolder);
  } catch {
    return []; // No namespace was ever made on this host.
  }
}

const operationNotPermitted = 1;

function describe(error: unknown): unknown {
  if (!(error instanceof ExecaError)) return error;
  const { code, command, stderr } = error;
  const call = command.split(' ')[0] ?? command;
  if (code === 'ENOENT') {
    const message = `cannot build the virtual wire: no command ${call} (apt-get install iproute2 ethtool util-linux)`;
    return new BenchError('TOPOLOGY', message, { call, cause: error });
  }
  const [firstLine] = String(stderr).trim().split('\n');
  const refused = /not permitted|permission denied/i.test(String(stderr));
  const message = `cannot build the virtual wire: ${firstLine || error.shortMessage}${refused ? ' (run it as root)' : ''}`;
  return new BenchError('TOPOLOGY', message, { call, ...(refused ? { errno: operationNotPermitted } : {}) });
}
