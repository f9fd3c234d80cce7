import { readFileSync } from 'node:fs';
import { thisHost } from '../../common/process/host-sources.js';
import type { FarSides, Scenario } from '../../model/cell.js';
import type { HostFacts } from '../../model/host.js';
import { readHostFacts } from '../measure/host.js';
import { type Testbed, vethTestbed } from '../measure/testbed.js';
import { readHostCpus } from '../plan/host-cpus.js';
import { type Ends, onVeth } from '../plan/placement.js';
import { type FarTestbed, openRemote } from './remote.js';

/** A testbed with what is to be known of it before it is used. */
export interface OpenTestbed extends Testbed {
  ends: Ends;
  /** `clientHost` is null where the client's host is the server's. */
  facts(): Promise<{ host: HostFacts; clientHost: HostFacts | null }>;
  end(): Promise<void>;
}

/** Of this machine, or of two that are reached by ssh. Rejects with UsageError or BenchError, leaving nothing behind. */
export async function openTestbed(scenario: Scenario): Promise<OpenTestbed> {
  if (scenario.sides === null)
    return {
      ...vethTestbed,
      ends: onVeth(readHostCpus((path) => readFileSync(path, 'utf8'), scenario)),
      facts: async () => ({ host: await readHostFacts(thisHost), clientHost: null }),
      end: async () => {},
    };
  const testbed = await openRemote(scenario.sides);
  const { server, client } = testbed;
  try {
    // What every cell would fail of is told before the first.
    await testbed.topology.build(1);
    return {
      ...testbed,
      ends: await endsOf(scenario, scenario.sides, testbed),
      facts: async () => {
        const [host, clientHost] = await Promise.all([server.ask({ ask: 'facts' }), client.ask({ ask: 'facts' })]);
        return { host, clientHost };
      },
    };
  } catch (error) {
    await testbed.end();
    throw error;
  }
}

/** Each host is asked for the CPUs that the scenario names on it. */
async function endsOf({ cpus, pinned }: Scenario, sides: FarSides, { server, client }: FarTestbed): Promise<Ends> {
  const ofServer = pinned.map((point) => ({ ...point, generatorCpus: null }));
  const ofClient = pinned.map((point) => ({ ...point, invokerCpus: [], irqCpus: null, housekeepingCpu: null }));
  const [serverCpus, clientCpus, link] = await Promise.all([
    server.ask({ ask: 'cpus', cpus: { ...cpus, client: null }, pinned: ofServer }),
    client.ask({ ask: 'cpus', cpus: { ...cpus, server: null, irq: null }, pinned: ofClient }),
    server.ask({ ask: 'link', interface: sides.server.interface }),
  ]);
  return { server: serverCpus, client: clientCpus, nic: link.driver === 'veth' ? null : { node: link.numaNode } };
}
