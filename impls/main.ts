import { once } from 'node:events';
import { invokerMetrics, serveMetrics } from './metrics.js';
import { OptionError, parseInvokerOptions, usage } from './options.js';
import { serveSession } from './session.js';
import { implementations } from './table.js';

/** How often the foreground looks whether its threads still live. */
const watchIntervalMs = 1000;

/** Serves one cell for the harness (`--session`), or any client in the foreground until a signal. */
async function main(argv: string[]): Promise<number> {
  if (argv[0] === '--session') return serveSession(process.stdin, process.stdout);
  const request = parseInvokerOptions(argv);
  if (request.kind === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const { id, options, metrics } = request;
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort());
  const running = await implementations[id].start(options);
  const closeMetrics = metrics && (await serveMetrics(metrics, invokerMetrics(id, running)));
  const granted = Object.entries(running.granted).map(([name, value]) => `${name}=${value}`);
  const place = options.interface === '' ? 'all interfaces' : options.interface;
  process.stdout.write(
    `ready ${id} ${options.cpus.length}T${options.queues}Q ${options.services[0]?.functionId} on ${place} UDP ${options.services[0]?.port} ${granted.join(' ')}\n`,
  );
  let fault: unknown = null;
  const watch = setInterval(() => {
    running.read().catch((error: unknown) => {
      fault = error;
      over.abort();
    });
  }, watchIntervalMs);
  if (!over.signal.aborted) await once(over.signal, 'abort');
  clearInterval(watch);
  closeMetrics?.();
  if (fault) throw fault;
  const { threads, shared } = await running.stop();
  process.stdout.write(`${JSON.stringify({ threads: threads.map(({ counters }) => counters), shared })}\n`);
  return 0;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`invoker: ${(error as Error).message}\n`);
  process.exit(error instanceof OptionError ? 2 : 1);
}
