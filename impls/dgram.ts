import cluster, { type Worker } from 'node:cluster';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { anyCpu, bindUdp, pinThread } from '../native/index.js';
import { type DgramServerOptions, startDgramServer } from './dgram-server.js';
import type { WorkerCounters, WorkerReport } from './dgram-worker.js';
import type { Implementation, InvokerOptions, RunningInvoker, ThreadReading } from './invoker.js';
import { addressBytes } from './native.js';
import { resolveSettings, waitingRoom } from './settings.js';

const defaults = { ...waitingRoom, workNs: 0, delayNs: 0, socketBufferBytes: 0, steering: 'hash' } as const;

/** One thread's server and where it stands in the matrix. */
interface Seat extends DgramServerOptions {
  cpu: number;
  queue: number;
}

/**
 * Plain Node: the function in JavaScript on `dgram` sockets. One thread is this process; more are cluster workers that
 * share the port (SO_REUSEPORT). Node's own helper threads run on the CPU that the process was started on.
 */
export const dgram: Implementation = {
  id: 'dgram',
  settings: defaults,
  async start(options) {
    const seats = seatsOf(options);
    const [only] = seats;
    return only && seats.length === 1 ? startHere(only) : startWorkers(seats);
  },
};

function seatsOf(options: InvokerOptions): Seat[] {
  const { interface: name, address, services, queues, cpus, settings, workSteps } = options;
  return services
    .flatMap(({ threadsPerQueue, ...service }) =>
      Array.from({ length: queues * threadsPerQueue }, (_, i) => ({
        ...service,
        interface: name,
        address,
        sharers: queues * threadsPerQueue,
        services,
        settings: resolveSettings(defaults, settings),
        workSteps,
        queue: Math.floor(i / threadsPerQueue),
      })),
    )
    .map((seat, i) => ({ ...seat, cpu: cpus[i] ?? anyCpu }));
}

async function startHere(seat: Seat): Promise<RunningInvoker> {
  if (seat.cpu !== anyCpu) pinThread(seat.cpu);
  const server = await startDgramServer(seat);
  const readThreads = async () => [readingOf(seat, server.counters())];
  const read = async () => ({ threads: await readThreads(), shared: {} });
  return {
    granted: server.granted,
    readThreads,
    read,
    scale: refuseToScale,
    stop: async () => {
      await server.close();
      return read();
    },
  };
}

async function startWorkers(seats: Seat[]): Promise<RunningInvoker> {
  for (const seat of seats) refuseTakenPort(seat);
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('./dgram-worker.js', import.meta.url)),
    execArgv: [],
    // Workers say nothing on our output, which carries messages to the harness.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const workers = seats.map((seat) => ({ seat, worker: cluster.fork({ IVB_WORKER: JSON.stringify(seat) }) }));
  let granted: Record<string, string>;
  try {
    const reports = await Promise.all(workers.map(({ worker }) => nextReport(worker, 'listening')));
    granted = reports[0]?.granted ?? {};
  } catch (error) {
    for (const { worker } of workers) worker.kill('SIGKILL');
    throw error;
  }
  const ask = async (request: 'counters' | 'stop') => {
    const reports = workers.map(async ({ seat, worker }) => {
      const report = nextReport(worker, request === 'stop' ? 'stopped' : 'serving');
      // The callback keeps a failure from being an event of its own: the worker's exit tells.
      worker.send(request, () => {});
      return readingOf(seat, (await report).counters);
    });
    return Promise.all(reports);
  };
  const reading = async (threads: Promise<ThreadReading[]>) => ({ threads: await threads, shared: {} });
  return {
    granted,
    readThreads: () => ask('counters'),
    read: () => reading(ask('counters')),
    scale: refuseToScale,
    stop: () => reading(ask('stop')),
  };
}

/** Sockets that share their port would also share it with those of another process: it is to be ours alone. */
function refuseTakenPort({ settings, ...seat }: Seat): void {
  closeSync(bindUdp({ ...seat, ...settings, address: addressBytes(seat.address), sharers: 1 }));
}

function readingOf({ port, queue }: Seat, counters: ThreadReading['counters']): ThreadReading {
  return { port, queue, state: 'running', counters };
}

async function refuseToScale(): Promise<never> {
  throw Object.assign(new Error('dgram has a fixed number of threads'), { code: 'SCALE' });
}

/** The next message of a worker in that state; rejects if it says that it failed, or exits instead. */
function nextReport(worker: Worker, state: WorkerReport['state']): Promise<WorkerCounters> {
  return new Promise((resolve, reject) => {
    const onMessage = (report: WorkerReport) => {
      if (report.state === 'failed') finish(() => reject(Object.assign(new Error(report.error.message), report.error)));
      else if (report.state === state) finish(() => resolve(report));
    };
    const onExit = (code: number | null, signal: string | null) => {
      const ended = new Error(`a dgram worker ended (${signal ?? `exit code ${code}`})`);
      finish(() => reject(Object.assign(ended, { code: 'WORKER' })));
    };
    const finish = (settle: () => void) => {
      worker.off('message', onMessage).off('exit', onExit);
      settle();
    };
    if (worker.isDead()) onExit(worker.process.exitCode, worker.process.signalCode);
    else worker.on('message', onMessage).on('exit', onExit);
  });
}
