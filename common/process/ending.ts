import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../cli/errors.js';

/** A process with pipes, whose promise never rejects: how it ended is a value. */
interface Running extends Promise<unknown> {
  readonly pid?: number | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** After SIGKILL a process is gone in no time; its heirs may hold its pipes for ever. */
const lastBoundMs = 1000;

const kills = new Set<() => void>();

/** Kills all that is left of what was tracked, at once: for a harness that may not wait any more. */
export function killChildren(): void {
  for (const kill of kills) kill();
}

/** Has killChildren() kill a process by `kill` while it runs. */
export function track(process: Running, kill: () => void): void {
  kills.add(kill);
  process.then(() => kills.delete(kill));
}

/**
 * Waits for a process that was asked to end, and has it killed if it has not left after `graceMs`. Rejects with BenchError
 * CHILD_STAYS, in which it has that name, if it does not even leave then.
 */
export async function leaves(process: Running, name: string, kill: () => void, graceMs: number): Promise<void> {
  if (await isOver(process, graceMs)) return;
  kill();
  if (await isOver(process, lastBoundMs)) return;
  // It is gone, and a process that it started has its pipes: what that one says is of no interest.
  process.stdout.destroy();
  process.stderr.destroy();
  if (await isOver(process, lastBoundMs)) return;
  throw new BenchError('CHILD_STAYS', `the ${name} (process ${process.pid}) stays after SIGKILL`);
}

/** Whether it is over within that time. */
async function isOver(process: Running, withinMs: number): Promise<boolean> {
  const patience = new AbortController();
  const tooLong = sleep(withinMs, false, { signal: patience.signal }).catch(() => false);
  const over = await Promise.race([process.then(() => true), tooLong]);
  patience.abort();
  return over;
}
