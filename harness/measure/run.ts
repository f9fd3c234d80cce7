import { readFileSync } from 'node:fs';
import { BenchError, toRunError } from '../../common/cli/errors.js';
import { Child } from '../../common/process/child.js';
import { childScripts } from '../../common/process/paths.js';
import type { InvokerContext, InvokerMessage, LoadContext, LoadMessage } from '../../common/process/protocol.js';
import { sumMatching } from '../../common/wire/drops.js';
import { topologies } from '../../common/wire/table.js';
import type { Site, Topology } from '../../common/wire/topology.js';
import type { Cell } from '../../model/cell.js';
import { isPaced } from '../../model/cell.js';
import type {
  CompletedRun,
  Counters,
  CpuTime,
  Hiccups,
  InvokerCounters,
  LoadTotals,
  Run,
  RunError,
  Sample,
  Window,
} from '../../model/record.js';
import { schemaVersion } from '../../model/record.js';
import { buildLedger } from '../judge/ledger.js';
import { expectedNs } from '../plan/plan.js';
import { keepTo } from './affinity.js';
import { cpuTimeBetween, parseCpuTimes } from './cpu-time.js';

/** Which run this is: what its record begins with. */
export interface RunIdentity {
  runId: string;
  cell: Cell;
  repeat: number;
}

/** What the two processes of a cell said. */
interface Exchange {
  /** When probe and programs were done and the first phase began. */
  loadBeganNs: number;
  granted: Record<string, string>;
  windows: Window[];
  samples: Sample[];
  cpu: CpuTime[];
  invoker: InvokerCounters;
  load: LoadTotals;
}

const sampleIntervalNs = 200e6;
const stopGraceMs = 2000;
/** A run that takes this much longer than planned hangs. */
const patience = { factor: 3, extraMs: 20_000 };

const nowNs = () => Number(process.hrtime.bigint());

/**
 * Makes one attempt at a cell: builds its wire, starts a fresh invoker and generator, lets the load run, takes all down.
 * Resolves to its record whatever happens; rejects only if `interrupt` was given, with its reason.
 */
export async function runCell(identity: RunIdentity, interrupt: AbortSignal): Promise<Run> {
  const base = { schemaVersion, ...identity, startedAt: new Date().toISOString() };
  const beginNs = nowNs();
  const timing = { setupNs: 0, teardownNs: 0 };
  let topology: Topology | null = null;
  let children: { end(graceMs: number): Promise<void> }[] = [];
  const over = new AbortController();
  const trouble = Promise.race([
    rejectOn(interrupt, over.signal),
    timeout(expectedNs(identity.cell) / 1e6, over.signal),
  ]);
  trouble.catch(() => {}); // Between two races nobody listens; the next one still sees it.
  const takeDown = async () => {
    const downNs = nowNs();
    over.abort();
    await Promise.all(children.map((child) => child.end(stopGraceMs)));
    await topology?.destroy();
    timing.teardownNs = nowNs() - downNs;
  };

  try {
    interrupt.throwIfAborted();
    await keepTo(String(identity.cell.placement.housekeepingCpu));
    topology = await topologies[identity.cell.topology].build(identity.cell.queues);
    const session = new Session(identity.cell, topology);
    children = session.children;
    await Promise.race([session.ready(), trouble]);
    const exchange = await Promise.race([session.exchange(), trouble]);
    timing.setupNs = exchange.loadBeganNs - beginNs;
    await takeDown();
    return { ...base, state: 'completed', timing, ...evaluate(exchange) };
  } catch (thrown) {
    await takeDown();
    interrupt.throwIfAborted();
    const error = toRunError(thrown);
    const reason = whyHostCannot(error);
    return reason === null ? { ...base, state: 'failed', error } : { ...base, state: 'skipped', reason };
  }
}

/** The conversation with the invoker and the generator of one cell. */
class Session {
  readonly #invoker: Child<InvokerMessage>;
  readonly #generator: Child<LoadMessage>;
  readonly #windows: Window[] = [];
  readonly #samples: Sample[] = [];
  #loadBeganNs: number | null = null;
  #measureBegin: CpuTime[] = [];
  #cpu: CpuTime[] = [];

  readonly #wire: Record<string, string>;

  constructor(cell: Cell, topology: Topology) {
    this.#wire = topology.facts;
    const { housekeepingCpu } = cell.placement;
    this.#invoker = new Child<InvokerMessage>(
      `${cell.implementation} invoker`,
      command(topology.server, housekeepingCpu, childScripts.invoker),
      invokerContext(cell, topology),
      (message) => {
        if (message.type === 'sample') this.#sample('invoker', message);
      },
    );
    this.#generator = new Child<LoadMessage>(
      `${cell.engine} generator`,
      command(topology.client, housekeepingCpu, childScripts.generator),
      loadContext(cell, topology),
      (message) => this.#hear(message),
    );
  }

  get children() {
    return [this.#invoker, this.#generator];
  }

  async ready(): Promise<void> {
    await Promise.all([this.#invoker.expect('ready'), this.#generator.expect('ready')]);
  }

  async exchange(): Promise<Exchange> {
    this.#generator.command({ type: 'start' });
    // An invoker that dies takes the load's meaning with it: do not wait for the generator to notice.
    const { totals: load } = await Promise.race([this.#generator.expect('done'), this.#invoker.failure()]);
    this.#invoker.command({ type: 'stop' });
    const { totals: invoker } = await this.#invoker.expect('stopped');
    const { granted } = await this.#invoker.expect('ready');
    return {
      loadBeganNs: this.#loadBeganNs ?? nowNs(),
      granted: { ...granted, ...this.#wire },
      windows: this.#windows,
      samples: this.#samples,
      cpu: this.#cpu,
      invoker,
      load,
    };
  }

  #hear(message: LoadMessage): void {
    if (message.type === 'sample') this.#sample('generator', message);
    if (message.type === 'phase') this.#loadBeganNs ??= nowNs();
    if (message.type === 'phase' && message.phase === 'measure') this.#measureBegin = readCpuTimes();
    if (message.type === 'window') {
      this.#windows.push(message.window);
      if (message.window.phase === 'measure') this.#cpu = cpuTimeBetween(this.#measureBegin, readCpuTimes());
    }
  }

  #sample(source: Sample['source'], { atNs, counters }: { atNs: number; counters: Counters }): void {
    this.#samples.push({ source, atNs, counters });
  }
}

/** Node on a side of the wire, its JavaScript kept off the measured CPUs; native threads pin themselves. */
function command(site: Site, cpu: number, script: string): string[] {
  return [...site.enter, 'taskset', '-c', String(cpu), process.execPath, script, '--session'];
}

function invokerContext(cell: Cell, { server }: Topology): InvokerContext {
  return {
    implementation: cell.implementation,
    services: [{ port: cell.port, functionId: cell.functionId, threadsPerQueue: cell.threads / cell.queues }],
    interface: server.interface,
    queues: cell.queues,
    cpus: cell.placement.invokerCpus,
    maxThreadsPerQueue: cell.threads / cell.queues,
    idle: cell.idle,
    settings: {},
    // Live frames only arrive where an XDP program is attached; AF_XDP TX then gets the same path.
    receivePath: isPaced(cell.load) ? 'xdp' : 'plain',
    sampleIntervalNs,
  };
}

function loadContext(cell: Cell, { server, client }: Topology): LoadContext {
  const endpoint = ({ interface: name, address, mac }: Site) => ({ interface: name, address, mac });
  return {
    load: cell.load,
    engine: cell.engine,
    client: endpoint(client),
    server: endpoint(server),
    port: cell.port,
    functionId: cell.functionId,
    packetBytes: cell.packetBytes,
    queues: cell.queues,
    cpus: cell.placement.generatorCpus,
    sharing: cell.placement.sharing,
    warmupNs: cell.warmupNs,
    durationNs: cell.durationNs,
    sampleIntervalNs,
  };
}

/** What a record keeps of an exchange. */
function evaluate({ invoker, load, loadBeganNs: _, ...kept }: Exchange): Evaluation {
  return {
    ...kept,
    ledger: buildLedger(load, invoker),
    histogram: load.histogram,
    capacity: load.capacity,
    levels: load.levels,
    handledByThread: invoker.threads.map((counters) => counters.handled ?? 0),
    receivedByQueue: receivedByQueue(invoker.kernel),
    hiccups: { invoker: hiccupsOf(invoker.threads), generator: hiccupsOf([load.generator]) },
    counters: { invoker, generator: load.generator, client: load.kernel },
  };
}

type Evaluation = Omit<CompletedRun, 'state' | 'timing' | 'schemaVersion' | 'runId' | 'cell' | 'repeat' | 'startedAt'>;

/** Packets by RX queue as drivers with `rx_queue_N_...packets` name them; empty for a driver that does not count them. */
function receivedByQueue(kernel: Counters): number[] {
  const queues = new Set(Object.keys(kernel).flatMap((name) => /^rx_queue_(\d+)_/.exec(name)?.[1] ?? []));
  return [...queues]
    .map(Number)
    .sort((a, b) => a - b)
    .map((queue) => sumMatching(kernel, new RegExp(`^rx_queue_${queue}_xdp_packets$`)));
}

/** Null where the threads do not count them. */
function hiccupsOf(counters: Counters[]): Hiccups | null {
  if (!counters.some((thread) => thread.hiccupCount !== undefined)) return null;
  const values = (name: string) => counters.map((thread) => thread[name] ?? 0);
  return {
    count: values('hiccupCount').reduce((a, b) => a + b, 0),
    maxNs: Math.max(0, ...values('hiccupMaxNs')),
    totalNs: values('hiccupTotalNs').reduce((a, b) => a + b, 0),
  };
}

function readCpuTimes(): CpuTime[] {
  return parseCpuTimes(readFileSync('/proc/stat', 'utf8'));
}

const addressFamilyNotSupported = 97;
const operationNotPermitted = 1;
const operationNotSupported = 95;
const noSuchCall = 38;
/** What a kernel answers to a flag that it does not know: of BPF_PROG_TEST_RUN, of io_uring_setup. */
const invalidArgument = 22;

/** The reason to skip a cell whose host lacks what it needs, or null if the error is a failure. */
function whyHostCannot({ code, errno, message }: RunError): string | null {
  const cannot =
    (code === 'XDP_SOCKET' && errno === addressFamilyNotSupported) ||
    (code === 'XDP_ATTACH' && errno === operationNotSupported) ||
    (code === 'LIVE_FRAMES' && (errno === operationNotSupported || errno === invalidArgument)) ||
    (code === 'IO_URING' && (errno === noSuchCall || errno === invalidArgument)) ||
    (['XDP_SOCKET', 'XDP_ATTACH', 'BPF_LOAD', 'TOPOLOGY', 'IO_URING'].includes(code) &&
      errno === operationNotPermitted);
  return cannot ? message : null;
}

/** Rejects when `signal` fires, unless `over` fired before. */
function rejectOn(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over });
  });
}

/** Rejects when a run has taken much longer than expected. */
function timeout(expectedMs: number, over: AbortSignal): Promise<never> {
  const limitMs = expectedMs * patience.factor + patience.extraMs;
  return new Promise((_, reject) => {
    const timer = setTimeout(() => {
      reject(new BenchError('TIMEOUT', `the run hangs: no end after ${Math.round(limitMs / 1000)} s`));
    }, limitMs);
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
