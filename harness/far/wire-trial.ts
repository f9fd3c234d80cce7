import { setTimeout as sleep } from 'node:timers/promises';
import { count } from '../../common/cli/text.js';
import { childScripts } from '../../common/process/paths.js';
import { measureCeiling } from '../../common/wire/ceiling.js';
import type { PlannedCell } from '../../model/cell.js';
import type { Run } from '../../model/record.js';
import { type Finding, finding } from '../doctor/finding.js';
import type { WireEnd } from '../doctor/wire.js';
import { checkAttach, checkFlood, checkPauses, checkQueuesReached, type Flood } from '../doctor/wire-load.js';
import { runCell } from '../measure/run.js';
import { ceilingQuestions } from '../plan/ceilings.js';
import type { FarMachine } from './far-machine.js';
import type { FarTestbed } from './remote.js';

/** An end, and what is known of it. */
interface TriedEnd {
  machine: FarMachine;
  end: WireEnd;
}

type Ends = Record<'server' | 'client', TriedEnd>;

/** What comes of programs at both ends, of each cell, and of all that the generator can send. */
export async function tryWire(
  planned: readonly PlannedCell[],
  ends: Ends,
  testbed: FarTestbed,
  interrupt: AbortSignal,
): Promise<Finding[]> {
  const attached = await Promise.all([attach('server', ends.server), attach('client', ends.client)]);
  await Promise.all([awaitCarrier(ends.server), awaitCarrier(ends.client)]);
  interrupt.throwIfAborted();
  const tried: { finding: Finding; run: Run | null }[] = [];
  for (const cell of planned) tried.push(await tryCell(cell, testbed, interrupt));
  const throughQueues = tried.find(({ finding: { id } }) => id === 'wire/afxdp-rate')?.run ?? null;
  return [
    ...attached,
    ...tried.map(({ finding }) => finding),
    checkQueuesReached(ends.server.end, throughQueues),
    ...(await flood(planned, ends, testbed, interrupt)),
  ];
}

async function attach(name: 'server' | 'client', { machine, end }: TriedEnd): Promise<Finding> {
  return checkAttach(name, end, await machine.ask({ ask: 'attach', interface: end.link.interface }));
}

const carrierWithinMs = 15_000;

/** Many drivers take the link down for a program. Where it does not come back, the cells say so. */
async function awaitCarrier({ machine, end }: TriedEnd): Promise<void> {
  const question = { ask: 'link', interface: end.link.interface } as const;
  for (let waitedMs = 0; waitedMs < carrierWithinMs; waitedMs += 100) {
    if ((await machine.ask(question)).state === 'up') return;
    await sleep(100);
  }
}

async function tryCell(
  planned: PlannedCell,
  testbed: FarTestbed,
  interrupt: AbortSignal,
): Promise<{ finding: Finding; run: Run | null }> {
  const { cell } = planned;
  const id = `wire/${cell.implementation}-${cell.load.kind}`;
  const why =
    cell.load.kind === 'closed'
      ? 'Its requests are sent by UDP sockets, one after another.'
      : 'Its requests are sent at a rate, by XDP live frames where the client has them.';
  if (planned.state === 'skipped')
    return { finding: finding(id, why, { level: 'not-told', state: `not tried: ${planned.reason}` }), run: null };
  // A run would undo what a killed one has left.
  const untuned = { ...testbed, tune: async () => ({ applied: [], undo: async () => {} }) };
  const run = await runCell({ runId: 'doctor', cell, repeat: 0 }, untuned, interrupt);
  return { finding: outcomeOf(run, id, why), run };
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

/** Sends as fast as the generator of the cells at a rate can, with nobody answering, and counts pause frames meanwhile. */
async function flood(
  planned: readonly PlannedCell[],
  ends: Ends,
  testbed: FarTestbed,
  interrupt: AbortSignal,
): Promise<Finding[]> {
  const both = [ends.server, ends.client];
  const read = () =>
    Promise.all(both.map(({ machine, end }) => machine.ask({ ask: 'pauses', interface: end.link.interface })));
  const before = await read();
  const sent = await send(planned, testbed, interrupt);
  const after = await read();
  const paused = both.map(({ end }, i) => {
    const [first, last] = [before[i], after[i]];
    const frames = first && last ? { sent: last.sent - first.sent, received: last.received - first.received } : null;
    return { end, frames };
  });
  return [...checkFlood(ends.server.end, ends.client.end, sent), checkPauses(paused, sent)];
}

async function send(planned: readonly PlannedCell[], testbed: FarTestbed, interrupt: AbortSignal): Promise<Flood> {
  const [question] = ceilingQuestions(planned);
  if (question === undefined) return { skipped: 'not tried: no cell at a rate is' };
  try {
    const wire = await testbed.topology.build(question.queues);
    return await measureCeiling(wire, question, childScripts.generator, interrupt);
  } catch (error) {
    interrupt.throwIfAborted();
    return { error: (error as Error).message };
  }
}
