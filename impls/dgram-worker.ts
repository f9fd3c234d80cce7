import { toRunError } from '../common/cli/errors.js';
import type { Counters, RunError } from '../model/record.js';
import { anyCpu, pinThread } from '../native/index.js';
import { type DgramServerOptions, startDgramServer } from './dgram-server.js';

/** The counters of a worker, and what its socket was granted. */
export interface WorkerCounters {
  /** `listening` once at first, `serving` at the request for counters, `stopped` at last. */
  state: 'listening' | 'serving' | 'stopped';
  counters: Counters;
  granted: Record<string, string>;
}

/** What a worker tells its primary. */
export type WorkerReport = WorkerCounters | { state: 'failed'; error: RunError };

const report = (message: WorkerReport, then = () => {}) => process.send?.(message, then);

// A primary that is gone cannot be told anything, and nobody else is served for.
process.on('error', () => process.exit(1));
// The primary is told to stop by the signals that a terminal sends to all of its group.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

try {
  const { cpu, ...options }: DgramServerOptions & { cpu: number } = JSON.parse(process.env.IVB_WORKER ?? '');
  if (cpu !== anyCpu) pinThread(cpu);
  const server = await startDgramServer(options);
  const tell = (state: WorkerCounters['state'], then?: () => void) =>
    report({ state, counters: server.counters(), granted: server.granted }, then);
  process.on('message', async (request: 'counters' | 'stop') => {
    if (request === 'counters') tell('serving');
    else {
      await server.close();
      tell('stopped', () => process.exit(0));
    }
  });
  tell('listening');
} catch (error) {
  report({ state: 'failed', error: toRunError(error) }, () => process.exit(1));
}
