import { toRunError } from '../harness/errors.js';
import type { Counters, RunError } from '../harness/model.js';
import { anyCpu, pinThread } from '../native/index.js';
import { type DgramServerOptions, startDgramServer } from './dgram-server.js';

/** What a worker answers to its primary: once when it serves, then to every request. */
export type WorkerReport = { state: 'serving'; counters: Counters } | { state: 'failed'; error: RunError };

const report = (message: WorkerReport, then = () => {}) => process.send?.(message, then);

// The primary is told to stop by the signals that a terminal sends to all of its group.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

try {
  const { cpu, ...options }: DgramServerOptions & { cpu: number } = JSON.parse(process.env.IVB_WORKER ?? '');
  if (cpu !== anyCpu) pinThread(cpu);
  const server = await startDgramServer(options);
  process.on('message', async (request: 'counters' | 'stop') => {
    if (request === 'counters') report({ state: 'serving', counters: server.counters() });
    else {
      await server.close();
      report({ state: 'serving', counters: server.counters() }, () => process.exit(0));
    }
  });
  report({ state: 'serving', counters: server.counters() });
} catch (error) {
  report({ state: 'failed', error: toRunError(error) }, () => process.exit(1));
}
