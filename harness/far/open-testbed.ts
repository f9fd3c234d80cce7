import { readFileSync } from 'node:fs';
import { thisHost } from '../../common/process/host-sources.js';
import { type Link, readLink } from '../../common/wire/link.js';
import { nic } from '../../common/wire/nic.js';
import type { FarSides, Scenario } from '../../model/cell.js';
import type { HostFacts } from '../../model/host.js';
import { checkCards } from '../measure/cards.js';
import { readHostFacts } from '../measure/host.js';
import { nicTestbed, type Testbed, vethTestbed } from '../measure/testbed.js';
import { readHostCpus } from '../plan/host-cpus.js';
import { type Ends, onVeth } from '../plan/placement.js';
import { type FarTestbed, openRemote } from './remote.js';

/** A testbed with what is to be known of it before it is used. */
export interface OpenTestbed extends Testbed {
  ends: Ends;
  /** `clientHost` is null where the client's host is the server's. */
  facts(): Promise<{ host: HostFacts; clientHost: HostFacts | null }>;
  /** Once this machine is the run's own, before the first cell. Rejects with BenchError for what every cell would fail of. */
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** Of this machine, or of two that are reached by ssh. Rejects with UsageError or BenchError, leaving nothing behind. */
export async function openTestbed(scenario: Scenario): Promise<OpenTestbed> {
  if (scenario.sides !== null) return await openFar(scenario, scenario.sides);
  const host = readHostCpus((path) => readFileSync(path, 'utf8'), scenario);
  const facts = async () => ({ host: await readHostFacts(thisHost), clientHost: null });
  const nothing = async () => {};
  if (scenario.cards === null) return { ...vethTestbed, ends: onVeth(host), facts, begin: nothing, end: nothing };
  const cards = await checkCards(scenario.cards);
  const { driver, numaNode } = await readLink(cards.server.interface);
  const topology = nic(cards);
  return {
    ...nicTestbed(topology),
    ends: { server: host, client: host, nic: nicOf({ driver, numaNode }) },
    facts,
    async begin() {
      await topology.build(1);
    },
    end: () => topology.end(),
  };
}

async function openFar(scenario: Scenario, sides: FarSides): Promise<OpenTestbed> {
  const testbed = await openRemote(sides);
  const { server, client } = testbed;
  try {
    // What every cell would fail of is told before anything is written.
    await testbed.topology.build(1);
    return {
      ...testbed,
      ends: await endsOf(scenario, sides, testbed),
      facts: async () => {
        const [host, clientHost] = await Promise.all([server.ask({ ask: 'facts' }), client.ask({ ask: 'facts' })]);
        return { host, clientHost };
      },
      begin: async () => {},
    };
  } catch (error) {
    await testbed.end();
    throw error;
  }
}

/** A veth has no interrupts, and no node. */
const nicOf = ({ driver, numaNode }: Pick<Link, 'driver' | 'numaNode'>): Ends['nic'] =>
  driver === 'veth' ? null : { node: numaNode };

/** Each host is asked for the CPUs that the scenario names on it. */
async function endsOf({ cpus, pinned }: Scenario, sides: FarSides, { server, client }: FarTestbed): Promise<Ends> {
  const ofServer = pinned.map((point) => ({ ...point, generatorCpus: null }));
  const ofClient = pinned.map((point) => ({ ...point, invokerCpus: [], irqCpus: null, housekeepingCpu: null }));
  const [serverCpus, clientCpus, link] = await Promise.all([
    server.ask({ ask: 'cpus', cpus: { ...cpus, client: null }, pinned: ofServer }),
    client.ask({ ask: 'cpus', cpus: { ...cpus, server: null, irq: null }, pinned: ofClient }),
    server.ask({ ask: 'link', interface: sides.server.interface }),
  ]);
  return { server: serverCpus, client: clientCpus, nic: nicOf(link) };
}
