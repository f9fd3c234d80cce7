import { isatty } from 'node:tty';
import { readText } from '../common/process/host-files.js';
import { readLinkState } from '../common/wire/link.js';
import { queueCounts } from '../native/index.js';
import { serveSession } from './session.js';
import { main } from './stand-alone/command.js';
import { implementations } from './table.js';

/** Serves one cell for the harness (`--session`), or any client in the foreground until a signal. */
const argv = process.argv.slice(2);
const exitCode =
  argv[0] === '--session'
    ? await serveSession(process.stdin, process.stdout)
    : await main(argv, {
        stdin: isatty(0) ? null : process.stdin,
        stdout: process.stdout,
        stderr: process.stderr,
        signals: process,
        host: { readText, queueCounts, linkState: readLinkState },
        implementations,
      });
process.exit(exitCode);
