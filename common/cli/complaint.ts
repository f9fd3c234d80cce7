import { BenchError, UsageError } from './errors.js';
import { printable } from './printable.js';

/** Variables of the process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a command says of the error that ended it: one line, of one that nobody foresaw the stack if DEBUG asks for it. */
export function complaint(error: unknown, environment: Environment): string {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof UsageError || error instanceof BenchError) return `invoker-bench: ${printable(message)}\n`;
  if (environment.DEBUG) return `invoker-bench: ${stack ?? message}\n`;
  return `invoker-bench: ${printable(message)} (DEBUG=1 prints where)\n`;
}
