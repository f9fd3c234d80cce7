import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Lock } from '../../common/process/lock.js';

/**
 * Does a piece of work that reads the nights of a machine and writes what follows from them, while nobody else does: others of this
 * machine wait. Its end frees the history, in whatever way its process ends.
 */
export async function aloneWith<Result>(folder: string, machine: string, work: () => Promise<Result>): Promise<Result> {
  const own = join(resolve(folder), machine);
  const path = await realpath(own).catch(() => own);
  const name = `invoker-bench-history-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
  const self = { pid: process.pid, since: new Date().toISOString(), command: 'npm run history' };
  const lock = await Lock.wait(name, self, new AbortController().signal, () => {});
  try {
    return await work();
  } finally {
    lock.release();
  }
}
