import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Counters } from '../harness/model.js';
import { anyCpu, pinThread } from '../native/index.js';
import { type DgramServerOptions, startDgramServer } from './dgram-server.js';
import type { WorkerReport } from './dgram-worker.js';
import type { Implementation, InvokerCounters, RunningInvoker } from './invoker.js';

/**
 * Plain Node: the function in JavaScript on `dgram` sockets. One thread is this process; more are cluster workers that
 * share the socket, which is how Node 20 spreads UDP over CPUs.
 */
export const dgram: Implementation = {
  id: 'dgram',
  receives: 'socket',
  async start({ interface: interfaceName, functionId, port, threads, cpus }) {
    const server = { functionId, port, address: addressOf(interfaceName) };
    return threads === 1 ? startHere(server, cpus[0] ?? anyCpu) : startWorkers(server, cpus.slice(0, threads));
  },
};

async function startHere(options: DgramServerOptions, cpu: number): Promise<RunningInvoker> {
  if (cpu !== anyCpu) pinThread(cpu);
  const server = await startDgramServer(options);
  const read = (): InvokerCounters => ({ threads: [server.counters()], shared: {} });
  return {
    granted: { sharing: 'none' },
    counters: async () => read(),
    stop: async () => {
      await server.close();
      return read();
    },
  };
}

async function startWorkers(options: DgramServerOptions, cpus: number[]): Promise<RunningInvoker> {
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('./dgram-worker.js', import.meta.url)),
    execArgv: [],
    // Workers say nothing on our output, which carries messages to the harness.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const workers = cpus.map((cpu) => cluster.fork({ IVB_WORKER: JSON.stringify({ ...options, cpu }) }));
  try {
    // Every worker reports once when it listens.
    await Promise.all(workers.map((worker) => nextReport(worker)));
  } catch (error) {
    for (const worker of workers) worker.kill('SIGKILL');
    throw error;
  }
  const ask = async (request: 'counters' | 'stop'): Promise<InvokerCounters> => {
    const reports = workers.map(async (worker): Promise<Counters> => {
      const report = nextReport(worker);
      worker.send(request);
      return report;
    });
    return { threads: await Promise.all(reports), shared: {} };
  };
  return { granted: { sharing: 'cluster' }, counters: () => ask('counters'), stop: () => ask('stop') };
}

/** The next message of a worker; rejects if it says that it failed, or exits instead. */
async function nextReport(worker: Worker): Promise<Counters> {
  const gone = new AbortController();
  try {
    return await Promise.race([
      once(worker, 'message', { signal: gone.signal }).then(([report]: WorkerReport[]) => {
        if (report?.state !== 'serving') throw Object.assign(new Error(report?.error.message), report?.error);
        return report.counters;
      }),
      once(worker, 'exit', { signal: gone.signal }).then(([code, signal]) => {
        throw Object.assign(new Error(`a dgram worker ended: code ${code}, signal ${signal}`), { code: 'WORKER' });
      }),
    ]);
  } finally {
    gone.abort();
  }
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
