import { type FileHandle, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BenchError } from '../../common/cli/errors.js';
import { makeFolder, ownNetwork, readBootId, syncFolder } from '../../common/process/journal.js';
import { isOrphan, ownName } from '../../common/wire/owner.js';
import { type TuningKey, tuningKeys } from '../../model/tuning.js';
import type { TuningSite } from './host.js';

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

/** The changes of one process to one interface and its host, written before they are made: a line a change, and a line when it is undone. */
export class Journal {
  readonly #file: FileHandle;
  readonly path: string;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.path = path;
  }

  /** Rejects with BenchError where it cannot be written: then nothing may be changed. */
  static async begin(site: TuningSite, folder = journalFolder): Promise<Journal> {
    const path = join(folder, `${ownName(`tuning${++begun}`)}${extension}`);
    try {
      await makeFolder(dirname(folder));
      await makeFolder(folder);
      const journal = new Journal(await open(path, 'wx', 0o600), path);
      const { interface: name, enter, port } = site;
      const header: Header = { bootId: await readBootId(), network: await ownNetwork(), interface: name, enter, port };
      await journal.#append(header);
      await syncFolder(folder);
      return journal;
    } catch (cause) {
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
    await this.close();
    await rm(this.path, { force: true });
  }

  /** Leaves it for who restores the rest. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  async #append(line: object): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(line)}\n`);
    await this.#file.datasync();
  }
}

/** Journals whose processes are gone, from this boot or from one before. */
export async function abandonedJournals(
  folder = journalFolder,
): Promise<{ path: string; text: JournalText | null; boot: 'this' | 'earlier' }[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(extension));
  const bootId = await readBootId();
  const all = await Promise.all(
    names.sort().map(async (name) => {
      const path = join(folder, name);
      const text = parseJournal(await readFile(path, 'utf8').catch(() => ''));
      const boot = text === null || text.header.bootId === bootId ? ('this' as const) : ('earlier' as const);
      // A number of another boot says nothing of who has it now.
      const gone = boot === 'earlier' || isOrphan(name.slice(0, -extension.length));
      return gone ? [{ path, text, boot }] : [];
    }),
  );
  return all.flat();
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
