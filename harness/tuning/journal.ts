import { type FileHandle, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BenchError } from '../../common/cli/errors.js';
import { makeFolder, ownNetwork, readBootId, syncFolder } from '../../common/process/journal.js';
import { ownName } from '../../common/wire/owner.js';
import { type TuningKey, tuningKeys } from '../../model/tuning.js';
import { type Holder, hold, isHeld } from './holder.js';
import { isAbsence, type TuningSite } from './host.js';

/** Where journals are kept: it outlives a reboot, so that what came before one can be told. */
export const journalFolder = '/var/lib/invoker-bench/tuning';
const extension = '.ndjson';

/** One change of one thing. */
export interface Change {
  key: TuningKey;
  name: string;
  before: string;
  /** Null for what another change may disturb: whatever it is by then, it becomes what it was. */
  after: string | null;
}

/** The first line of a journal. */
interface Header extends TuningSite {
  /** The network namespace of this process, as the inode that stands for it: an interface's name is one of there. */
  network: string;
  /** Of /proc/sys/kernel/random/boot_id: all that is set here ends with the boot. */
  bootId: string;
}

/** What a journal says: whose it is, and what of it was not restored. */
export interface JournalText {
  header: Header;
  /** Begun, in their order: each may have been made or not. */
  open: Change[];
}

/** Of this process: one that could not restore all leaves its file. */
let begun = 0;

/**
 * The changes of one process to one interface and its host, written before they are made: a line a change, and a line
 * when it is undone. It is held as long as the process may still undo them.
 */
export class Journal {
  readonly #file: FileHandle;
  readonly #holder: Holder;
  readonly path: string;

  private constructor(file: FileHandle, holder: Holder, path: string) {
    this.#file = file;
    this.#holder = holder;
    this.path = path;
  }

  /** Rejects with BenchError where it cannot be written: then nothing may be changed. */
  static async begin(site: TuningSite, folder = journalFolder): Promise<Journal> {
    const path = join(folder, `${ownName(`tuning${++begun}`)}${extension}`);
    let holder: Holder | null = null;
    try {
      await makeFolder(dirname(folder));
      await makeFolder(folder);
      // First: a journal that nobody holds is one of a dead process.
      holder = await hold(holderOf(path));
      const journal = new Journal(await open(path, 'wx', 0o600), holder, path);
      const { interface: name, enter, port } = site;
      const header: Header = { bootId: await readBootId(), network: await ownNetwork(), interface: name, enter, port };
      await journal.#append(header);
      await syncFolder(folder);
      return journal;
    } catch (cause) {
      holder?.release();
      const { code = '', message } = cause as NodeJS.ErrnoException;
      throw new BenchError('TUNING_JOURNAL', `nothing is tuned without a journal: ${path}: ${code || message}`, {
        cause,
      });
    }
  }

  /** Resolves when it is on the disk: only then the change may be made. */
  async intend(change: Change): Promise<void> {
    await this.#append({ state: 'intended', ...change });
  }

  async restored({ key, name, after }: Change): Promise<void> {
    await this.#append({ state: 'restored', key, name, after });
  }

  /** Everything is as it was: nothing is left to tell. */
  async end(): Promise<void> {
    await rm(this.path, { force: true });
    await this.close();
  }

  /** Leaves it for who restores the rest. */
  async close(): Promise<void> {
    await this.#file.close();
    this.#holder.release();
  }

  async #append(line: object): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(line)}\n`);
    await this.#file.datasync();
  }
}

/** A journal that nobody holds any more. */
export interface AbandonedJournal {
  path: string;
  text: JournalText | null;
  boot: 'this' | 'earlier';
}

/**
 * Journals whose processes are gone, in whatever PID namespace they were, from this boot or from one before. Rejects
 * with BenchError where they cannot be read: that is not to have none.
 */
export async function abandonedJournals(folder = journalFolder): Promise<AbandonedJournal[]> {
  const names = (await readdir(folder).catch(unlessAbsent(folder, []))).filter((name) => name.endsWith(extension));
  const bootId = await readBootId();
  const all = await Promise.all(
    names.sort().map(async (name): Promise<AbandonedJournal[]> => {
      const path = join(folder, name);
      // Before it is read: what its process writes in between would be missing.
      if (await isHeld(holderOf(path))) return [];
      const text = parseJournal(await readFile(path, 'utf8').catch(unlessAbsent(path, '')));
      return [{ path, text, boot: text === null || text.header.bootId === bootId ? 'this' : 'earlier' }];
    }),
  );
  return all.flat();
}

/** Removes one of which nothing is left to restore. */
export async function dropJournal({ path }: AbandonedJournal): Promise<void> {
  await rm(path, { force: true });
  await rm(holderOf(path), { force: true });
}

const holderOf = (path: string) => `${path.slice(0, -extension.length)}.sock`;

/** For an error of reading `path`: what stands for one that is not there. */
function unlessAbsent<T>(path: string, value: T): (error: NodeJS.ErrnoException) => T {
  return (cause) => {
    if (isAbsence(cause)) return value;
    const { code, message } = cause;
    throw new BenchError('TUNING_JOURNAL', `what killed runs have set cannot be read: ${path}: ${code ?? message}`, {
      cause,
    });
  };
}

/** Null where a process died before it had written whose journal it is, and so before it changed anything. */
export function parseJournal(text: string): JournalText | null {
  // What lacks its line break was not yet on the disk when its writer died: that change was not made.
  const lines = text.split('\n').slice(0, -1).map(parseLine);
  const header = lines[0];
  if (!isHeader(header)) return null;
  const open = new Map<string, Change>();
  for (const line of lines.slice(1)) {
    if (line === null || !isKey(line.key)) continue;
    const { key, name, before, after } = line as unknown as Change;
    // One thing may be disturbed by one change, and then be changed itself.
    const id = `${key} ${name} ${after === null}`;
    if (line.state === 'restored') open.delete(id);
    else open.set(id, { key, name, before, after });
  }
  return { header, open: [...open.values()] };
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' ? value : null;
  } catch {
    return null; // A block of a file that was being written when the power went away.
  }
}

function isHeader(line: unknown): line is Header {
  const { bootId, network, interface: name, enter } = (line ?? {}) as Record<string, unknown>;
  return [bootId, network, name].every((text) => typeof text === 'string') && Array.isArray(enter);
}

const isKey = (key: unknown): key is TuningKey => tuningKeys.some((known) => known === key);
