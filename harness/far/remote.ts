import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, UsageError } from '../../common/cli/errors.js';
import { packageRoot } from '../../common/process/paths.js';
import type { FarSide, FarSides } from '../../model/cell.js';
import { clientSides } from '../../model/host-use.js';
import type { MeasuredHost } from '../measure/host-reading.js';
import { refuseQueues, type Testbed } from '../measure/testbed.js';
import type { HostState } from '../state/host-state.js';
import { makeControlFolder, removeControlFolders } from './control-folder.js';
import { FarMachine } from './far-machine.js';
import { ownHello } from './peer.js';
import { type FarEnd, remoteWire } from './remote-wire.js';
import { ship } from './ship.js';

/** Hosts with a wire between an interface of each, which stays as it is. */
export interface FarTestbed extends Testbed, Machines {
  /** Closes the connections, with which all ends that runs there. */
  end(): Promise<void>;
}

/** Whose tree runs on a host: the one that is there, or a copy of this one, which is made first. */
export type FarTree = 'there' | 'ship';

interface Machines {
  server: FarMachine;
  /** In the order of the question. */
  clients: FarMachine[];
}

/** Connects to all hosts. Rejects with UsageError or BenchError, leaving nothing behind. */
export async function openRemote(sides: FarSides, tree: FarTree): Promise<FarTestbed> {
  removeControlFolders();
  const folder = makeControlFolder();
  const machines: FarMachine[] = [];
  const end = async () => {
    await Promise.all(machines.map((machine) => machine.end()));
    rmSync(folder, { recursive: true, force: true });
  };
  const connect = async ({ target, root }: FarSide, name: string) => {
    const host = { target, root: root ?? packageRoot() };
    if (tree === 'ship') await ship(host, join(folder, `${name}-`));
    const machine = new FarMachine(host, join(folder, name));
    machines.push(machine);
    await machine.connect();
    return machine;
  };
  try {
    const server = await connect(sides.server, 's');
    const nameOf = (index: number) => (index === 0 ? 'c' : `c${index + 1}-`);
    const clients = await allConnected(sides.clients.map((side, index) => connect(side, nameOf(index))));
    for (const [index, client] of clients.entries()) {
      const { target } = sides.clients[index] as FarSide;
      if (server.hello.host === client.hello.host)
        throw new UsageError(
          `--client: ${target} is the same host as --server ${sides.server.target}, and sends nothing to` +
            ' itself over a wire: name two hosts (--topology veth measures on one)',
        );
      const again = clients.findIndex(({ hello }) => hello.host === client.hello.host);
      if (again < index)
        throw new UsageError(
          `--client: ${target} is the same host as --client ${sides.clients[again]?.target}: name each host once`,
        );
    }
    return { ...testbedOf(sides, { server, clients }), server, clients, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Rejects when the last of them is connected or is not: until then there is nothing to end yet. */
async function allConnected(connecting: readonly Promise<FarMachine>[]): Promise<FarMachine[]> {
  await Promise.allSettled(connecting);
  return await Promise.all(connecting);
}

function testbedOf(sides: FarSides, { server, clients }: Machines): Testbed {
  const ends = clients.map((machine, index): FarEnd => ({ side: sides.clients[index] as FarSide, machine }));
  const names = clientSides(clients.length);
  const here = ownHello().host;
  /** This process, where it is on one of the hosts. */
  const harnessOn = ({ hello }: FarMachine) => (hello.host === here ? [process.pid] : []);
  const readOf = (machine: FarMachine) => (children: readonly number[]) =>
    machine.ask({ ask: 'reading', children: [...children, ...harnessOn(machine)] });
  return {
    topology: remoteWire({ side: sides.server, machine: server }, ends),
    hosts: [
      { side: 'server', read: readOf(server) },
      ...clients.map((client, index): MeasuredHost => ({ side: names[index] ?? 'client', read: readOf(client) })),
    ],
    clientNames: sides.clients.map(({ target }) => target),
    watch: () => ({
      read: () => readStates([{ side: sides.server, machine: server }, ...ends]),
      end: async () => {},
    }),
    stepNs: new Map(),
    kernels: { server: server.hello.kernel, clients: clients.map(({ hello }) => hello.kernel) },
    async keepOff(placement, interrupt) {
      const keep = async (machine: FarMachine, cpu: number) => {
        await machine.connect(interrupt);
        await machine.ask({ ask: 'keep', cpu, processes: harnessOn(machine) });
      };
      await Promise.all([
        keep(server, placement.housekeepingCpu),
        ...placement.clients.map(({ housekeepingCpu }, index) => keep(clients[index] as FarMachine, housekeepingCpu)),
      ]);
    },
    async tune(cell, { interface: card }) {
      const { tuning, port } = cell;
      // Also of nothing: what a killed harness has set there would be measured.
      const applied = await server.ask({ ask: 'tune', tuning, interface: card, port });
      const undo = async () => {
        if (Object.keys(tuning).length > 0) await server.ask({ ask: 'untune' });
      };
      const tuned = { applied, undo };
      const look = () => server.ask({ ask: 'link', interface: card });
      await refuseQueues(cell, tuned, look, `${sides.server.target}: `);
      return tuned;
    },
  };
}

/**
 * The state of all hosts, in words that say which one is meant. Null where a connection is lost: that is told by the cell,
 * and the next one connects anew.
 */
async function readStates(hosts: readonly FarEnd[]): Promise<HostState | null> {
  try {
    const states = await Promise.all(
      hosts.map(async ({ side: { target, interface: card }, machine }) => {
        const { settings, ours } = await machine.ask({ ask: 'state', interface: card });
        const on = <Value>(named: Record<string, Value>): Record<string, Value> =>
          Object.fromEntries(Object.entries(named).map(([name, value]) => [`${target}: ${name}`, value]));
        return { settings: on(settings), ours: ours.map((thing) => `${target}: ${thing}`) };
      }),
    );
    return {
      settings: Object.assign({}, ...states.map(({ settings }) => settings)),
      ours: states.flatMap(({ ours }) => ours),
    };
  } catch (error) {
    if (error instanceof BenchError && error.code === 'FAR_HOST') return null;
    throw error;
  }
}
