import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../common/cli/errors.js';
import { type Tuning, type TuningKey, tuningKeys } from '../../model/tuning.js';
import { type Entry, gone, unwritable } from './entry.js';
import { Refusal, type TuningHost } from './host.js';
import { type Change, Journal, journalFolder } from './journal.js';
import { readQueueSettings } from './queue-settings.js';
import { entries } from './table.js';

/** A setting that was made, read back, or was there before. */
export interface Applied extends Change {
  after: string;
  state: 'changed' | 'unchanged';
}

/** What was set, and the way back. */
export interface Tuned {
  applied: Applied[];
  /**
   * Undoes all in reverse order. Rejects with BenchError, when all is done that can be: TUNING_STAYS names what is not as
   * it was, TUNING_FOREIGN what others have set meanwhile, which is left to them. May be called twice.
   */
  undo(): Promise<void>;
  /** Leaves all as it is set, also after the end of this process: its journal stays for who undoes it. */
  keep(): Promise<void>;
}

const carrierWithinMs = 30_000;

/** Queues that go take their files with them, and drivers place the interrupts of new ones as they like. */
const remakesQueues: readonly TuningKey[] = ['channels', 'rxRing', 'txRing'];

/** What a tuning has done so far. */
class Progress {
  readonly applied: Applied[] = [];
  /** In the order in which they were journaled. */
  readonly changes: Change[] = [];
  readonly #journal: Journal;
  #remembers = false;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Rejects with Refusal for what could not be made as it was. */
  async intend(change: Change): Promise<void> {
    if (change.before === unwritable)
      throw new Refusal(`the ${change.key} that is there could not be made again`, change.name);
    await this.#journal.intend(change);
    // From here on it may have been made, whatever is answered.
    this.changes.push(change);
  }

  /** What the last change has made of its thing instead. */
  async amend(after: string): Promise<void> {
    const last = this.changes.pop();
    if (last) await this.intend({ ...last, after });
  }

  /** Journals what queues are set to, once, before the first change that may lose it. */
  async rememberQueues(host: TuningHost): Promise<void> {
    if (this.#remembers) return;
    for (const { key, name, value } of await readQueueSettings(host))
      await this.intend({ key, name, before: value, after: null });
    this.#remembers = true;
  }

  /**
   * Looks again at what was made or found before the last change, and refuses what later ones of the same tuning have
   * made of it.
   */
  async lookAgain(host: TuningHost): Promise<{ key: TuningKey; refusal: Refusal }[]> {
    const refused: { key: TuningKey; refusal: Refusal }[] = [];
    const last = this.changes.at(-1)?.key;
    for (const { key, name, before, after } of this.applied.filter((one) => one.key !== last)) {
      const now = await entries[key].read(host, name).catch((error: unknown) => {
        if (error instanceof Refusal) return error;
        throw error;
      });
      if (now === after) continue;
      if (now instanceof Refusal) {
        refused.push({ key, refusal: now });
        continue;
      }
      refused.push({ key, refusal: new Refusal(`once all is set it reads back as ${now}, not ${after}`, name) });
      await this.#journal.intend({ key, name, before, after: now });
      const made = this.changes.find((change) => change.key === key && change.name === name && change.after !== null);
      if (made) made.after = now;
      // What was not set is undone after what has changed it.
      else this.changes.unshift({ key, name, before, after: now });
    }
    return refused;
  }
}

/**
 * Makes every setting, in the order of the table: journals it, makes it, reads it back. Rejects with BenchError
 * TUNING_REFUSED, with the driver's own word for each that is not granted; all are undone then.
 */
export async function applyTuning(tuning: Tuning, host: TuningHost, folder = journalFolder): Promise<Tuned> {
  const keys = tuningKeys.filter((key) => tuning[key] !== undefined);
  if (keys.length === 0) return { applied: [], undo: async () => {}, keep: async () => {} };
  const journal = await Journal.begin(host, folder);
  const progress = new Progress(journal);
  const { applied, changes } = progress;
  const linkWas = await carrier(host);
  const link = async () =>
    linkWas === 'up' && keys.some((key) => entries[key].of === 'interface') ? await awaitCarrier(host) : null;
  let undone = false;

  /** Resolves to what is to be told of it. */
  const putBack = async (): Promise<BenchError | null> => {
    undone = true;
    const stays: string[] = [];
    const foreign: string[] = [];
    for (const change of changes.toReversed()) {
      const { state, text } = await restore(change, host);
      if (state === 'foreign') foreign.push(text);
      // A full disk keeps no value from being restored: its journal is then read once more than it had to be.
      if (state === 'stays') stays.push(text);
      else await journal.restored(change).catch(() => {});
    }
    // What stays is journaled still: `--clean` tries again.
    if (stays.length > 0) {
      await journal.close();
      return new BenchError('TUNING_STAYS', [`not restored: ${stays.join('; ')}`, ...foreign].join('; '));
    }
    await journal.end();
    return foreign.length > 0
      ? new BenchError('TUNING_FOREIGN', `set by others meanwhile: ${foreign.join('; ')}`)
      : null;
  };

  try {
    const refusals: { who: string; what: string }[] = [];
    const refuse = async (key: TuningKey, { message, call }: Refusal) => {
      const who = entries[key].of === 'host' ? 'this host' : await nameOf(host);
      refusals.push({ who, what: `${key}=${tuning[key]}: ${message} (${call})` });
    };
    // Whoever is refused one asks what else will be: all are tried.
    for (const key of keys) {
      await applyOne(key, tuning[key] ?? '', host, progress).catch(async (error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        await refuse(key, error);
      });
    }
    for (const { key, refusal } of await progress.lookAgain(host)) await refuse(key, refusal);
    if (refusals.length > 0) throw new BenchError('TUNING_REFUSED', sentence(refusals));
    const trouble = await link();
    if (trouble !== null) throw trouble;
  } catch (error) {
    // A link that was waited for in vain is not waited for again.
    const waited = error instanceof BenchError && error.code === 'TUNING_LINK';
    const told = await putBack();
    const down = waited ? null : await link();
    const left = told ?? down;
    if (left === null) throw error;
    throw new BenchError(left.code, `${(error as Error).message}; ${left.message}`, { cause: error });
  }
  const undo = async () => {
    if (undone) return;
    const told = await putBack();
    const down = await link();
    const trouble = told ?? down;
    if (trouble !== null) throw trouble;
  };
  const keep = async () => {
    undone = true;
    await (applied.some(({ state }) => state === 'changed') ? journal.close() : journal.end());
  };
  return { applied, undo, keep };
}

/** `this host refuses A: why; eth1 (driver ice) refuses B: why; C: why`. */
function sentence(refusals: readonly { who: string; what: string }[]): string {
  const parts = [...new Set(refusals.map(({ who }) => who))].map((who) => {
    const own = refusals.filter((refusal) => refusal.who === who).map(({ what }) => what);
    return `${who} refuses ${own.join('; ')}`;
  });
  return parts.join('; ');
}

async function applyOne(key: TuningKey, value: string, host: TuningHost, progress: Progress) {
  const entry = entries[key];
  const targets = await entry.targets(host, value);
  if (targets.length === 0) throw new Refusal('there is nothing to set', key);
  for (const { name, value: after } of targets) {
    const before = await entry.read(host, name);
    if (before === after) {
      progress.applied.push({ key, name, before, after, state: 'unchanged' });
      continue;
    }
    if (remakesQueues.includes(key)) await progress.rememberQueues(host);
    await progress.intend({ key, name, before, after });
    const failure = await entry.write(host, name, after).then(
      () => null,
      (error: unknown) => error,
    );
    const now = await entry.read(host, name);
    // Drivers round, or do half of what they then refuse: that is what is to be undone.
    if (now !== after && now !== before) await progress.amend(now);
    if (failure !== null) throw failure;
    if (now !== after) throw new Refusal(`it reads back as ${now}, not ${after}`, name);
    progress.applied.push({ key, name, before, after, state: 'changed' });
  }
}

/** What became of a change, in a sentence: `foreign` is what others have set since, and it is theirs. */
export interface Restored {
  state: 'restored' | 'untouched' | 'foreign' | 'stays';
  text: string;
}

/** Makes the value of before hold again. */
export async function restore({ key, name, before, after }: Change, host: TuningHost): Promise<Restored> {
  const entry: Entry = entries[key];
  const what = `${key} (${name})`;
  try {
    if (entry.release !== null) {
      await entry.release(host, name);
      return { state: 'restored', text: `${what} is released` };
    }
    const now = await entry.read(host, name);
    if (now === before) return { state: 'untouched', text: `${what} is ${before}` };
    if (now === gone) return { state: 'foreign', text: `${what} is gone` };
    if (after !== null && now !== after)
      return { state: 'foreign', text: `${what} is ${now} by now, not ${after}: left alone` };
    await entry.write(host, name, before);
    const then = await entry.read(host, name);
    if (then === before) return { state: 'restored', text: `${what} is ${before} again, not ${now}` };
    return { state: 'stays', text: `${what} reads back as ${then}, not ${before}` };
  } catch (error) {
    return { state: 'stays', text: `${what} cannot be made ${before}: ${(error as Error).message}` };
  }
}

/** `ivb-srv (driver veth)`. */
async function nameOf(host: TuningHost): Promise<string> {
  const driver = await host.run('ethtool', '-i', host.interface).catch(() => '');
  const [, name] = /^driver: (\S+)/m.exec(driver) ?? [];
  return name === undefined ? host.interface : `${host.interface} (driver ${name})`;
}

async function carrier(host: TuningHost): Promise<'up' | 'down'> {
  // The kernel refuses to tell it of an interface that is down.
  const text = await host.read(`/sys/class/net/${host.interface}/carrier`).catch(() => '0');
  return text === '1' ? 'up' : 'down';
}

/** Many drivers take the link down for new rings and channels, and a real one is up again after seconds; null: it is up. */
async function awaitCarrier(host: TuningHost): Promise<BenchError | null> {
  for (let waitedMs = 0; waitedMs < carrierWithinMs; waitedMs += 100) {
    if ((await carrier(host)) === 'up') return null;
    await sleep(100);
  }
  const { interface: name } = host;
  return new BenchError('TUNING_LINK', `${name} has no carrier ${carrierWithinMs / 1000} s after it was tuned`);
}
