import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../cli/errors.js';
import { packageRoot } from '../process/paths.js';
import { toolEnvironment } from '../process/tools.js';
import { namespacesOfCards } from './card-journal.js';
import { batch, deleteNamespace, enterNamespace, ip, namespaces, run, toolError } from './namespaces.js';
import { isOrphan, isOwn, ownName } from './owner.js';
import type { LocalTopology, Site, Topology, TopologyKind } from './topology.js';

interface Side {
  namespace: string;
  interface: string;
  address: string;
  mac: string;
}

/** Two network namespaces joined by a veth pair with as many queues on both ends; neighbours are static. */
export const veth: TopologyKind & LocalTopology = {
  id: 'veth',

  async build(queues) {
    const server = { namespace: ownName('srv'), interface: 'ivb-srv', address: '10.0.0.10', mac: '02:00:00:00:00:10' };
    const client = { namespace: ownName('cli'), interface: 'ivb-cli', address: '10.0.0.20', mac: '02:00:00:00:00:20' };
    const topology: Topology = {
      server: toSite(server),
      clients: [toSite(client)],
      facts: { wire: `veth, ${queues} queues a side`, offloads: Object.entries(offloads).flat().join(' ') },
      check: async () => {},
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
      throw toolError(error, 'build the virtual wire');
    }
  },

  async clean() {
    const orphans = ownNamespaces(isOrphan);
    await remove(orphans);
    return orphans.length === 0 ? [] : [`Removed ${orphans.join(', ')}`];
  },

  abandon() {
    for (const name of ownNamespaces(isOwn))
      spawnSync('ip', ['netns', 'delete', name], { timeout: 1000, env: toolEnvironment });
  },
};

/** Those that match, without the ones that cards are to be brought back from: a namespace would take a card along. */
function ownNamespaces(matches: (name: string) => boolean): string[] {
  const ofCards = namespacesOfCards();
  return namespaces().filter((name) => matches(name) && !ofCards.includes(name));
}

function toSite({ namespace, interface: name, address, mac }: Side): Site {
  const enter = enterNamespace(namespace);
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
  const [file = '', ...words] = [
    ...enterNamespace(namespace),
    'ethtool',
    '-K',
    name,
    ...Object.entries(offloads).flat(),
  ];
  await run(file, words);
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

/** Deletes namespaces, and with them their links; those that are gone already are fine. */
async function remove(names: string[]): Promise<void> {
  const present = new Set(namespaces());
  const doomed = names.filter((name) => present.has(name));
  // A link goes at once and takes its peer along; a namespace alone would go some time after the command returned.
  await Promise.all(
    doomed
      .filter((name) => name.endsWith('-srv'))
      .map((name) => ip('-n', name, 'link', 'delete', 'ivb-srv').catch(() => {})), // It is gone already.
  );
  await Promise.all(doomed.map(deleteNamespace));
  const left = namespaces().filter((name) => doomed.includes(name));
  if (left.length > 0)
    throw new BenchError('TEARDOWN', `cannot delete the namespaces ${left.join(', ')}`, { call: 'ip' });
}

/** Waits for all before it rejects, so that nothing is made any more when the cleaning begins. */
async function allSettled(work: PromiseLike<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
