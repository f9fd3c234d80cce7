import { BenchError, toRunError } from '../../common/cli/errors.js';
import { nowNs } from '../../common/process/clock.js';
import { childScripts } from '../../common/process/paths.js';
import type { ClientGenerator, InvokerContext, LeadContext, LoadContext } from '../../common/process/protocol.js';
import { receivedByQueue } from '../../common/wire/drops.js';
import { type Site, scriptOn, type Topology } from '../../common/wire/topology.js';
import type { Cell } from '../../model/cell.js';
import { isPaced, wireQueues } from '../../model/cell.js';
import { type ForeignTime, isOnClient, isOnServer } from '../../model/host-use.js';
import type { CompletedRun, Counters, Hiccups, Run, RunError } from '../../model/record.js';
import { schemaVersion } from '../../model/record.js';
import { loadShares } from '../../model/shares.js';
import { isOfCell } from '../judge/cost.js';
import { buildLedger } from '../judge/ledger.js';
import { expectedNs } from '../plan/plan.js';
import { factsOf } from '../tuning/describe.js';
import { Conversation, type Exchange, type Side } from './converse.js';
import { type Observe, unobserved } from './events.js';
import { whyHostCannot } from './host-cannot.js';
import { stallsIn } from './stalls.js';
import type { SetUp, Testbed } from './testbed.js';
import { refuseIdle, workStepsOf } from './work-steps.js';

/** Which run this is: what its record begins with. */
export interface RunIdentity {
  runId: string;
  cell: Cell;
  repeat: number;
}

const sampleIntervalNs = 200e6;
export const stopGraceMs = 2000;
/** A run that takes this much longer than planned hangs. */
const patience = { factor: 3, extraMs: 60_000 };

/**
 * Makes one attempt at a cell: builds its wire, starts a fresh invoker and generator, lets the load run, takes all down.
 * Resolves to its record whatever happens; rejects only if `interrupt` was given, with its reason.
 */
export async function runCell(
  identity: RunIdentity,
  testbed: Testbed,
  interrupt: AbortSignal,
  observe = unobserved,
): Promise<Run> {
  const base = { schemaVersion, ...identity, startedAt: new Date().toISOString() };
  let beginNs = nowNs();
  let topology: Topology | null = null;
  let tuned: SetUp | null = null;
  let conversation: Conversation | null = null;
  const over = new AbortController();
  let outcome: { exchange: Exchange; facts: Topology['facts'] } | { error: RunError };
  try {
    interrupt.throwIfAborted();
    // It may seek a host that was lost: that is no part of the run.
    await testbed.keepOff(identity.cell.placement, interrupt);
    interrupt.throwIfAborted();
    beginNs = nowNs();
    const trouble = Promise.race([
      rejectOn(interrupt, over.signal),
      timeout(expectedNs(identity.cell) / 1e6, over.signal),
    ]);
    trouble.catch(() => {}); // Between two races nobody listens; the next one still sees it.
    topology = await testbed.topology.build(wireQueues(identity.cell));
    // Before the tuning: the amount of work is no matter of clock rates that a cell asks for.
    const workSteps = await Promise.race([
      workStepsOf(identity.cell, topology.server, testbed.stepNs, interrupt),
      trouble,
    ]);
    tuned = await testbed.tune(identity.cell, topology.server);
    interrupt.throwIfAborted();
    conversation = start(identity.cell, topology, workSteps, testbed, observe);
    refuseIdle(workSteps, await Promise.race([conversation.ready(), trouble]));
    const exchange = await Promise.race([conversation.exchange(), trouble]);
    await Promise.race([topology.check(), trouble]);
    outcome = { exchange, facts: { ...topology.facts, ...factsOf(tuned.applied) } };
  } catch (thrown) {
    outcome = { error: toRunError(thrown) };
  }
  const downNs = nowNs();
  over.abort();
  const left = await takeDown(conversation, tuned, topology);
  const endNs = nowNs();
  interrupt.throwIfAborted();

  if (left.length > 0) return { ...base, state: 'failed', error: withLeft(outcome, left) };
  if ('exchange' in outcome) {
    const timing = { setupNs: outcome.exchange.loadBeganNs - beginNs, teardownNs: endNs - downNs };
    return { ...base, state: 'completed', timing, ...evaluate(identity.cell, outcome.exchange, outcome.facts) };
  }
  const reason = whyHostCannot(outcome.error, testbed.kernels);
  if (reason !== null) return { ...base, state: 'skipped', reason };
  return { ...base, state: 'failed', error: outcome.error };
}

/** Ends the processes, undoes the tuning and removes the wire, each also where another fails; resolves to what failed. */
async function takeDown(
  conversation: Conversation | null,
  tuned: SetUp | null,
  topology: Topology | null,
): Promise<RunError[]> {
  const failures: RunError[] = [];
  const keep = (thrown: unknown) => failures.push(toRunError(thrown));
  await conversation?.end(stopGraceMs).catch(keep);
  await tuned?.undo().catch(keep);
  await topology?.destroy().catch(keep);
  return failures;
}

/**
 * The error of a cell that left something behind: its own if it failed before, and what could not be taken down. A
 * setting that stays is what its code tells of: it concerns all cells that follow.
 */
function withLeft(outcome: { error: RunError } | object, left: readonly RunError[]): RunError {
  const all = 'error' in outcome ? [outcome.error, ...left] : left;
  const first = all.find(({ code }) => code === 'TUNING_STAYS') ?? all[0];
  return { ...(first as RunError), message: all.map(({ message }) => message).join('; ') };
}

/** Starts the processes of a cell on both ends of its wire. */
function start(
  cell: Cell,
  topology: Topology,
  workSteps: number,
  { hosts, clientNames }: Testbed,
  observe: Observe,
): Conversation {
  return new Conversation(
    {
      name: `${cell.implementation} invoker`,
      words: command(topology.server, cell.placement.housekeepingCpu, childScripts.invoker),
      context: invokerContext(cell, topology, workSteps),
    },
    generatorSide(cell, topology, clientNames),
    hosts,
    observe,
  );
}

/** The generator of the client, or the process that leads those of several: on this host, as the harness. */
function generatorSide(
  cell: Cell,
  topology: Topology,
  clientNames: readonly string[],
): Side<LoadContext | LeadContext> {
  const { load, warmupNs, durationNs, placement } = cell;
  const loaded = { ...cell, queues: wireQueues(cell) };
  const generators = topology.clients.map((client, index): ClientGenerator => {
    const host = clientNames[index] ?? '';
    return {
      host,
      name: `${cell.engine} generator on ${host}`,
      words: command(client, placement.clients[index]?.housekeepingCpu ?? 0, childScripts.generator),
      context: loadContext(loaded, topology, 'swapped', index),
    };
  });
  const [only, ...others] = generators;
  if (only !== undefined && others.length === 0) return { ...only, name: `${cell.engine} generator` };
  return {
    name: `load of ${generators.length} clients`,
    words: [process.execPath, childScripts.generator, '--lead'],
    context: { load, warmupNs, durationNs, generators },
  };
}

/** What of a cell its generator depends on. */
type LoadedCell = Pick<
  Cell,
  'load' | 'engine' | 'port' | 'functionId' | 'packetBytes' | 'queues' | 'placement' | 'warmupNs' | 'durationNs'
>;

/** Node on a side of the wire, its JavaScript kept off the measured CPUs; native threads pin themselves. */
export function command(site: Site, cpu: number, script: string): string[] {
  return [...site.enter, 'taskset', '-c', String(cpu), ...scriptOn(site, script), '--session'];
}

function invokerContext(cell: Cell, { server }: Topology, workSteps: number): InvokerContext {
  return {
    implementation: cell.implementation,
    services: [{ port: cell.port, functionId: cell.functionId, threadsPerQueue: cell.threads / cell.queues }],
    interface: server.interface,
    queues: cell.queues,
    cpus: cell.placement.invokerCpus,
    maxThreadsPerQueue: cell.threads / cell.queues,
    idle: cell.idle,
    // The same division of flows among threads for all: none is busier than the others by chance of a hash.
    settings: { steering: 'port', ...cell.settings },
    workSteps,
    // On veth live frames only arrive where an XDP program is attached; AF_XDP TX then gets the same path.
    receivePath: server.driver === 'veth' && isPaced(cell.load) ? 'xdp' : 'plain',
    sampleIntervalNs,
  };
}

/** What the generator of a client, by its place among them, is told of a cell. */
export function loadContext(
  cell: LoadedCell,
  { server, clients }: Topology,
  replyAddresses: LoadContext['replyAddresses'],
  index = 0,
): LoadContext {
  const endpoint = ({ interface: name, address, mac }: Site) => ({ interface: name, address, mac });
  return {
    load: loadShares(cell.load, clients.length)[index] ?? cell.load,
    leader: clients.length === 1 ? 'itself' : 'another',
    engine: cell.engine,
    client: endpoint(clients[index] ?? clients[0]),
    server: endpoint(server),
    port: cell.port,
    functionId: cell.functionId,
    packetBytes: cell.packetBytes,
    replyAddresses,
    queues: cell.queues,
    cpus: cell.placement.clients[index]?.generatorCpus ?? [],
    sharing: cell.placement.sharing,
    warmupNs: cell.warmupNs,
    durationNs: cell.durationNs,
    sampleIntervalNs,
  };
}

/** What a record keeps of an exchange. */
function evaluate(
  cell: Cell,
  { invoker, load, granted, use, invokerPhase, windows, samples, timeline }: Exchange,
  wire: Record<string, string>,
): Evaluation {
  const { placement, topology } = cell;
  const isMeasured = (time: ForeignTime) =>
    isOnServer(time, placement.invokerCpus) || isOnClient(time, placement.clients);
  return {
    windows,
    samples,
    timeline: {
      ...timeline,
      // Once a second, those of all CPUs would be most of a record.
      hosts: timeline.hosts.map((piece) => ({
        ...piece,
        cpu: piece.cpu.filter((time) => isOfCell({ cell }, time)),
        foreign: piece.foreign.filter(isMeasured),
      })),
    },
    cpu: use.cpu,
    foreign: use.foreign.filter(isMeasured),
    quota: use.quota,
    energy: use.energy,
    granted: { ...granted, ...wire },
    ledger: buildLedger(load, invoker, topology),
    histogram: load.histogram,
    capacity: load.capacity,
    levels: load.levels,
    handledByThread: invoker.threads.map((counters) => counters.handled ?? 0),
    receivedByQueue: receivedByQueue(invoker.kernel),
    hiccups: { generator: hiccupsOf(load.generator) },
    // Clocks of two hosts have nothing to do with each other.
    stalls: invokerPhase ? stallsIn(samples, invokerPhase, invoker.threads.length) : { invoker: [] },
    counters: { invoker, generator: load.generator, client: load.kernel },
    clients: load.clients,
  };
}

type Evaluation = Omit<CompletedRun, 'state' | 'timing' | 'schemaVersion' | 'runId' | 'cell' | 'repeat' | 'startedAt'>;

/** Null where the generator's threads do not count them. */
function hiccupsOf({ hiccupCount, hiccupMaxNs = 0, hiccupTotalNs = 0 }: Counters): Hiccups | null {
  return hiccupCount === undefined ? null : { count: hiccupCount, maxNs: hiccupMaxNs, totalNs: hiccupTotalNs };
}

/** Rejects when `signal` fires, unless `over` fired before. */
export function rejectOn(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over });
  });
}

/** Rejects when a run has taken much longer than expected. */
export function timeout(expectedMs: number, over: AbortSignal): Promise<never> {
  const limitMs = expectedMs * patience.factor + patience.extraMs;
  return new Promise((_, reject) => {
    const timer = setTimeout(() => {
      reject(new BenchError('TIMEOUT', `the run hangs: no end after ${Math.round(limitMs / 1000)} s`));
    }, limitMs);
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
