import { count } from '../../common/cli/text.js';
import type { PlannedCell } from '../../model/cell.js';
import type { Run } from '../../model/record.js';
import { type Finding, finding } from '../doctor/finding.js';
import { runCell } from '../measure/run.js';
import type { FarTestbed } from './remote.js';

/** What comes of each cell. */
export async function tryWire(
  planned: readonly PlannedCell[],
  testbed: FarTestbed,
  interrupt: AbortSignal,
): Promise<Finding[]> {
  const tried: Finding[] = [];
  for (const cell of planned) tried.push(await tryCell(cell, testbed, interrupt));
  return tried;
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
