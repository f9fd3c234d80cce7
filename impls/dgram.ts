import cluster, { type Worker } from 'node:cluster';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { anyCpu, pinThread } from '../native/index.js';
import { type DgramServerOptions, startDgramServer } from './dgram-server.js';
import type { WorkerCounters, WorkerReport } from './dgram-worker.js';
import type { Implementation, InvokerOptions, RunningInvoker, ThreadReading } from './invoker.js';

/** One thread's server and where it stands in the matrix. */
interface Seat extends DgramServerOptions {
  cpu: number;
  queue: number;
}

/**
 * Plain Node: the function in JavaScript on `dgram` sockets. One thread is this process; more are cluster workers that
 * share the port: by SO_REUSEPORT where Node can ask for it (from 22.12), else by sharing the socket.
 */
export const dgram: Implementation = {
  id: 'dgram',
  settings: {},
  async start(options) {
    const seats = seatsOf(options);
    const [only] = seats;
    return only && seats.length === 1 ? startHere(only) : startWorkers(seats);
  },
};

function seatsOf({ interface: interfaceName, address, services, queues, cpus }: InvokerOptions): Seat[] {
  const own = addressOf(interfaceName); // also where an address was given: the interface is to exist
  const bound = address === '' ? own : address;
  const sharing = services.some(({ threadsPerQueue }) => threadsPerQueue * queues > 1) ? sharingOfNode() : 'none';
  return services
    .flatMap(({ threadsPerQueue, ...service }) =>
      Array.from({ length: queues * threadsPerQueue }, (_, i) => ({
        ...service,
        address: bound,
        sharing,
        queue: Math.floor(i / threadsPerQueue),
      })),
    )
    .map((seat, i) => ({ ...seat, cpu: cpus[i] ?? anyCpu }));
}

/** What this version of Node offers for several sockets on a port. */
function sharingOfNode(): DgramServerOptions['sharing'] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12) ? 'reuseport' : 'cluster';
}

async function startHere(seat: Seat): Promise<RunningInvoker> {
  if (seat.cpu !== anyCpu) pinThread(seat.cpu);
  const server = await startDgramServer(seat);
  const read = async () => ({ threads: [readingOf(seat, server.counters())], shared: {} });
  return {
    granted: server.granted,
    read,
    scale: refuseToScale,
    stop: async () => {
      await server.close();
      return read();
    },
  };
}

async function startWorkers(seats: Seat[]): Promise<RunningInvoker> {
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
    return { threads: await Promise.all(reports), shared: {} };
  };
  return { granted, read: () => ask('counters'), scale: refuseToScale, stop: () => ask('stop') };
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

/** The IPv4 address of an interface; all addresses if the name is empty. */
function addressOf(interfaceName: string): string {
  if (interfaceName === '') return '0.0.0.0';
  const addresses = networkInterfaces()[interfaceName];
  const found = addresses?.find(({ family }) => family === 'IPv4');
  if (found) return found.address;
  const reason = addresses ? 'has no IPv4 address' : 'is missing or down';
  throw Object.assign(new Error(`interface ${interfaceName} ${reason}`), { code: 'NO_INTERFACE' });
}
