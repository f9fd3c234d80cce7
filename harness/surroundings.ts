import type { Writable } from 'node:stream';

/** What main() may touch of the outside world. */
export interface BenchSurroundings {
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean };
  /** Fires when the user interrupts. */
  interrupt: AbortSignal;
  /** Whether namespaces and XDP programs may be made. */
  privileges: 'root' | 'user';
}
