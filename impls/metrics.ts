import { once } from 'node:events';
import { createServer } from 'node:http';
import { Counter, Registry } from 'prom-client';
import type { ImplementationId } from '../harness/model.js';
import type { RunningInvoker, ThreadReading } from './invoker.js';

/** Where metrics are served. */
export interface MetricsAddress {
  host: string;
  port: number;
}

/** Counters of a thread that mean a request or reply was dropped, and the cause they are exported with. */
const dropCauses = {
  functionFailed: 'function_failed',
  malformed: 'malformed',
  sendFailed: 'send_failed',
  txFull: 'tx_ring_full',
  txLost: 'tx_lost',
} as const;

/** The metrics of an invoker, read from its counters at each scrape: the hot path does not know of them. */
export function invokerMetrics(id: ImplementationId, invoker: RunningInvoker) {
  const registry = new Registry();
  const labelNames = ['implementation', 'thread', 'queue'] as const;
  const define = <Label extends string>(name: string, help: string, labels: readonly Label[]) =>
    new Counter({ name: `invoker_${name}_total`, help, labelNames: labels, registers: [registry] });
  const handled = define('handled', 'Requests the function ran on.', labelNames);
  const replied = define('replied', 'Replies the kernel accepted.', labelNames);
  const dropped = define('dropped', 'Requests and replies dropped, by cause.', [...labelNames, 'cause']);

  const fill = ({ queue, counters }: ThreadReading, thread: number) => {
    const labels = { implementation: id, thread, queue };
    handled.inc(labels, counters.handled ?? 0);
    replied.inc(labels, counters.replied ?? 0);
    for (const [name, cause] of Object.entries(dropCauses)) dropped.inc({ ...labels, cause }, counters[name] ?? 0);
  };
  return {
    contentType: registry.contentType,
    /** The metrics in Prometheus' text format, of this moment. */
    async scrape(): Promise<string> {
      const { threads } = await invoker.read();
      registry.resetMetrics();
      threads.forEach(fill);
      return registry.metrics();
    },
  };
}

/** Serves the metrics at /metrics. Rejects if the address cannot be had; the result closes the server. */
export async function serveMetrics(
  { host, port }: MetricsAddress,
  metrics: ReturnType<typeof invokerMetrics>,
): Promise<() => void> {
  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end('the metrics are at /metrics\n');
      return;
    }
    try {
      const text = await metrics.scrape();
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
    } catch (error) {
      response.writeHead(500).end(`${(error as Error).message}\n`);
    }
  });
  server.listen(port, host);
  await once(server, 'listening');
  return () => server.close().closeAllConnections();
}
