import { readCpus } from '../common/process/cpus.js';
import { readText } from '../common/process/host-files.js';
import { machineLock } from '../common/process/lock.js';
import { main } from './command/command.js';
import { leadSession } from './lead.js';
import { serveSession } from './session.js';

/** Offers one cell's load for the harness (`--session`), leads that of several clients (`--lead`), or does what its user asks. */
const argv = process.argv.slice(2);

function start(): Promise<number> {
  if (argv[0] === '--session') return serveSession(process.stdin, process.stdout);
  if (argv[0] === '--lead') return leadSession(process.stdin, process.stdout);
  return main(argv, {
    stdout: process.stdout,
    stderr: process.stderr,
    signals: process,
    lock: machineLock,
    cpus: () => readCpus(readText).cpus,
  });
}

process.exit(await start());
