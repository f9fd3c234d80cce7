import { type Link, lackOf } from '../../common/wire/link.js';
import { detour } from '../../common/wire/route.js';
import { cannot, variantOf } from '../../impls/abilities.js';
import { portOf } from '../../impls/functions.js';
import type { FarSide, FarSides, Scenario } from '../../model/cell.js';
import { type Finding, finding } from '../doctor/finding.js';
import { checkEnds, type WireEnd } from '../doctor/wire.js';
import { type Answered, checkAnswers } from '../doctor/wire-answers.js';
import { planCells } from '../plan/plan.js';
import type { FarMachine } from './far-machine.js';
import { inOrder } from './occupy.js';
import { endsOf } from './open-testbed.js';
import { openRemote } from './remote.js';
import type { FarEnd } from './remote-wire.js';
import { tryWire } from './wire-trial.js';

/**
 * What is found of two hosts and of the wire between them: ids begin with `server/`, `client/` and `wire/`. Nothing is
 * set; a short run of each cell of the scenario says what a longer one would run into. Rejects with BenchError where a
 * host cannot be asked, and with the reason of the interrupt.
 */
export async function examineRemote(scenario: Scenario, sides: FarSides, interrupt: AbortSignal): Promise<Finding[]> {
  const testbed = await openRemote(sides, 'there');
  const server = { side: sides.server, machine: testbed.server };
  const client = { side: sides.clients[0] as FarSide, machine: testbed.clients[0] as FarMachine };
  try {
    // It tries the wire, so nothing else may be measured meanwhile.
    for (const machine of inOrder([server.machine, client.machine]))
      await machine.occupy('npm run doctor', 'try again when it has ended', 'leave');
    const [serverEnd, clientEnd] = await Promise.all([lookAt(server, client), lookAt(client, server)]);
    const [ofServer, ofClient, answered] = await Promise.all([
      examineHost('server', server),
      examineHost('client', client),
      askOver(client.machine, serverEnd, clientEnd),
    ]);
    const way = [...checkEnds(serverEnd, clientEnd), ...checkAnswers(serverEnd, clientEnd, answered)];
    const found = [...ofServer, ...ofClient, ...way];
    const obstacle = way.find(({ level }) => level === 'cannot-run');
    if (obstacle !== undefined) return [...found, notTried(obstacle)];
    const hosts = await endsOf(scenario, sides, testbed);
    const ends = { server: { ...server, end: serverEnd }, client: { ...client, end: clientEnd } };
    const planned = planCells(throughAllQueues(scenario, serverEnd.link), hosts, { portOf, cannot, variantOf });
    return [...found, ...(await tryWire(planned, ends, testbed, interrupt))];
  } finally {
    await testbed.end();
  }
}

async function lookAt({ side, machine }: FarEnd, other: FarEnd): Promise<WireEnd> {
  const { target, interface: card, address } = side;
  const [link, route] = await Promise.all([
    machine.ask({ ask: 'link', interface: card }),
    machine.ask({ ask: 'route', interface: card, own: address, address: other.side.address }),
  ]);
  return { host: target, link, address, route };
}

async function examineHost(name: 'server' | 'client', { side, machine }: FarEnd): Promise<Finding[]> {
  const findings = await machine.ask({ ask: 'doctor', interface: side.interface });
  return findings.map((one) => ({ ...one, id: `${name}/${one.id}` }));
}

/** As ping has it by itself. */
const smallBytes = 84;

/** Asks from the client; null where the ends are not ready for it: who waits for answers then waits in vain. */
async function askOver(from: FarMachine, server: WireEnd, client: WireEnd): Promise<Answered | null> {
  const question = { interface: client.link.interface, own: client.address, address: server.address };
  const ready = [server, client].every(({ link, address }) => lackOf(link, address) === null);
  if (!ready || detour(question, client.route) !== null) return null;
  const mac = await from.ask({ ask: 'neighbour', ...question });
  if (mac !== server.link.mac) return { mac, echoes: null };
  const ping = (packetBytes: number) => from.ask({ ask: 'ping', ...question, packetBytes });
  const [small, large] = await Promise.all([ping(smallBytes), ping(client.link.mtu)]);
  return { mac, echoes: { small, large } };
}

function notTried({ id }: Finding): Finding {
  const why = 'Programs are attached at both ends, cells run, and the generator sends as fast as it can.';
  return finding('wire/trials', why, { level: 'not-told', state: `nothing was tried: see ${id}` });
}

/** With a thread for each queue that the server's card has. */
function throughAllQueues(scenario: Scenario, { rxQueues: queues }: Link): Scenario {
  const matrix = [{ threads: queues, queues }];
  return { ...scenario, loads: scenario.loads.map((plan) => ({ ...plan, matrix })) };
}
