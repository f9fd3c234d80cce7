import type { Writable } from 'node:stream';
import { exitCodes } from '../common/cli/exit-codes.js';

/**
 * Keeps failing output streams from ending the process: a reader that left early (EPIPE) is no fault, anything else
 * sets the exit code, and of `stdout` it is told. What was measured is in files either way.
 */
export function outlive({ stdout, stderr }: Record<'stdout' | 'stderr', Writable>): void {
  let told = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || told) return;
    told = true;
    process.exitCode ||= exitCodes.failed;
    stderr.write(`invoker-bench: cannot write the output: ${error.code}\n`);
  });
  stderr.on('error', (error: NodeJS.ErrnoException) => {
    // There is nobody left to tell: to write of it would fail for ever where a terminal was closed.
    if (error.code !== 'EPIPE') process.exitCode ||= exitCodes.failed;
  });
}
