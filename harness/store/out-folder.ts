import { constants } from 'node:fs';
import { access, lstat, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '../../common/cli/errors.js';
import { makeFolder } from '../../common/cli/make-folder.js';

/** Makes the folder that gets the runs, or throws UsageError saying why it cannot hold them. */
export async function prepareOut(out: string): Promise<void> {
  try {
    await makeFolder(resolve(out));
    // A folder can be entered, a file that was there under that name cannot.
    await access(`${out}/`, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--out: ${out} cannot be made or written (${(error as NodeJS.ErrnoException).code})`);
  }
  const latest = await lstat(join(out, 'latest')).catch(() => null);
  if (latest !== null && !latest.isSymbolicLink()) {
    throw new UsageError(`--out: ${out} has a "latest" that is no link, which is kept for the newest run`);
  }
}

/** An id of a run, of turns or of a night: it names a folder or a file, and sorts by time. */
export const runIdForm = /^\d{8}-\d{6}-[0-9a-f]{4}$/;

/** The folders of runs, of turns or of nights in `out`, the newest first. */
export async function newestFirst(out: string): Promise<string[]> {
  const names = (await readdir(out).catch(() => [])).filter((name) => runIdForm.test(name));
  return names
    .sort()
    .reverse()
    .map((name) => join(out, name));
}

/** Null where there is none. */
export async function newestRun(out: string): Promise<string | null> {
  return (await newestFirst(out))[0] ?? null;
}
