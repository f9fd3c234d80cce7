import type { Prologue, Run } from '../../model/record.js';
import { newestFirst } from '../store/out-folder.js';
import { readRun } from '../store/store.js';

/** A run that can be read. */
export interface ReadRun {
  folder: string;
  prologue: Prologue;
  runs: Run[];
}

/**
 * The newest run of `out` that can be read; null where there is none. `damaged`: a sentence for each newer one, which names the file
 * and is left as it is: its step is made anew beside it.
 */
export async function readNewest(out: string): Promise<{ run: ReadRun | null; damaged: string[] }> {
  const damaged: string[] = [];
  for (const folder of await newestFirst(out)) {
    try {
      return { run: { folder, ...(await readRun(folder)) }, damaged };
    } catch (error) {
      damaged.push(`${(error as Error).message}: what was measured there does not count.`);
    }
  }
  return { run: null, damaged };
}
