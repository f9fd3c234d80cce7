import { once } from 'node:events';
import { invokerMetrics, serveMetrics } from './metrics.js';
import { OptionError, parseInvokerOptions, usage } from './options.js';
import { serveSession } from './session.js';
import { implementations } from './table.js';

/** Serves one cell for the harness (`--session`), or any client in the foreground until a signal. */
async function main(argv: string[]): Promise<number> {
  if (argv[0] === '--session') return serveSession(process.stdin, process.stdout);
  const request = parseInvokerOptions(argv);
  if (request.kind === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const { id, options, metrics } = request;
  const signal = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const running = await implementations[id].start(options);
  const closeMetrics = metrics && (await serveMetrics(metrics, invokerMetrics(id, options, running)));
  const granted = Object.entries(running.granted).map(([name, value]) => `${name}=${value}`);
  const place = options.interface === '' ? 'all interfaces' : options.interface;
  process.stdout.write(
    `ready ${id} ${options.threads}T${options.queues}Q ${options.functionId} on ${place} UDP ${options.port} ${granted.join(' ')}\n`,
  );
  // A signal handler does not keep Node alive by itself.
  const alive = setInterval(() => {}, 1 << 30);
  await signal;
  clearInterval(alive);
  closeMetrics?.();
  const { threads, shared } = await running.stop();
  process.stdout.write(`${JSON.stringify({ threads, shared })}\n`);
  return 0;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`invoker: ${(error as Error).message}\n`);
  process.exit(error instanceof OptionError ? 2 : 1);
}
