import type { RunError } from '../../model/record.js';

/** The user asked for something wrong: `message` is one line naming option, rule and value; the caller prints it and exits 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure with a stable `code`, and the failed system or library call with its errno (positive, as in C) where there was one. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  readonly code: string;
  readonly call: string | undefined;
  readonly errno: number | undefined;
  /** The last lines of a child's stderr, where it was a child that failed. */
  readonly stderr: readonly string[];

  constructor(
    code: string,
    message: string,
    failed: { call?: string; errno?: number; stderr?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, failed.cause === undefined ? undefined : { cause: failed.cause });
    this.code = code;
    this.call = failed.call;
    this.errno = failed.errno;
    this.stderr = failed.stderr ?? [];
  }
}

/** Turns anything thrown (a BenchError, a system error of Node, an error of the addon, a bare value) into what is stored. */
export function toRunError(thrown: unknown): RunError {
  if (!(thrown instanceof Error)) return { code: 'unexpected', message: String(thrown) };
  const { code, call, syscall, errno, stderr } = thrown as Error & Record<string, unknown>;
  const result: RunError = { code: typeof code === 'string' ? code : 'unexpected', message: thrown.message };
  const failedCall = call ?? syscall;
  if (typeof failedCall === 'string') result.call = failedCall;
  // Node negates errno, C and this project do not.
  if (typeof errno === 'number') result.errno = Math.abs(errno);
  if (Array.isArray(stderr) && stderr.length > 0) result.stderr = stderr.map(String);
  return result;
}
