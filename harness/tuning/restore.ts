import { readdir, stat } from 'node:fs/promises';
import { BenchError } from '../../common/cli/errors.js';
import { count } from '../../common/cli/text.js';
import { restore } from './apply.js';
import { isAbsence, type TuningHost, type TuningSite, tuningHost } from './host.js';
import { abandonedJournals, dropJournal, type JournalText, journalFolder, ownNetwork } from './journal.js';
import { entries } from './table.js';

/** Makes the host of a site. */
type HostOf = (site: TuningSite) => TuningHost;

/**
 * Restores what runs left that were killed. Resolves to a sentence for each journal; rejects with BenchError for what
 * cannot be restored, and keeps it for the next time.
 */
export async function restoreAbandoned(folder = journalFolder, hostOf: HostOf = tuningHost): Promise<string[]> {
  const said: string[] = [];
  const stays: string[] = [];
  for (const journal of await abandonedJournals(folder)) {
    const { text, boot } = journal;
    if (text !== null && boot === 'earlier') said.push(`${toldChanges(text)} ended with the boot`);
    if (text !== null && boot === 'this') {
      const left = await restoreAll(text, hostOf, said);
      if (left.length > 0) {
        stays.push(...left);
        continue;
      }
    }
    await dropJournal(journal);
  }
  if (stays.length > 0) throw new BenchError('TUNING_STAYS', [...said, `not restored: ${stays.join('; ')}`].join('; '));
  return said;
}

/** What killed runs have set and nobody has undone, a few words for each; touches nothing. Rejects with BenchError. */
export async function tellAbandoned(folder = journalFolder): Promise<string[]> {
  return (await abandonedJournals(folder)).flatMap(({ text, boot }) =>
    text === null || text.open.length === 0 || boot === 'earlier' ? [] : [toldChanges(text)],
  );
}

/** `3 changes of the tuning of eth1`. */
const toldChanges = ({ header, open }: JournalText) =>
  `${count(open.length, 'change')} of the tuning of ${header.interface}`;

/**
 * Words that lead to an interface which may have been tuned from another network namespace: through a name of that, or
 * any process in it; null: it is gone. Rejects where that cannot be told.
 */
async function wayTo({ header }: JournalText): Promise<readonly string[] | null> {
  if (header.network === (await ownNetwork())) {
    const named = header.enter.find((word) => word.startsWith(netOption))?.slice(netOption.length);
    return named !== undefined && (await networkAt(named)) === null ? null : header.enter;
  }
  const names = await readdir('/run/netns').catch((error) => {
    if (isAbsence(error)) return [];
    throw error;
  });
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const path of [...names.map((name) => `/run/netns/${name}`), ...pids.map((pid) => `/proc/${pid}/ns/net`)]) {
    const network = await networkAt(path).catch((error: NodeJS.ErrnoException) => {
      // Even root may not look at processes of the host that a container runs on: no run of its own is there.
      if (error.code === 'EACCES') return null;
      throw error;
    });
    if (network === header.network) return ['nsenter', `${netOption}${path}`, ...header.enter];
  }
  return null;
}

const netOption = '--net=';

/** The network namespace that a path stands for, as `net:[4026531840]`; null where it stands for none, or for none any more. */
async function networkAt(path: string): Promise<string | null> {
  const file = await stat(path).catch((error) => {
    if (isAbsence(error)) return null;
    throw error;
  });
  // Under a name of which the namespace was taken off lies a file.
  return file !== null && file.dev === (await stat('/proc/self/ns/net')).dev ? `net:[${file.ino}]` : null;
}

/** The host of a journal, and whether its interface is there; an error: that cannot be told. */
async function reach(text: JournalText, hostOf: HostOf): Promise<{ host: TuningHost; card: 'there' | 'gone' | Error }> {
  const site = { ...text.header, enter: [] };
  try {
    const enter = await wayTo(text);
    if (enter === null) return { host: hostOf(site), card: 'gone' };
    const host = hostOf({ ...site, enter });
    const files = await host.list(`/sys/class/net/${site.interface}`);
    return { host, card: files.length > 0 ? 'there' : 'gone' };
  } catch (error) {
    return { host: hostOf(site), card: error as Error };
  }
}

/** Resolves to what stays as it is although it should not. */
async function restoreAll(text: JournalText, hostOf: HostOf, said: string[]): Promise<string[]> {
  const stays: string[] = [];
  const { host, card } = await reach(text, hostOf);
  // What the kernel took back when its holder died needs nobody.
  for (const change of text.open.filter(({ key }) => entries[key].release === null).reverse()) {
    // The host's table of flows belongs to no interface.
    if (card !== 'there' && !change.name.startsWith('/proc/sys/') && entries[change.key].of === 'interface') continue;
    const restored = await restore(change, host);
    // Of what might have been disturbed, and was not, there is nothing to tell.
    if (restored.state === 'untouched' && change.after === null) continue;
    (restored.state === 'stays' ? stays : said).push(restored.text);
  }
  const name = text.header.interface;
  if (card === 'gone') said.push(`${name} is gone, and what was set on it`);
  if (card instanceof Error) stays.push(`what was set on ${name}, which cannot be looked for: ${card.message}`);
  return stays;
}
