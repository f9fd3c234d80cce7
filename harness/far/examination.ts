import { count } from '../../common/cli/text.js';
import { cannot, variantOf } from '../../impls/abilities.js';
import { portOf } from '../../impls/functions.js';
import type { FarSide, FarSides, PlannedCell, Scenario } from '../../model/cell.js';
import type { Run } from '../../model/record.js';
import { type Finding, finding } from '../doctor/finding.js';
import { checkWire } from '../doctor/wire.js';
import { runCell } from '../measure/run.js';
import { planCells } from '../plan/plan.js';
import type { FarMachine } from './far-machine.js';
import { inOrder } from './occupy.js';
import { endsOf } from './open-testbed.js';
import { type FarTestbed, openRemote } from './remote.js';

/**
 * What is found of two hosts and of the wire between them: ids begin with `server/`, `client/` and `wire/`. Nothing is
 * set; a short run of each cell of the scenario says what a longer one would run into. Rejects with BenchError where a
 * host cannot be asked, and with the reason of the interrupt.
 */
export async function examineRemote(scenario: Scenario, sides: FarSides, interrupt: AbortSignal): Promise<Finding[]> {
  const testbed = await openRemote(sides, 'there');
  try {
    // It tries the wire, so nothing else may be measured meanwhile.
    for (const machine of inOrder([testbed.server, ...testbed.clients]))
      await machine.occupy('npm run doctor', 'try again when it has ended', 'leave');
    const [server, client] = await Promise.all([
      examineEnd('server', sides.server, testbed.server),
      examineEnd('client', sides.clients[0] as FarSide, testbed.clients[0] as FarMachine),
    ]);
    const { rxQueues } = server.end.link;
    const planned = planCells(throughAllQueues(scenario, rxQueues), await endsOf(scenario, sides, testbed), {
      ...{ portOf, cannot, variantOf },
    });
    const tried: Finding[] = [];
    for (const cell of planned) tried.push(await tryCell(cell, testbed, interrupt));
    return [...server.findings, ...client.findings, ...checkWire(server.end, client.end), ...tried];
  } finally {
    await testbed.end();
  }
}

async function examineEnd(name: 'server' | 'client', side: FarSide, machine: FarMachine) {
  const { target, interface: card, address } = side;
  const link = await machine.ask({ ask: 'link', interface: card });
  const findings = await machine.ask({ ask: 'doctor', interface: card });
  return {
    end: { host: target, link, address },
    findings: findings.map((one) => ({ ...one, id: `${name}/${one.id}` })),
  };
}

/** With a thread for each queue that the server's card has. */
function throughAllQueues(scenario: Scenario, queues: number): Scenario {
  const matrix = [{ threads: queues, queues }];
  return { ...scenario, loads: scenario.loads.map((plan) => ({ ...plan, matrix })) };
}

async function tryCell(planned: PlannedCell, testbed: FarTestbed, interrupt: AbortSignal): Promise<Finding> {
  const { cell } = planned;
  const id = `wire/${cell.implementation}-${cell.load.kind}`;
  const why =
    cell.load.kind === 'closed'
      ? 'Its requests are sent by UDP sockets, one after another.'
      : 'Its requests are sent at a rate, by XDP live frames where the client has them.';
  if (planned.state === 'skipped')
    return finding(id, why, { level: 'not-told', state: `not tried: ${planned.reason}` });
  // A run would undo what a killed one has left.
  const untuned = { ...testbed, tune: async () => ({ applied: [], undo: async () => {} }) };
  return outcomeOf(await runCell({ runId: 'doctor', cell, repeat: 0 }, untuned, interrupt), id, why);
}

/** What a run came to. */
export function outcomeOf(run: Run, id: string, why: string): Finding {
  if (run.state !== 'completed') {
    // What failed says what to do in its own words.
    const state = run.state === 'failed' ? run.error.message : run.reason;
    return finding(id, why, { level: 'cannot-run', state, remedy: null });
  }
  const { sent, right } = run.ledger;
  const state = `${right} of ${sent} requests answered through ${count(run.cell.queues, 'RX queue')}, frames of ${run.cell.packetBytes} bytes`;
  if (right === 0)
    return finding(id, why, {
      level: 'cannot-run',
      state,
      remedy: 'see that nothing between the hosts, and no firewall of the server, drops UDP',
    });
  if (right < sent) {
    const remedy = 'find who drops them: ethtool -S of both interfaces, the switch, the firewall of the server';
    return finding(id, why, { level: 'not-trusted', state, remedy });
  }
  return finding(id, why, { level: 'fine', state });
}
