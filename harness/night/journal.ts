import { open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../../common/cli/errors.js';
import { makeFolder } from '../../common/cli/make-folder.js';
import { readBootId, syncFolder } from '../../common/process/journal.js';
import type { NightRequest } from '../question/nightly-options.js';
import { newestFirst } from '../store/out-folder.js';
import { newRunId, pointLatestAt } from '../store/store.js';

/** What a night does one after the other, and what may be under way when it ends. */
export const nightSteps = ['run', 'control', 'turns', 'again'] as const;

export type NightStep = (typeof nightSteps)[number];

const journalVersion = 1;
const journalFile = 'night.ndjson';

/** The first line. */
interface Head {
  kind: 'night';
  journalVersion: number;
  nightId: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Of the code: another one cannot go on with the night. */
  digest: string;
  request: NightRequest;
}

type Line =
  | { kind: 'begun'; step: NightStep; at: string; bootId: string }
  /** `code`: as an exit code; `said`: what the page of the night says of it. */
  | { kind: 'ended'; step: NightStep; at: string; code: number; said: string[] }
  /** By its user: it is done again, also after the machine was booted anew. */
  | { kind: 'interrupted'; step: NightStep; at: string }
  | { kind: 'finished'; at: string; code: number };

/** How a step of a night stands: `interrupted`: it is begun again; `down`: it was under way when the machine went down. */
export type StepState =
  | { state: 'not begun' | 'interrupted' | 'under way' | 'down' }
  | { state: 'ended'; code: number; said: readonly string[] };

/** What a journal says of a night. */
export interface NightState {
  head: Head;
  steps: Record<NightStep, StepState>;
  /** Its exit code; null: it has not ended. */
  finished: number | null;
}

/** The folder of a night with its journal: a line before each step and one after it, on the disk before the night goes on. */
export class NightJournal {
  readonly folder: string;
  #state: NightState;

  private constructor(folder: string, state: NightState) {
    this.folder = folder;
    this.#state = state;
  }

  get state(): NightState {
    return this.#state;
  }

  /** Whether a step was begun, whatever came of it. */
  get isBegun(): boolean {
    return Object.values(this.#state.steps).some(({ state }) => state !== 'not begun');
  }

  /** Makes `out/<nightId>/`, and points `out/latest` at it. */
  static async begin(out: string, request: NightRequest, digest: string): Promise<NightJournal> {
    const now = new Date();
    const nightId = newRunId(now);
    const folder = join(out, nightId);
    await makeFolder(folder);
    const head: Head = { kind: 'night', journalVersion, nightId, startedAt: now.toISOString(), digest, request };
    const journal = new NightJournal(folder, { head, steps: none(), finished: null });
    await journal.#append(head);
    await syncFolder(folder);
    // Where a file system has no links, the name of the folder says which night is the newest.
    await pointLatestAt(out, nightId).catch(() => {});
    await syncFolder(out);
    return journal;
  }

  /** The newest night of `out`; null where there is none. Rejects with BenchError that names a line which is damaged. */
  static async newest(out: string): Promise<NightJournal | null> {
    for (const folder of await newestFirst(out)) {
      const bytes = await readFile(join(folder, journalFile)).catch(() => null);
      if (bytes === null) continue;
      const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
      const state = parseJournal(whole.toString(), join(folder, journalFile), await readBootId());
      if (state === null) continue;
      // What was being written when the power went away.
      if (whole.length < bytes.length) await truncate(join(folder, journalFile), whole.length);
      return new NightJournal(folder, state);
    }
    return null;
  }

  async begun(step: NightStep): Promise<void> {
    await this.#append({ kind: 'begun', step, at: new Date().toISOString(), bootId: await readBootId() });
    this.#state.steps[step] = { state: 'under way' };
  }

  async ended(step: NightStep, { code, said }: { code: number; said: readonly string[] }): Promise<void> {
    await this.#append({ kind: 'ended', step, at: new Date().toISOString(), code, said: [...said] });
    this.#state.steps[step] = { state: 'ended', code, said };
  }

  async interrupted(step: NightStep): Promise<void> {
    await this.#append({ kind: 'interrupted', step, at: new Date().toISOString() });
    this.#state.steps[step] = { state: 'interrupted' };
  }

  /** The night is over: nobody goes on with it. */
  async finish(code: number): Promise<void> {
    await this.#append({ kind: 'finished', at: new Date().toISOString(), code });
    this.#state.finished = code;
  }

  async #append(line: Head | Line): Promise<void> {
    const file = await open(join(this.folder, journalFile), 'a');
    try {
      await file.appendFile(`${JSON.stringify(line)}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}

const none = (): NightState['steps'] =>
  Object.fromEntries(nightSteps.map((step) => [step, { state: 'not begun' }])) as NightState['steps'];

/**
 * Of the text of a journal, each line whole; null where not even the first was written. Throws BenchError that names file and
 * line of what it cannot be.
 */
export function parseJournal(text: string, path: string, bootId: string): NightState | null {
  const lines = text.split('\n').slice(0, -1);
  const damaged = (index: number, why: string) => new BenchError('BAD_RECORD', `${path} line ${index + 1} ${why}`);
  const parsed = lines.map((line, index): Head | Line => {
    try {
      return JSON.parse(line);
    } catch {
      throw damaged(index, 'is not JSON');
    }
  });
  const [head, ...rest] = parsed;
  if (head === undefined) return null;
  if (head.kind !== 'night') throw damaged(0, 'does not begin a night');
  if (head.journalVersion !== journalVersion)
    throw damaged(0, `is of version ${head.journalVersion}, this program reads version ${journalVersion}`);
  const state: NightState = { head, steps: none(), finished: null };
  for (const [index, line] of rest.entries()) {
    if (line.kind === 'finished') state.finished = line.code;
    else if (line.kind === 'begun' && nightSteps.includes(line.step))
      state.steps[line.step] = { state: line.bootId === bootId ? 'under way' : 'down' };
    else if (line.kind === 'interrupted' && nightSteps.includes(line.step))
      state.steps[line.step] = { state: 'interrupted' };
    else if (line.kind === 'ended' && nightSteps.includes(line.step))
      state.steps[line.step] = { state: 'ended', code: line.code, said: line.said };
    else throw damaged(index + 1, 'is no step of a night');
  }
  return state;
}
