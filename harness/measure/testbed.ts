import { release } from 'node:os';
import { BenchError } from '../../common/cli/errors.js';
import { count } from '../../common/cli/text.js';
import { type Link, readLink } from '../../common/wire/link.js';
import type { NicTopology } from '../../common/wire/nic.js';
import type { Site, TopologyKind } from '../../common/wire/topology.js';
import { veth } from '../../common/wire/veth.js';
import { type Cell, type Placement, wireQueues } from '../../model/cell.js';
import type { HostWatch } from '../state/host-state.js';
import { StateReader } from '../state/state-reader.js';
import { type Applied, applyTuning } from '../tuning/apply.js';
import { tuningHost } from '../tuning/host.js';
import { keepTo } from './affinity.js';
import type { Kernels } from './host-cannot.js';
import { type MeasuredHost, readHost } from './host-reading.js';

/** What cells run on: a wire, and the hosts at its ends. */
export interface Testbed {
  topology: TopologyKind;
  /** Each host once. */
  hosts: readonly MeasuredHost[];
  /** What each client is called in messages and records; empty where it is on this host. */
  clientNames: readonly string[];
  kernels: Kernels;
  /** Of CPUs of the server: nanoseconds a step of work, as measured for the first cell that needed it. */
  stepNs: Map<number, number>;
  /**
   * Keeps what drives a cell off its measured CPUs: the harness, and what it is reached by on other hosts. Rejects early where
   * `interrupt` ends the search for a host that was lost.
   */
  keepOff(placement: Placement, interrupt: AbortSignal): Promise<void>;
  /** Sets host and interface of the server. Rejects with BenchError, having undone what was set until then. */
  tune(cell: Cell, server: Site): Promise<SetUp>;
  /** Begins to read what cells must leave as they found it. */
  watch(): HostWatch;
}

/** What was set for a cell. */
export interface SetUp {
  applied: Applied[];
  /** Rejects with BenchError that names what stays. */
  undo(): Promise<void>;
}

/** Both ends of a virtual wire on this machine. */
export const vethTestbed: Testbed = {
  topology: veth,
  hosts: [{ side: 'one', read: async (children) => readHost(children) }],
  clientNames: [],
  kernels: { server: release(), clients: [release()] },
  stepNs: new Map(),
  keepOff: ({ housekeepingCpu }) => keepTo(String(housekeepingCpu)),
  tune: ({ tuning, port }, { interface: name, enter }) =>
    applyTuning(tuning, tuningHost({ interface: name, enter, port })),
  watch: () => new StateReader([]),
};

/** The same, with the invoker of another built tree of this project on its server. */
export const servedFrom = (root: string, testbed: Testbed): Testbed => ({
  ...testbed,
  topology: {
    id: testbed.topology.id,
    async build(queues) {
      const wire = await testbed.topology.build(queues);
      return { ...wire, server: { ...wire.server, root } };
    },
  },
});

/** Two interfaces of this machine. They are away before it is first watched, and come back when nobody does any more. */
export const nicTestbed = (topology: NicTopology): Testbed => ({
  ...vethTestbed,
  topology,
  watch: () => new StateReader(topology.sites),
  async tune(cell, server) {
    const tuned = await vethTestbed.tune(cell, server);
    await refuseQueues(cell, tuned, () => readLink(server.interface, server.enter));
    return tuned;
  },
});

/**
 * A cell is of as many queues as the interface has once it is tuned. Rejects with BenchError QUEUES where it is not, having
 * undone the tuning. `host`: whose it is, as a prefix of what is said.
 */
export async function refuseQueues(
  cell: Cell,
  { undo }: SetUp,
  look: () => Promise<Pick<Link, 'interface' | 'rxQueues'>>,
  host = '',
): Promise<void> {
  const queues = wireQueues(cell);
  try {
    const { interface: name, rxQueues } = await look();
    if (rxQueues === queues) return;
    throw new BenchError(
      'QUEUES',
      `${host}${name} has ${count(rxQueues, 'RX queue')}, the cell is of ${queues}` +
        ` (--axis channels=${queues}, or ethtool -L ${name} combined ${queues})`,
    );
  } catch (error) {
    await undo();
    throw error;
  }
}
