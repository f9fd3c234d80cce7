import { exitCodes } from '../common/cli/exit-codes.js';
import { killChildren } from '../common/process/ending.js';
import { localTopologies } from '../common/wire/table.js';
import { onInterrupt } from './interrupt.js';
import { outlive } from './output.js';
import type { BenchSurroundings, OutputSurroundings } from './surroundings.js';

/** Runs a command with the arguments of this process, on its streams, and sets the exit code. */
export async function runOnStreams(
  main: (argv: readonly string[], surroundings: OutputSurroundings) => Promise<number>,
): Promise<void> {
  outlive(process);
  const exitCode = await main(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
  });
  // A stream that failed has set its own.
  process.exitCode ??= exitCode;
}

/** Runs a command that measures as this process: its arguments, streams, signals and exit code. */
export async function runAsProcess(
  main: (argv: readonly string[], surroundings: BenchSurroundings) => Promise<number>,
): Promise<void> {
  const interrupt = new AbortController();
  onInterrupt(process, () => performance.now(), {
    first: (signal) => interrupt.abort(new Error(`interrupted by ${signal}`)),
    again: () => {
      killChildren();
      for (const topology of localTopologies) topology.abandon();
      process.exit(exitCodes.interrupted);
    },
  });

  await runOnStreams((argv, surroundings) =>
    main(argv, {
      ...surroundings,
      interrupt: interrupt.signal,
      privileges: process.getuid?.() === 0 ? 'root' : 'user',
    }),
  );
}
