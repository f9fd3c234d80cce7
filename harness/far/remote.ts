import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, UsageError } from '../../common/cli/errors.js';
import { packageRoot } from '../../common/process/paths.js';
import { describeLink, type Link } from '../../common/wire/link.js';
import { detour } from '../../common/wire/route.js';
import type { Site, TopologyKind } from '../../common/wire/topology.js';
import type { FarSide, FarSides } from '../../model/cell.js';
import { refuseQueues, type Testbed } from '../measure/testbed.js';
import type { HostState } from '../state/host-state.js';
import { makeControlFolder, removeControlFolders } from './control-folder.js';
import { FarMachine } from './far-machine.js';
import { ownHello } from './peer.js';
import { ship } from './ship.js';

/** Two hosts with a wire between two of their interfaces, which stays as it is. */
export interface FarTestbed extends Testbed {
  server: FarMachine;
  client: FarMachine;
  /** Closes the connections, with which all ends that runs there. */
  end(): Promise<void>;
}

/** Whose tree runs on a host: the one that is there, or a copy of this one, which is made first. */
export type FarTree = 'there' | 'ship';

/** Connects to both hosts. Rejects with UsageError or BenchError, leaving nothing behind. */
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
    if (tree === 'ship') await ship(host, join(folder, `${name}0`));
    const machine = new FarMachine(host, join(folder, name));
    machines.push(machine);
    await machine.connect();
    return machine;
  };
  try {
    const server = await connect(sides.server, 's');
    const client = await connect(sides.client, 'c');
    if (server.hello.host === client.hello.host)
      throw new UsageError(
        `--client: ${sides.client.target} is the same host as --server ${sides.server.target}, and sends nothing to` +
          ' itself over a wire: name two hosts (--topology veth measures on one)',
      );
    return { ...testbedOf(sides, { server, client }), server, client, end };
  } catch (error) {
    await end();
    throw error;
  }
}

function testbedOf(sides: FarSides, machines: Record<keyof FarSides, FarMachine>): Testbed {
  const { server, client } = machines;
  const here = ownHello().host;
  /** This process, where it is on one of the hosts. */
  const harnessOn = ({ hello }: FarMachine) => (hello.host === here ? [process.pid] : []);
  const readOf = (machine: FarMachine) => (children: readonly number[]) =>
    machine.ask({ ask: 'reading', children: [...children, ...harnessOn(machine)] });
  return {
    topology: remote(sides, machines),
    hosts: [
      { side: 'server', read: readOf(server) },
      { side: 'client', read: readOf(client) },
    ],
    watch: () => ({
      read: () =>
        readStates([
          [sides.server, server],
          [sides.client, client],
        ]),
      end: async () => {},
    }),
    kernels: { server: server.hello.kernel, client: client.hello.kernel },
    async keepOff({ housekeepingCpu, clientHousekeepingCpu }) {
      const keep = async (machine: FarMachine, cpu: number) => {
        await machine.connect();
        await machine.ask({ ask: 'keep', cpu, processes: harnessOn(machine) });
      };
      await Promise.all([keep(server, housekeepingCpu), keep(client, clientHousekeepingCpu)]);
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
 * The state of both hosts, in words that say which one is meant. Null where a connection is lost: that is told by the cell,
 * and the next one connects anew.
 */
async function readStates(hosts: [FarSide, FarMachine][]): Promise<HostState | null> {
  try {
    const states = await Promise.all(
      hosts.map(async ([{ target, interface: card }, machine]) => {
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

/** Nothing is built: what a cell needs of the wire is looked at before each. */
function remote(sides: FarSides, machines: Record<keyof FarSides, FarMachine>): TopologyKind {
  const site = async (name: keyof FarSides): Promise<{ site: Site; link: Link; lacks: string | null }> => {
    const { target, interface: card, address, root } = sides[name];
    // Anew where it was lost: a run goes on when a host is back.
    const agent = await machines[name].connect();
    const { enter } = agent;
    const link = await agent.ask({ ask: 'link', interface: card });
    const lacks = lackOf(link, address);
    return {
      lacks: lacks === null ? null : `${target}: ${lacks}`,
      site: {
        interface: card,
        address,
        mac: link.mac,
        driver: link.driver,
        enter,
        node: 'node',
        root: root ?? packageRoot(),
      },
      link,
    };
  };
  return {
    id: 'remote',
    async build() {
      const [server, client] = await Promise.all([site('server'), site('client')]);
      const lacking = [server, client].filter(({ lacks }) => lacks !== null);
      // An end that is down takes the carrier of the other one.
      const cause = lacking.find(({ link }) => link.state !== 'no carrier') ?? lacking[0];
      if (cause) throw new BenchError('TOPOLOGY', cause.lacks ?? '');
      const { interface: card, address: own } = client.site;
      const { mac, address } = server.site;
      if (mac === client.site.mac)
        throw new BenchError('TOPOLOGY', `both ends have the MAC ${mac} (ip link set ${card} address ...)`);
      if (server.link.mtu !== client.link.mtu)
        throw new BenchError(
          'TOPOLOGY',
          `the MTU is ${server.link.mtu} at the server and ${client.link.mtu} at the client (ip link set ... mtu)`,
        );
      // Both ways: replies go by the routes of the server.
      await Promise.all([refuseDetour(sides, machines, 'client'), refuseDetour(sides, machines, 'server')]);
      const found = await machines.client.ask({ ask: 'neighbour', interface: card, own, address });
      if (found === null)
        throw new BenchError(
          'TOPOLOGY',
          `${sides.client.target}: nobody answers for ${address} on ${card} (see that it is joined to` +
            ` ${server.site.interface} of ${sides.server.target} by one cable, or one VLAN of a switch)`,
        );
      if (found !== mac)
        throw new BenchError(
          'TOPOLOGY',
          `${sides.client.target}: ${address} is ${found} on ${card}, not ${mac} of ${sides.server.target}: another host` +
            ` has the address, or a router is between (ip neigh flush dev ${card} forgets an old one)`,
        );
      return {
        server: server.site,
        client: client.site,
        facts: { wire: `server ${describeLink(server.link)}; client ${describeLink(client.link)}` },
        destroy: async () => {},
      };
    },
  };
}

/** Rejects with BenchError where packets of an end would not go straight to the other one. */
async function refuseDetour(
  sides: FarSides,
  machines: Record<keyof FarSides, FarMachine>,
  name: keyof FarSides,
): Promise<void> {
  const { target, interface: card, address: own } = sides[name];
  const question = { interface: card, own, address: sides[name === 'server' ? 'client' : 'server'].address };
  const way = detour(question, await machines[name].ask({ ask: 'route', ...question }));
  if (way !== null) throw new BenchError('TOPOLOGY', `${target}: ${way.state} (${way.remedy})`);
}

/** What an interface lacks for a cell, with what to do; null: nothing. */
function lackOf({ interface: name, addresses, state }: Link, address: string): string | null {
  if (state === 'down') return `${name} is down (ip link set ${name} up)`;
  if (state === 'no carrier') return `${name} has no carrier (is the cable in?)`;
  if (!addresses.some((own) => own.address === address))
    return `${name} does not have ${address} (ip address add ${address}/24 dev ${name})`;
  return null;
}
