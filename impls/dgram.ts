import cluster, { type Worker } from 'node:cluster';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Counters } from '../harness/model.js';
import { anyCpu, pinThread } from '../native/index.js';
import { type DgramServerOptions, startDgramServer } from './dgram-server.js';
import type { WorkerCounters, WorkerReport } from './dgram-worker.js';
import type { Implementation, RunningInvoker } from './invoker.js';

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
  return {
    granted: { sharing: 'none', ...server.granted },
    counters: async () => [server.counters()],
    stop: async () => {
      await server.close();
      return { threads: [server.counters()], shared: {} };
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
  let granted: Record<string, string>;
  try {
    const reports = await Promise.all(workers.map((worker) => nextReport(worker, 'listening')));
    granted = reports[0]?.granted ?? {};
  } catch (error) {
    for (const worker of workers) worker.kill('SIGKILL');
    throw error;
  }
  const ask = (request: 'counters' | 'stop'): Promise<Counters[]> => {
    const reports = workers.map(async (worker) => {
      const report = nextReport(worker, request === 'stop' ? 'stopped' : 'serving');
      worker.send(request);
      return (await report).counters;
    });
    return Promise.all(reports);
  };
  return {
    granted: { sharing: 'cluster', ...granted },
    counters: () => ask('counters'),
    stop: async () => ({ threads: await ask('stop'), shared: {} }),
  };
}

/** The next message of a worker in that state; rejects if it says that it failed, or exits instead. */
function nextReport(worker: Worker, state: WorkerReport['state']): Promise<WorkerCounters> {
  return new Promise((resolve, reject) => {
    const onMessage = (report: WorkerReport) => {
      if (report.state === 'failed') finish(() => reject(Object.assign(new Error(report.error.message), report.error)));
      else if (report.state === state) finish(() => resolve(report));
    };
    const onExit = (code: number, signal: string) => {
      const ended = new Error(`a dgram worker ended: code ${code}, signal ${signal}`);
      finish(() => reject(Object.assign(ended, { code: 'WORKER' })));
    };
    const finish = (settle: () => void) => {
      worker.off('message', onMessage).off('exit', onExit);
      settle();
    };
    worker.on('message', onMessage).on('exit', onExit);
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
