import { EventEmitter, once } from 'node:events';
import { MessageOutput } from '../common/process/message-output.js';
import { type Command, type LeadContext, type LoadMessage, readLines } from '../common/process/protocol.js';
import { isPaced } from '../model/cell.js';
import type { LoadTotals } from '../model/record.js';
import type { LoadEvents } from './engines/engine.js';
import { type Found, runPaced, runUnpaced } from './loads/run.js';
import { GroupTraffic } from './traffic/group.js';

/** Of the generators, which have said all by then. */
const graceMs = 1000;

/**
 * Leads one cell's load of several clients: their generators are its children. It speaks with the harness as a generator
 * does (session.ts). The end of input ends all. Resolves to the exit code.
 */
export function leadSession(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<number> {
  const messages = new MessageOutput<LoadMessage>(output);
  return new Promise((resolve) => {
    let group: GroupTraffic | null = null;
    const end = async (exitCode: number) => {
      await group?.end(graceMs).catch(() => {}); // They end with their connections, too.
      resolve(exitCode);
    };
    const commands = new EventEmitter();
    const onLine = (line: string) => {
      if (group !== null) {
        commands.emit((JSON.parse(line) as Command).type);
        return;
      }
      const context = JSON.parse(line) as LeadContext;
      group = new GroupTraffic(context.generators);
      messages.end(lead(context, group, once(commands, 'start'), (message) => messages.say(message))).then(end);
    };
    readLines(input, onLine, () => end(1));
  });
}

async function lead(
  context: LeadContext,
  group: GroupTraffic,
  started: Promise<unknown>,
  say: (message: LoadMessage) => void,
): Promise<void> {
  say({ type: 'ready', pids: await group.ready() });
  await Promise.race([started, group.failure()]);
  await group.prepare();
  const events: LoadEvents = {
    phase: (phase) => say({ type: 'phase', phase }),
    window: (window) => say({ type: 'window', window }),
  };
  // Also while it waits for time to pass.
  const found = await Promise.race([run(context, group, events), group.failure()]);
  const totals: LoadTotals = await group.totals(found);
  say({ type: 'done', totals });
}

function run(context: LeadContext, group: GroupTraffic, events: LoadEvents): Promise<Found> {
  const { load } = context;
  return isPaced(load) ? runPaced(load, group, context, events) : runUnpaced(load, group, context, events);
}
