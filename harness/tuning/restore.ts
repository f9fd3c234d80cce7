import { BenchError } from '../../common/cli/errors.js';
import { count } from '../../common/cli/text.js';
import { networkAt, ownNetwork, pathOfNetwork } from '../../common/process/journal.js';
import { restore } from './apply.js';
import { type TuningHost, type TuningSite, tuningHost } from './host.js';
import { abandonedJournals, dropJournal, type JournalText, journalFolder } from './journal.js';
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

const netOption = '--net=';

/**
 * Words that lead to where an interface may be that was tuned, from whichever network namespace that was; none: it is gone.
 * One that had been moved for a run may be back. Rejects where that cannot be told.
 */
async function waysTo({ header }: JournalText): Promise<(readonly string[])[]> {
  const { network, enter } = header;
  const isOwn = network === (await ownNetwork());
  const path = isOwn ? null : await pathOfNetwork(network);
  if (!isOwn && path === null) return [];
  const home = path === null ? [] : ['nsenter', `${netOption}${path}`];
  if (enter.length === 0) return [home];
  const named = enter.find((word) => word.startsWith(netOption))?.slice(netOption.length);
  const isGone = isOwn && named !== undefined && (await networkAt(named)) === null;
  return isGone ? [home] : [[...home, ...enter], home];
}

/** The host of a journal, and whether its interface is there; an error: that cannot be told. */
async function reach(text: JournalText, hostOf: HostOf): Promise<{ host: TuningHost; card: 'there' | 'gone' | Error }> {
  const site = { ...text.header, enter: [] };
  let untold: Error | null = null;
  try {
    for (const enter of await waysTo(text)) {
      const host = hostOf({ ...site, enter });
      const files = await host.list(`/sys/class/net/${site.interface}`).catch((error: Error) => {
        untold ??= error;
        return [];
      });
      if (files.length > 0) return { host, card: 'there' };
    }
  } catch (error) {
    untold = error as Error;
  }
  return { host: hostOf(site), card: untold ?? 'gone' };
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
