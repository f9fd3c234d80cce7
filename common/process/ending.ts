import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process with pipes, whose promise never rejects: how it ended is a value. */
interface Running extends Promise<unknown> {
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
 * Waits for a process that was asked to end, and has it killed if it has not left after `graceMs`. Resolves to whether it is
 * over then.
 */
export async function leaves(process: Running, kill: () => void, graceMs: number): Promise<boolean> {
  if (await isOver(process, graceMs)) return true;
  kill();
  if (await isOver(process, lastBoundMs)) return true;
  // It is gone, and a process that it started has its pipes: what that one says is of no interest.
  process.stdout.destroy();
  process.stderr.destroy();
  return isOver(process, lastBoundMs);
}

/** Whether it is over within that time. */
async function isOver(process: Running, withinMs: number): Promise<boolean> {
  const patience = new AbortController();
  const tooLong = sleep(withinMs, false, { signal: patience.signal }).catch(() => false);
  const over = await Promise.race([process.then(() => true), tooLong]);
  patience.abort();
  return over;
}
