import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../../common/cli/errors.js';
import { type Prologue, type Run, schemaVersion } from '../../model/record.js';

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

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes `out/<runId>/` and points `out/latest` at it. */
  static async create(out: string, prologue: Prologue): Promise<RunStore> {
    const folder = join(out, prologue.runId);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, prologueFile), `${JSON.stringify(prologue, null, 2)}\n`);
    await writeFile(join(folder, recordsFile), '');
    await pointLatestAt(out, prologue.runId);
    return new RunStore(folder);
  }

  async append(run: Run): Promise<void> {
    await appendFile(join(this.folder, recordsFile), `${JSON.stringify(run)}\n`);
  }
}

/** Reads a run's folder back. Rejects with BenchError, one line, if it is not one. */
export async function readRun(folder: string): Promise<{ prologue: Prologue; runs: Run[] }> {
  const read = async (name: string) => {
    try {
      return await readFile(join(folder, name), 'utf8');
    } catch (cause) {
      throw new BenchError('NO_RUN', `${folder} is no folder of a run: cannot read its ${name}`, { cause });
    }
  };
  const prologue = parse(await read(prologueFile), `${folder}/${prologueFile}`) as Prologue | null;
  if (prologue?.schemaVersion !== schemaVersion) {
    const versions = `version ${prologue?.schemaVersion}, this program reads version ${schemaVersion}`;
    throw new BenchError('SCHEMA', `${folder}/${prologueFile} has records of ${versions}`);
  }
  const lines = (await read(recordsFile)).split('\n');
  // A killed writer leaves half a last line: that run is lost, the others are not.
  lines.pop();
  const runs = lines.map((line, i) => parseRun(line, `${folder}/${recordsFile} line ${i + 1}`));
  return { prologue, runs };
}

function parseRun(line: string, where: string): Run {
  const run = parse(line, where) as Run | null;
  if (typeof run?.cell?.id !== 'string' || !['completed', 'skipped', 'failed'].includes(run.state)) {
    throw new BenchError('BAD_RECORD', `${where} is no record of a run`);
  }
  return run;
}

/** JSON, or a BenchError that says where it is none. */
export function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BenchError('BAD_RECORD', `${where} is not JSON`, { cause });
  }
}

/** By a rename, so that `latest` always points somewhere. */
async function pointLatestAt(out: string, runId: string): Promise<void> {
  const temporary = join(out, `.latest-${process.pid}`);
  await rm(temporary, { force: true });
  await symlink(runId, temporary);
  await rename(temporary, join(out, 'latest'));
}
