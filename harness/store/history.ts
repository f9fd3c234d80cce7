import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { BenchError, UsageError } from '../../common/cli/errors.js';
import { makeFolder } from '../../common/cli/make-folder.js';
import { quote } from '../../common/cli/text.js';
import { type HistoryEvent, historyVersion, type Night, type NightCell, type NightPair } from '../../model/night.js';
import { eventShape, nightLineShape, nightShape, runIdShape } from './history-shape.js';
import { faultIn } from './shape.js';

const eventsFile = 'events.ndjson';
const ending = '.ndjson';

/** All that is remembered of a machine; nights the oldest first, events as they came. */
export interface MachineHistory {
  machine: string;
  nights: Night[];
  events: HistoryEvent[];
}

/** Names of the machines that a history has nights of; UsageError where there is no history, or an empty one. */
export async function machinesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `--history: ${folder} is no folder of a history (${error.code}): npm run history -- add makes one`,
    );
  });
  const machines = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found: string[] = [];
  for (const machine of machines.sort()) if ((await nightFiles(join(folder, machine))).length > 0) found.push(machine);
  if (found.length === 0)
    throw new UsageError(`--history: ${folder} has no night yet: npm run history -- add RUN_FOLDER takes one in`);
  return found;
}

/** UsageError that names file and line where it is damaged: nothing of it is skipped. No nights where there are none. */
export async function readHistory(folder: string, machine: string): Promise<MachineHistory> {
  const own = join(folder, machine);
  const nights: Night[] = [];
  for (const name of await nightFiles(own)) nights.push(await readNight(join(own, name), machine));
  nights.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  return { machine, nights, events: await readEvents(join(own, eventsFile)) };
}

/** Writes a night, whole or not at all, and never over another; BenchError where it cannot be, UsageError for an id that is no name. */
export async function addNight(folder: string, night: Night): Promise<string> {
  // Of a run that somebody else recorded it may lead out of the folder.
  if (!runIdShape.safeParse(night.runId).success)
    throw new UsageError(`${quote(night.runId)} is no id of a run: 20261128-020000-51aa would be one`);
  const own = join(folder, night.machine);
  const file = join(own, `${night.runId}${ending}`);
  const { measured, turns, ...head } = night;
  const lines = [
    { kind: 'night', ...head },
    ...measured.map((cell) => ({ kind: 'cell', ...cell })),
    ...turns.map((pair) => ({ kind: 'pair', ...pair })),
  ];
  await writing(file, async () => {
    await makeFolder(own);
    const temporary = join(own, `.${night.runId}.${process.pid}.tmp`);
    try {
      await writeDurably(temporary, toText(lines), 'w');
      // Unlike a rename it fails where the name is taken.
      await link(temporary, file);
    } finally {
      await rm(temporary, { force: true });
    }
    await syncFolder(own);
  });
  return file;
}

/** Adds events to those there are, all or none; BenchError where they cannot be written. For one that is `aloneWith` the history. */
export async function appendEvents(folder: string, machine: string, events: readonly HistoryEvent[]): Promise<void> {
  if (events.length === 0) return;
  const own = join(folder, machine);
  const file = join(own, eventsFile);
  await writing(file, async () => {
    await mkdir(own, { recursive: true });
    // One that was killed may have left it.
    const temporary = `${file}.new`;
    try {
      const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      await writeDurably(temporary, before + toText(events), 'w');
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(own);
  });
}

async function nightFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UsageError(`--history: ${folder} cannot be read (${error.code})`);
  });
  return names.filter((name) => name.endsWith(ending) && name !== eventsFile && !name.startsWith('.')).sort();
}

async function readNight(file: string, machine: string): Promise<Night> {
  const [first, ...rest] = await readLines(file);
  if (first === undefined) throw new UsageError(`${file} is empty`);
  check(first, nightShape, `${file} line 1`, 'no beginning of a night');
  rest.forEach((line, index) => {
    check(line, nightLineShape, `${file} line ${index + 2}`, 'no line of a night');
  });
  const { kind: _, ...head } = first;
  const ofKind = <Line>(kind: string) =>
    rest.filter((line) => line.kind === kind).map(({ kind: __, ...line }) => line as Line);
  const night = { ...head, measured: ofKind<NightCell>('cell'), turns: ofKind<NightPair>('pair') } as unknown as Night;
  const { measured, turns, cells, pairs } = night;
  if (measured.length !== cells || turns.length !== pairs)
    throw new UsageError(
      `${file} line 1 promises ${cells} cells and ${pairs} pairs, but ${measured.length} and ${turns.length} follow: it was cut short`,
    );
  if (night.machine !== machine)
    throw new UsageError(`${file} line 1 is of the machine ${night.machine}, not of ${machine}`);
  if (basename(file) !== `${night.runId}${ending}`) throw new UsageError(`${file} line 1 is of the run ${night.runId}`);
  return night;
}

async function readEvents(file: string): Promise<HistoryEvent[]> {
  const lines = await readLines(file, 'optional');
  lines.forEach((line, index) => {
    check(line, eventShape, `${file} line ${index + 1}`, 'no event');
  });
  return lines as unknown as HistoryEvent[];
}

type Json = Record<string, unknown>;

async function readLines(file: string, presence: 'required' | 'optional' = 'required'): Promise<Json[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && presence === 'optional') return '';
    throw new UsageError(`${file} cannot be read (${error.code})`);
  });
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new UsageError(`${file} line ${lines.length + 1} has no end: it was cut short`);
  return lines.map((line, index) => parseLine(line, `${file} line ${index + 1}`));
}

function parseLine(line: string, where: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new UsageError(`${where} is not JSON`);
  }
  if (typeof value !== 'object' || value === null) throw new UsageError(`${where} is no record`);
  const { historyVersion: version } = value as Json;
  if (typeof version === 'number' && version > historyVersion)
    throw new UsageError(
      `${where} is of version ${version}, and this program reads up to ${historyVersion}: use the newer one`,
    );
  return value as Json;
}

function check(value: Json, shape: z.ZodType, where: string, what: string): void {
  const fault = faultIn(shape, value);
  if (fault !== null) throw new UsageError(`${where} is ${what}: ${fault}`);
}

const toText = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

async function writing(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof BenchError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BenchError('HISTORY', `${file} cannot be written (${code ?? message})`, { cause: error });
  }
}

async function writeDurably(file: string, text: string, flags: string): Promise<void> {
  const handle = await open(file, flags);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** So that a name outlives a loss of power, too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
