import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BenchError, UsageError } from '../../common/cli/errors.js';
import { makeFolder } from '../../common/cli/make-folder.js';
import { syncFolder } from '../../common/process/journal.js';
import { type Prologue, type Run, schemaVersion } from '../../model/record.js';
import { markAttempt, unmarkAttempt } from './attempt.js';
import { liftPrologue, liftRun, oldestVersion } from './lift.js';
import { faultIn, prologueShape, runShape } from './shape.js';

const prologueFile = 'host.json';
const recordsFile = 'runs.ndjson';

/** Sorts by time and is unique: `20261122-094300-3f9a`. */
export function newRunId(now: Date): string {
  const digits = now.toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(2).toString('hex')}`;
}

/** The folder of one run of the harness: its prologue, then a line a run, written as they end. */
export class RunStore {
  readonly folder: string;
  /** What kept `out/latest` from pointing at it, such as EPERM of a file system without links; null if it does. */
  readonly unlinked: string | null;

  private constructor(folder: string, unlinked: string | null) {
    this.folder = folder;
    this.unlinked = unlinked;
  }

  /** Makes `out/<runId>/` and points `out/latest` at it, if it can. */
  static async create(out: string, prologue: Prologue): Promise<RunStore> {
    const folder = join(out, prologue.runId);
    await mkdir(folder, { recursive: true });
    // On the disk before anything is measured: without it no record can be read.
    await writeFile(join(folder, prologueFile), `${JSON.stringify(prologue, null, 2)}\n`, { flush: true });
    await writeFile(join(folder, recordsFile), '');
    await syncFolder(folder);
    const unlinked = await pointLatestAt(out, prologue.runId).then(
      () => null,
      ({ code, message }: NodeJS.ErrnoException) => code ?? message,
    );
    return new RunStore(folder, unlinked);
  }

  /** Goes on with a run that ended early. What of a last line was written when it did is cut off. */
  static async reopen(folder: string): Promise<RunStore> {
    const path = join(folder, recordsFile);
    const bytes = await readFile(path);
    await truncate(path, bytes.lastIndexOf('\n') + 1);
    return new RunStore(folder, null);
  }

  /** Before each attempt. Resolves when that is on the disk. */
  async begin(cell: string, repeat: number): Promise<void> {
    await markAttempt(this.folder, cell, repeat);
  }

  /** Instead of its record: the attempt is to be made again. */
  async abandon(): Promise<void> {
    await unmarkAttempt(this.folder);
  }

  /** Resolves when the records are on the disk, in their order; only then the attempt is no longer marked. */
  async append(...runs: Run[]): Promise<void> {
    const file = await open(join(this.folder, recordsFile), 'a');
    try {
      await file.appendFile(runs.map((run) => `${JSON.stringify(run)}\n`).join(''));
      await file.datasync();
    } finally {
      await file.close();
    }
    await unmarkAttempt(this.folder);
  }
}

/**
 * Writes the folder of a run whose records are all known: it appears whole, or not at all. Rejects with UsageError where
 * there is something of that name, with BenchError where it cannot be written.
 */
export async function writeRun(
  out: string,
  { prologue, runs }: { prologue: Prologue; runs: readonly Run[] },
): Promise<void> {
  const folder = resolve(out);
  if ((await lstat(folder).catch(() => null)) !== null)
    throw new UsageError(`--out: ${out} exists: name a folder that is to be made`);
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    await makeFolder(dirname(folder));
    await mkdir(temporary);
    await writeFile(join(temporary, prologueFile), `${JSON.stringify(prologue, null, 2)}\n`);
    await writeFile(join(temporary, recordsFile), lines(runs));
    await rename(temporary, folder);
  } catch (error) {
    // Where it could not even be made, it cannot be looked for.
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BenchError('OUT', `${out} cannot be written (${code ?? message})`, { cause: error });
  }
}

/** One at a time: all of them may be more than a string can hold. */
function* lines(runs: readonly Run[]): Generator<string> {
  for (const run of runs) yield `${JSON.stringify(run)}\n`;
}

/**
 * Reads a run's folder back; records of the version before this one are lifted to it. Rejects with BenchError, one
 * line, if it is not one, was written by another version, or is damaged.
 */
export async function readRun(folder: string): Promise<{ prologue: Prologue; runs: Run[] }> {
  const prologue = await readPrologue(folder);
  const lines = (await read(folder, recordsFile)).split('\n');
  // A killed writer leaves half a last line: that run is lost, the others are not.
  lines.pop();
  const runs = lines.map((line, i) => parseRun(line, `${folder}/${recordsFile} line ${i + 1}`));
  return { prologue, runs };
}

/** The part of it that is known before the first record; rejects alike. */
export async function readPrologue(folder: string): Promise<Prologue> {
  return parsePrologue(await read(folder, prologueFile), `${folder}/${prologueFile}`);
}

async function read(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (cause) {
    throw new BenchError('NO_RUN', `${folder} is no folder of a run: cannot read its ${name}`, { cause });
  }
}

function parsePrologue(text: string, where: string): Prologue {
  const prologue = liftPrologue(parse(text, where));
  const fault = faultIn(prologueShape, prologue);
  if (fault !== null) throw new BenchError('BAD_RECORD', `${where} does not tell of a run: ${fault}`);
  return prologue as unknown as Prologue;
}

function parseRun(line: string, where: string): Run {
  const run = liftRun(parse(line, where));
  const fault = faultIn(runShape, run);
  if (fault !== null) throw new BenchError('BAD_RECORD', `${where} is no record of a run: ${fault}`);
  return run as unknown as Run;
}

/** A document of a version that is read. */
export function parse(text: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BenchError('BAD_RECORD', `${where} is not JSON`, { cause });
  }
  if (typeof value !== 'object' || value === null) throw new BenchError('BAD_RECORD', `${where} is no record`);
  const { schemaVersion: version } = value as { schemaVersion?: unknown };
  if (typeof version !== 'number') throw new BenchError('BAD_RECORD', `${where} has no schemaVersion`);
  if (version < oldestVersion || version > schemaVersion) {
    const remedy = 'report them with the commit that wrote them, see host.json';
    const read = `this program reads versions ${oldestVersion} to ${schemaVersion}`;
    throw new BenchError('SCHEMA', `${where} has records of version ${version}: ${remedy} (${read})`);
  }
  return value as Record<string, unknown>;
}

/** Points `out/latest` at a folder in it: by a rename, so that it always points somewhere. */
export async function pointLatestAt(out: string, runId: string): Promise<void> {
  const temporary = join(out, `.latest-${process.pid}`);
  await rm(temporary, { force: true });
  await symlink(runId, temporary);
  await rename(temporary, join(out, 'latest'));
}
