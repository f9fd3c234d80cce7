import { BenchError } from '../common/cli/errors.js';
import { MessageOutput } from '../common/process/message-output.js';
import { type Command, type LoadContext, type LoadMessage, readLines } from '../common/process/protocol.js';
import type { Load } from '../model/cell.js';
import type { EngineId, PacedEngineId } from '../model/ids.js';
import type { LoadTotals } from '../model/record.js';
import { PassProgram } from '../native/index.js';
import { countedSince, kernelCounters } from '../native/kernel.js';
import { nowNs } from './engines/clock.js';
import { closedCellConfig, startClosed } from './engines/closed.js';
import { drain, type Engine, type LoadEvents } from './engines/engine.js';
import { cellConfig, startPaced } from './engines/paced.js';
import { probe } from './engines/probe.js';
import { capacity } from './loads/capacity/capacity.js';
import { flood, letThrough, sink } from './loads/ceiling.js';
import { latencyUnderLoad } from './loads/levels.js';
import { closed, idle, openLoop, startIdle } from './loads/plain.js';
import { saturate } from './loads/saturate.js';

/** An engine made ready, and the load that is run with it. */
interface Prepared {
  engine: Engine;
  run(events: LoadEvents): Promise<Partial<Found>>;
}

/** What a load finds beside what is counted. */
type Found = Pick<LoadTotals, 'capacity' | 'levels' | 'histogram'>;

/**
 * Offers one cell's load for the harness: context in on the first line, `ready`, then at `start` the probe, the phases
 * and the totals. The end of input ends the process: the harness is gone. Resolves to the exit code.
 */
export function serveSession(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<number> {
  const messages = new MessageOutput<LoadMessage>(output);
  const say: Say = (message) => messages.say(message);
  return new Promise((resolve) => {
    let context: LoadContext | null = null;
    let stop = () => {};
    const stopped = new Promise<void>((told) => {
      stop = told;
    });
    const onLine = (line: string) => {
      if (context === null) {
        context = JSON.parse(line) as LoadContext;
        say({ type: 'ready', pid: process.pid });
        return;
      }
      const command = JSON.parse(line) as Command;
      if (command.type === 'stop') stop();
      // The end of input may come first.
      if (command.type === 'start') messages.end(serve({ context, say, stopped })).then(resolve);
    };
    readLines(input, onLine, () => resolve(1));
  });
}

/** A load to offer, and how its session speaks with the harness meanwhile. */
interface Task {
  context: LoadContext;
  say: Say;
  /** Resolves at the command to stop. */
  stopped: Promise<void>;
}

function serve(task: Task): Promise<void> {
  const { context, say } = task;
  const { load, engine } = context;
  if (load.kind === 'pass') return letThrough(context, say, task.stopped);
  if (load.kind === 'sink') return sink(load, context, say, task.stopped);
  if (load.kind === 'flood') return flood(paced(engine), load, context, say);
  return offer(task, load);
}

function paced(engine: EngineId): PacedEngineId {
  if (engine === 'none') throw new BenchError('ENGINE', 'a load at a rate needs an engine');
  return engine;
}

type Say = (message: LoadMessage) => void;

async function offer({ context, say }: Task, load: Load): Promise<void> {
  // A card has counted before.
  const kernelBefore = kernelCounters(context.client.interface);
  // A veth end only takes in replies sent by XDP_TX if it has an XDP program. Who answers is not known here, so every
  // load has one: probe and closed loop this one, paced loads then the counting program.
  const pass = new PassProgram(context.client.interface);
  // Before the counting program is attached: nothing but the probe is on the wire yet.
  const probed = context.replyAddresses === 'unchanged' ? { sent: 0, right: 0 } : await probe(context);
  const { engine, run } = prepare(context, load, pass);
  const sampler = setInterval(() => {
    try {
      say({ type: 'sample', atNs: nowNs(), counters: engine.counters() });
    } catch {
      clearInterval(sampler); // The engine died: the load that is under way reads the same counters and reports it.
    }
  }, context.sampleIntervalNs / 1e6);
  const events: LoadEvents = {
    phase: (phase) => say({ type: 'phase', phase }),
    window: (window) => say({ type: 'window', window }),
  };
  let found: Partial<Found>;
  try {
    found = await run(events);
    await drain(engine, events);
  } finally {
    clearInterval(sampler);
  }
  engine.stop();
  const histogram = engine.roundTrips();
  pass.close();
  const counted = engine.counters();
  const generator = {
    ...counted,
    sent: (counted.sent ?? 0) + probed.sent,
    replied: (counted.replied ?? 0) + probed.right,
    probed: probed.sent,
  };
  const kernel = countedSince(kernelBefore, kernelCounters(context.client.interface));
  say({ type: 'done', totals: { generator, kernel, histogram, capacity: null, levels: [], ...found } });
}

/** `pass`: open until an engine has its own program. */
function prepare(context: LoadContext, load: Load, pass: { close(): void }): Prepared {
  const nothing = (run: Promise<void>) => run.then(() => ({}));
  const startCounted = (timed: boolean) => {
    pass.close();
    return startPaced(paced(context.engine), cellConfig(context, timed));
  };
  switch (load.kind) {
    case 'saturate': {
      const engine = startCounted(false);
      return { engine, run: (events) => nothing(saturate(engine, context, events)) };
    }
    case 'rate': {
      const engine = startCounted(true);
      return { engine, run: (events) => nothing(openLoop(engine, context, load.perSecond, events)) };
    }
    case 'capacity': {
      const engine = startCounted(false);
      return {
        engine,
        run: async (events) => ({ capacity: await capacity(engine, context, events) }),
      };
    }
    case 'latency-under-load': {
      const engine = startCounted(true);
      return {
        engine,
        run: async (events) => {
          const { capacity, levels } = await latencyUnderLoad(engine, context, events);
          // The level that stands for the cell: round trips of several rates are never thrown together.
          return { capacity, levels, histogram: levels.find(({ level }) => level === '50%')?.histogram ?? [] };
        },
      };
    }
    case 'closed': {
      const engine = startClosed(closedCellConfig(context, load.connections));
      return { engine, run: (events) => nothing(closed(engine, context, events)) };
    }
    case 'none': {
      const engine = startIdle();
      return { engine, run: (events) => nothing(idle(engine, context, events)) };
    }
  }
}
