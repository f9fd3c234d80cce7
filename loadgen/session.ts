import { EventEmitter, once } from 'node:events';
import { BenchError } from '../common/cli/errors.js';
import { MessageOutput } from '../common/process/message-output.js';
import { type Command, type LoadContext, type LoadMessage, readLines } from '../common/process/protocol.js';
import type { LoadAnswers, LoadQuestion } from '../common/process/questions.js';
import { isPaced, isTimed, type Load } from '../model/cell.js';
import type { EngineId, PacedEngineId } from '../model/ids.js';
import { type PhaseName, shortestInPiecesNs } from '../model/record.js';
import { PassProgram } from '../native/index.js';
import { countedSince, kernelCounters } from '../native/kernel.js';
import { nowNs } from './engines/clock.js';
import { closedCellConfig, startClosed } from './engines/closed.js';
import type { Engine, LoadEvents } from './engines/engine.js';
import { cellConfig, startPaced } from './engines/paced.js';
import { probe } from './engines/probe.js';
import { flood, letThrough, sink } from './loads/ceiling.js';
import { startIdle } from './loads/plain.js';
import { type Found, runPaced, runUnpaced } from './loads/run.js';
import { RecordedPieces } from './recorded.js';
import { ownPacedTraffic, ownTraffic } from './traffic/own.js';
import type { PacedTraffic, Traffic } from './traffic/traffic.js';

/** An engine made ready, and the load that is run with it. */
interface Prepared {
  engine: Engine;
  traffic: Traffic | PacedTraffic;
  run(events: LoadEvents): Promise<Found>;
}

/**
 * Offers one cell's load for the harness: context in on the first line, `ready`, then at `start` the probe, the phases
 * and the totals. Where another process leads the load it is `prepared` after the probe, answers its questions, and tells
 * the totals at `stop`. The end of input ends the process: the harness is gone. Resolves to the exit code.
 */
export function serveSession(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<number> {
  const messages = new MessageOutput<LoadMessage>(output);
  const say: Say = (message) => messages.say(message);
  return new Promise((resolve) => {
    let context: LoadContext | null = null;
    const commands = new EventEmitter();
    const stopped = once(commands, 'stop').then(() => {});
    const onLine = (line: string) => {
      if (context === null) {
        context = JSON.parse(line) as LoadContext;
        say({ type: 'ready', pids: [process.pid] });
        return;
      }
      const command = JSON.parse(line) as Command;
      commands.emit(command.type, command);
      // The end of input may come first.
      if (command.type === 'start') messages.end(serve({ context, say, commands, stopped })).then(resolve);
    };
    readLines(input, onLine, () => resolve(1));
  });
}

/** A load to offer, and how its session speaks with the harness meanwhile. */
interface Task {
  context: LoadContext;
  say: Say;
  /** Emits each by its type. */
  commands: EventEmitter;
  /** Resolves at the command to stop. */
  stopped: Promise<void>;
}

function serve(task: Task): Promise<void> {
  const { context, say, stopped } = task;
  const { load, engine } = context;
  if (load.kind === 'pass') return letThrough(context, say, stopped);
  if (load.kind === 'sink') return sink(load, context, say, stopped);
  if (load.kind === 'flood') return flood(paced(engine), load, context, say);
  return offer(task, load);
}

function paced(engine: EngineId): PacedEngineId {
  if (engine === 'none') throw new BenchError('ENGINE', 'a load at a rate needs an engine');
  return engine;
}

type Say = (message: LoadMessage) => void;

async function offer(task: Task, load: Load): Promise<void> {
  const { context, say } = task;
  // A card has counted before.
  const kernelBefore = kernelCounters(context.client.interface);
  // A veth end only takes in replies sent by XDP_TX if it has an XDP program. Who answers is not known here, so every
  // load has one: probe and closed loop this one, paced loads then the counting program.
  const pass = new PassProgram(context.client.interface);
  // Before the counting program is attached: nothing but the probe is on the wire yet.
  const probed = context.replyAddresses === 'unchanged' ? { sent: 0, right: 0 } : await probe(context);
  const prepared = prepare(context, load, pass);
  const { engine } = prepared;
  const found = context.leader === 'itself' ? await lead(prepared, context, load, say) : await follow(prepared, task);
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
  const totals = { generator, kernel, histogram, capacity: null, levels: [], clients: [], ...found };
  say({ type: 'done', totals });
}

/** Each connection has a histogram of its own, and all are read on a CPU that may be the generator's. */
const mostConnectionsInPieces = 16;

/** Whether round trips are recorded in a few histograms. */
function isReadFast(load: Load): boolean {
  return load.kind === 'rate' || (load.kind === 'closed' && load.connections <= mostConnectionsInPieces);
}

/** Runs the load from its first phase to its last reply. */
async function lead(
  { engine, run }: Prepared,
  { sampleIntervalNs, durationNs }: LoadContext,
  load: Load,
  say: Say,
): Promise<Found> {
  const sampler = setInterval(() => {
    try {
      say({ type: 'sample', atNs: nowNs(), counters: engine.counters() });
    } catch {
      clearInterval(sampler); // The engine died: the load that is under way reads the same counters and reports it.
    }
  }, sampleIntervalNs / 1e6);
  const pieces = new RecordedPieces(engine, (piece) => say({ type: 'recorded', piece }));
  const inPieces = durationNs >= shortestInPiecesNs && isReadFast(load);
  const isMeasured = (phase: PhaseName) => inPieces && phase === 'measure';
  try {
    return await run({
      phase: (phase) => {
        say({ type: 'phase', phase });
        if (isMeasured(phase)) pieces.begin();
      },
      window: (window) => {
        say({ type: 'window', window });
        if (isMeasured(window.phase)) pieces.end();
      },
    });
  } finally {
    clearInterval(sampler);
    pieces.stop();
  }
}

/** Does as it is asked until it is told to stop; finds nothing by itself. */
async function follow({ traffic }: Prepared, { say, commands, stopped }: Task): Promise<Found> {
  await new Promise<void>((resolve, reject) => {
    commands.on('ask', ({ question }: { question: LoadQuestion }) => {
      answer(traffic, question).then((answer) => say({ type: 'answer', answer }), reject);
    });
    stopped.then(resolve);
    say({ type: 'prepared' });
  });
  return {};
}

async function answer(
  traffic: Traffic | PacedTraffic,
  question: LoadQuestion,
): Promise<LoadAnswers[LoadQuestion['ask']]> {
  switch (question.ask) {
    case 'watch':
      return await traffic.watch(question);
    case 'record':
      await traffic.record();
      return null;
    case 'collect':
      return await traffic.collect(question.patienceNs);
    case 'settle':
      await traffic.settle();
      return null;
  }
  if (!('setRate' in traffic)) throw new BenchError('ENGINE', `no ${question.ask} of a load without one`);
  if (question.ask === 'piece') return await traffic.piece(question.perSecond);
  await traffic.setRate(question.perSecond);
  return null;
}

/** `pass`: open until an engine has its own program. */
function prepare(context: LoadContext, load: Load, pass: { close(): void }): Prepared {
  if (!isPaced(load)) {
    const engine = load.kind === 'closed' ? startClosed(closedCellConfig(context, load.connections)) : startIdle();
    const traffic = ownTraffic(engine, context);
    return { engine, traffic, run: (events) => runUnpaced(load, traffic, context, events) };
  }
  pass.close();
  const engine = startPaced(paced(context.engine), cellConfig(context, isTimed(load)));
  const traffic = ownPacedTraffic(engine, context);
  return { engine, traffic, run: (events) => runPaced(load, traffic, context, events) };
}
