import { UsageError } from '../../common/cli/errors.js';
import { readText } from '../../common/process/host-files.js';
import { thisHost } from '../../common/process/host-sources.js';
import { type Link, readLink } from '../../common/wire/link.js';
import { nic } from '../../common/wire/nic.js';
import type { CardSides, FarSides, Scenario } from '../../model/cell.js';
import type { HostFacts, Interrupts } from '../../model/host.js';
import { tuningKeys } from '../../model/tuning.js';
import { restoreFirst } from '../clean.js';
import { type Occupant, takeMachineLock } from '../machine-lock.js';
import { checkCards } from '../measure/cards.js';
import { readHostFacts } from '../measure/host.js';
import { nicTestbed, type Testbed, vethTestbed } from '../measure/testbed.js';
import { readHostCpus } from '../plan/host-cpus.js';
import { type Ends, type Nic, onVeth } from '../plan/placement.js';
import { tuningHost } from '../tuning/host.js';
import { interruptsFor } from '../tuning/interrupts.js';
import { entries } from '../tuning/table.js';
import type { FarMachine } from './far-machine.js';
import { occupyAll } from './occupy.js';
import { type FarTestbed, type FarTree, openRemote } from './remote.js';

/** A testbed with what is to be known of it before it is used. */
export interface OpenTestbed extends Testbed {
  ends: Ends;
  /** Keeps other benchmarks from its hosts, until it is released; null if the user has interrupted the waiting for it. */
  occupy(occupant: Occupant): Promise<{ release(): void } | null>;
  /** Of the server, and of the clients that are on other hosts. */
  facts(): Promise<{ host: HostFacts; clientHosts: HostFacts[] }>;
  /** Once its hosts are the run's own, before the first cell. Rejects with BenchError for what every cell would fail of. */
  begin(): Promise<void>;
  end(): Promise<void>;
}

/**
 * Of this machine, or of others that are reached by ssh. Hosts are the `occupant`'s before they are looked at, and what killed
 * runs left is undone: it would be among their facts, and interfaces may be elsewhere. Null: they are only looked at. Resolves
 * to null if the user has interrupted the waiting; rejects with UsageError or BenchError, leaving nothing behind.
 */
export async function openTestbed(
  scenario: Scenario,
  tree: FarTree,
  occupant: Occupant | null,
): Promise<OpenTestbed | null> {
  if (scenario.sides !== null) return await openFar(scenario, scenario.sides, tree, occupant);
  if (scenario.cards !== null) return await openNic(scenario, scenario.cards, occupant);
  return await openVeth(scenario, occupant);
}

const nothing = async () => {};
const occupied = async () => ({ release: () => {} });

const here = (scenario: Scenario) => ({
  ends: onVeth(readHostCpus(readText, scenario)),
  facts: async () => ({ host: await readHostFacts(thisHost), clientHosts: [] }),
});

async function openVeth(scenario: Scenario, occupant: Occupant | null): Promise<OpenTestbed | null> {
  const testbed = { ...vethTestbed, begin: nothing };
  if (occupant === null) return { ...testbed, ...here(scenario), occupy: takeMachineLock, end: nothing };
  const lock = await takeMachineLock(occupant);
  if (lock === null) return null;
  try {
    await restoreFirst(occupant.surroundings.stderr);
    return { ...testbed, ...here(scenario), occupy: occupied, end: async () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openNic(scenario: Scenario, asked: CardSides, occupant: Occupant | null): Promise<OpenTestbed | null> {
  const lock = occupant && (await takeMachineLock(occupant));
  if (occupant !== null && lock === null) return null;
  try {
    if (occupant !== null) await restoreFirst(occupant.surroundings.stderr);
    const { ends, facts } = here(scenario);
    const cards = await checkCards(asked);
    const { interface: name } = cards.server;
    const topology = nic(cards);
    const interrupts = await interruptsFor(tuningHost({ interface: name, enter: [], port: 0 }));
    return {
      ...nicTestbed(topology),
      ends: { ...ends, nic: nicOf(await readLink(name), interrupts) },
      occupy: occupied,
      facts,
      async begin() {
        await topology.build(1);
      },
      async end() {
        await topology.end().finally(() => lock?.release());
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

async function openFar(
  scenario: Scenario,
  sides: FarSides,
  tree: FarTree,
  occupant: Occupant | null,
): Promise<OpenTestbed | null> {
  const testbed = await openRemote(sides, tree);
  const { server, clients } = testbed;
  try {
    // They are free again when the connections end.
    if (occupant !== null && (await occupyAll([server, ...clients], occupant)) === 'interrupted') {
      await testbed.end();
      return null;
    }
    await refuseInUse(scenario, sides, testbed);
    // What every cell would fail of is told before the first.
    await testbed.topology.build(1);
    return {
      ...testbed,
      ends: await endsOf(scenario, sides, testbed),
      occupy: occupied,
      facts: async () => {
        const own = await readHostFacts(thisHost);
        const factsOf = async (machine: FarMachine) => withCommit(await machine.ask({ ask: 'facts' }), own);
        const [host, clientHosts] = await Promise.all([factsOf(server), Promise.all(clients.map(factsOf))]);
        return { host, clientHosts };
      },
      begin: nothing,
    };
  } catch (error) {
    await testbed.end();
    throw error;
  }
}

/** A copy of the tree has no history, and the code is the same: that was looked at. */
const withCommit = (there: HostFacts, { commit, dirty }: HostFacts): HostFacts =>
  there.commit === 'unknown' ? { ...there, commit, dirty } : there;

/** An interface by which a host is reached may be gone for seconds while it is tuned, or for good. */
async function refuseInUse(
  { tuning, variants, loads }: Scenario,
  sides: FarSides,
  { server }: FarTestbed,
): Promise<void> {
  const { target, interface: name, inUse } = sides.server;
  const ofLoads = loads.flatMap((plan) => plan.variants ?? []);
  const asked = [tuning, ...[...variants, ...ofLoads].map((variant) => variant.tuning)];
  const isTuned = tuningKeys.some((key) => entries[key].of === 'interface' && asked.some((own) => key in own));
  if (inUse === 'allow' || !isTuned) return;
  const uses = await server.ask({ ask: 'uses', interface: name });
  if (uses.length > 0)
    throw new UsageError(
      `--server: ${name} of ${target} ${uses.join(' and ')}: to tune it nevertheless, name it again with in-use=${name}`,
    );
}

/** Each host is asked for the CPUs that the scenario names on it. */
export async function endsOf(
  { cpus, pinned }: Scenario,
  sides: FarSides,
  { server, clients }: FarTestbed,
): Promise<Ends> {
  const ofServer = pinned.map((point) => ({ ...point, generatorCpus: null }));
  const ofClient = pinned.map((point) => ({ ...point, invokerCpus: [], irqCpus: null, housekeepingCpu: null }));
  const { interface: name } = sides.server;
  const cpusOf = (client: FarMachine) =>
    client.ask({ ask: 'cpus', cpus: { ...cpus, server: null, irq: null }, pinned: ofClient });
  const [serverCpus, clientCpus, link, interrupts] = await Promise.all([
    server.ask({ ask: 'cpus', cpus: { ...cpus, client: null }, pinned: ofServer }),
    Promise.all(clients.map(cpusOf)),
    server.ask({ ask: 'link', interface: name }),
    server.ask({ ask: 'interrupts', interface: name }),
  ]);
  return { server: serverCpus, clients: clientCpus as Ends['clients'], nic: nicOf(link, interrupts) };
}

/** A veth has no interrupts, and no node. */
const nicOf = ({ driver, numaNode }: Pick<Link, 'driver' | 'numaNode'>, interrupts: Interrupts): Nic | null =>
  driver === 'veth' ? null : { node: numaNode, interrupts };
