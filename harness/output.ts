import type { Writable } from 'node:stream';
import { exitCodes } from '../common/cli/exit-codes.js';

/**
 * Keeps a failing output stream from ending the process: a reader that left early (EPIPE) is no fault, anything else
 * sets the exit code. What was measured is in files either way.
 */
export function outlive(stream: Writable): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.exitCode ||= exitCodes.failed;
    process.stderr.write(`invoker-bench: cannot write the output: ${error.code}\n`);
  });
}
