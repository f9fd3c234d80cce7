import { main } from './compare-command.js';
import { outlive } from './output.js';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interrupt.abort(new Error(`interrupted by ${signal}`)));
}

outlive(process.stdout);
outlive(process.stderr);

const exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  interrupt: interrupt.signal,
  privileges: process.getuid?.() === 0 ? 'root' : 'user',
});
// A stream that failed has set its own.
process.exitCode ??= exitCode;
