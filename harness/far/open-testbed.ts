import { readFileSync } from 'node:fs';
import type { Scenario } from '../../model/cell.js';
import type { HostFacts } from '../../model/host.js';
import { readHostFacts, thisHost } from '../measure/host.js';
import { type Testbed, vethTestbed } from '../measure/testbed.js';
import { type HostCpus, readHostCpus } from '../plan/host-cpus.js';
import { openRemote } from './remote.js';

/** A testbed with what is to be known of it before it is used. */
export interface OpenTestbed extends Testbed {
  cpus: HostCpus;
  /** `clientHost` is null where the client's host is the server's. */
  facts(): Promise<{ host: HostFacts; clientHost: HostFacts | null }>;
  end(): Promise<void>;
}

/** Of this machine, or of two that are reached by ssh. Rejects with UsageError or BenchError, leaving nothing behind. */
export async function openTestbed(scenario: Scenario): Promise<OpenTestbed> {
  if (scenario.sides === null)
    return {
      ...vethTestbed,
      cpus: readHostCpus((path) => readFileSync(path, 'utf8'), scenario),
      facts: async () => ({ host: await readHostFacts(thisHost), clientHost: null }),
      end: async () => {},
    };
  const testbed = await openRemote(scenario.sides);
  const { server, client } = testbed;
  try {
    const { cpus, generatorCpus } = scenario;
    return {
      ...testbed,
      cpus: await server.ask({ ask: 'cpus', cpus, generatorCpus }),
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
