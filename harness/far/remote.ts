import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '../../common/cli/errors.js';
import { packageRoot } from '../../common/process/paths.js';
import { describeLink, type Link } from '../../common/wire/link.js';
import type { Site, TopologyKind } from '../../common/wire/topology.js';
import type { FarSide, FarSides } from '../../model/cell.js';
import { refuseQueues, type Testbed } from '../measure/testbed.js';
import { FarMachine } from './far-machine.js';

/** Two hosts with a wire between two of their interfaces, which stays as it is. */
export interface FarTestbed extends Testbed {
  server: FarMachine;
  client: FarMachine;
  /** Closes the connections, with which all ends that runs there. */
  end(): Promise<void>;
}

/** Connects to both hosts. Rejects with BenchError, leaving nothing behind. */
export async function openRemote(sides: FarSides): Promise<FarTestbed> {
  const folder = mkdtempSync(join(tmpdir(), 'ivb-ssh-'));
  const machines: FarMachine[] = [];
  const end = async () => {
    await Promise.all(machines.map((machine) => machine.end()));
    rmSync(folder, { recursive: true, force: true });
  };
  const connect = async ({ target, root }: FarSide, name: string) => {
    const machine = new FarMachine({ target, root: root ?? packageRoot() }, join(folder, name));
    machines.push(machine);
    await machine.connect();
    return machine;
  };
  try {
    const server = await connect(sides.server, 's');
    const client = await connect(sides.client, 'c');
    const hosts: Testbed['hosts'] = [
      { side: 'server', read: (children) => server.ask({ ask: 'reading', children: [...children] }) },
      { side: 'client', read: (children) => client.ask({ ask: 'reading', children: [...children] }) },
    ];
    return {
      ...{ topology: remote(sides, { server, client }), hosts, server, client, end },
      async tune(cell, { interface: card }) {
        const { tuning, port } = cell;
        const isTuned = Object.keys(tuning).length > 0;
        const applied = isTuned ? await server.ask({ ask: 'tune', tuning, interface: card, port }) : [];
        const undo = async () => {
          if (isTuned) await server.ask({ ask: 'untune' });
        };
        const tuned = { applied, undo };
        const look = () => server.ask({ ask: 'link', interface: card });
        await refuseQueues(cell, tuned, look, `${sides.server.target}: `);
        return tuned;
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Nothing is built: what a cell needs of the wire is looked at before each. */
function remote(sides: FarSides, machines: Record<keyof FarSides, FarMachine>): TopologyKind {
  const site = async (name: keyof FarSides): Promise<{ site: Site; link: Link }> => {
    const { target, interface: card, address, root } = sides[name];
    // Anew where it was lost: a run goes on when a host is back.
    const agent = await machines[name].connect();
    const { enter } = agent;
    const link = await agent.ask({ ask: 'link', interface: card });
    const lacks = lackOf(link, address);
    if (lacks !== null) throw new BenchError('TOPOLOGY', `${target}: ${lacks}`);
    return {
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
      if (server.site.mac === client.site.mac)
        throw new BenchError('TOPOLOGY', `both ends are the same interface (MAC ${server.site.mac})`);
      if (server.link.mtu !== client.link.mtu)
        throw new BenchError(
          'TOPOLOGY',
          `the MTU is ${server.link.mtu} at the server and ${client.link.mtu} at the client (ip link set ... mtu)`,
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

/** What an interface lacks for a cell, with what to do; null: nothing. */
function lackOf({ interface: name, addresses, state }: Link, address: string): string | null {
  if (state === 'down') return `${name} is down (ip link set ${name} up)`;
  if (state === 'no carrier') return `${name} has no carrier (is the cable in?)`;
  if (!addresses.some((own) => own.address === address))
    return `${name} does not have ${address} (ip address add ${address}/24 dev ${name})`;
  return null;
}
