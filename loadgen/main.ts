import { readCpus } from '../common/process/cpus.js';
import { readText } from '../common/process/host-files.js';
import { machineLock } from '../common/process/lock.js';
import { main } from './command/command.js';
import { serveSession } from './session.js';

/** Offers one cell's load for the harness (`--session`), or whatever its command line asks for. */
const argv = process.argv.slice(2);
const exitCode =
  argv[0] === '--session'
    ? await serveSession(process.stdin, process.stdout)
    : await main(argv, {
        stdout: process.stdout,
        stderr: process.stderr,
        signals: process,
        lock: machineLock,
        cpus: () => readCpus(readText).cpus,
      });
process.exit(exitCode);
