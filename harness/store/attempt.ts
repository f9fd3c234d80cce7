import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readBootId, syncFolder } from '../../common/process/journal.js';

/** An attempt that was begun: it stands in a file of the run's folder until its record does. */
export interface Attempt {
  /** Id of the cell. */
  cell: string;
  /** 0-based. */
  repeat: number;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Of the boot in which it was begun. */
  bootId: string;
}

const attemptFile = 'attempt.json';

/** Resolves when it is on the disk: should the attempt bring the machine down, it is known which one did. */
export async function markAttempt(folder: string, cell: string, repeat: number): Promise<void> {
  const attempt: Attempt = { cell, repeat, startedAt: new Date().toISOString(), bootId: await readBootId() };
  const file = await open(join(folder, attemptFile), 'w');
  try {
    await file.writeFile(`${JSON.stringify(attempt)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(folder);
}

export async function unmarkAttempt(folder: string): Promise<void> {
  await rm(join(folder, attemptFile), { force: true });
}

/** The attempt that was under way when the run ended; null: none was. */
export async function readAttempt(folder: string): Promise<Attempt | null> {
  try {
    const { cell, repeat, startedAt, bootId } = JSON.parse(await readFile(join(folder, attemptFile), 'utf8'));
    return { cell: String(cell), repeat: Number(repeat), startedAt: String(startedAt), bootId: String(bootId) };
  } catch (error) {
    // One that is not whole was not yet on the disk: its attempt was not begun.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
