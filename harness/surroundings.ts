import type { Writable } from 'node:stream';
import type { Environment } from '../common/cli/complaint.js';

/** What main() may touch of the outside world. */
export interface BenchSurroundings {
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean; columns?: number };
  /** NO_COLOR and DEBUG are heard. */
  environment: Environment;
  /** Fires when the user interrupts. */
  interrupt: AbortSignal;
  /** Whether namespaces and XDP programs may be made. */
  privileges: 'root' | 'user';
}

/** What a command that measures nothing may touch of it. */
export type OutputSurroundings = Pick<BenchSurroundings, 'stdout' | 'stderr' | 'environment'>;
