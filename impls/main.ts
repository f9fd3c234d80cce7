import { isatty } from 'node:tty';
import { exitCodes } from '../common/cli/exit-codes.js';
import { readText } from '../common/process/host-files.js';
import { sessionVersion } from '../common/process/protocol.js';
import { readLinkState } from '../common/wire/link.js';
import { queueCounts } from '../native/index.js';
import { serveSession } from './session.js';
import { main } from './stand-alone/command.js';
import { implementations } from './table.js';
import { measureSteps } from './work.js';

/**
 * Serves one cell for the harness (`--session`), or any client in the foreground until a signal. `--session-version` is
 * what the harness asks the invoker of another build first, `--step-times CPU...` how long a step of work takes (docs/work.md).
 */
const argv = process.argv.slice(2);

async function run(): Promise<number> {
  if (argv[0] === '--session') return await serveSession(process.stdin, process.stdout);
  if (argv[0] === '--session-version') {
    process.stdout.write(`${sessionVersion}\n`);
    return exitCodes.ok;
  }
  if (argv[0] === '--step-times') {
    return printStepTimes(argv.slice(1).map(Number));
  }
  return await main(argv, {
    stdin: isatty(0) ? null : process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signals: process,
    host: { readText, queueCounts, linkState: readLinkState },
    implementations,
  });
}

function printStepTimes(cpus: readonly number[]): number {
  try {
    process.stdout.write(`${JSON.stringify(measureSteps(cpus))}\n`);
    return exitCodes.ok;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return exitCodes.failed;
  }
}

process.exit(await run());
