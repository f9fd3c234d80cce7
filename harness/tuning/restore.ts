import { readdir, rm, stat } from 'node:fs/promises';
import { BenchError } from '../../common/cli/errors.js';
import { count } from '../../common/cli/text.js';
import { restore } from './apply.js';
import { type TuningHost, type TuningSite, tuningHost } from './host.js';
import { abandonedJournals, type JournalText, journalFolder, ownNetwork } from './journal.js';
import { entries } from './table.js';

/**
 * Restores what runs left that were killed. Resolves to a sentence for each journal; rejects with BenchError for what
 * cannot be restored, and keeps it for the next time.
 */
export async function restoreAbandoned(
  folder = journalFolder,
  hostOf: (site: TuningSite) => TuningHost = tuningHost,
): Promise<string[]> {
  const said: string[] = [];
  const stays: string[] = [];
  for (const { path, text, boot } of await abandonedJournals(folder)) {
    if (text !== null && boot === 'earlier') said.push(`${changes(text)} ended with the boot`);
    if (text !== null && boot === 'this') {
      const left = await restoreAll(text, hostOf(await siteOf(text)), said);
      if (left.length > 0) {
        stays.push(...left);
        continue;
      }
    }
    await rm(path, { force: true });
  }
  if (stays.length > 0) throw new BenchError('TUNING_STAYS', [...said, `not restored: ${stays.join('; ')}`].join('; '));
  return said;
}

/** The way to an interface that was tuned from another network namespace: through any process that is in it. */
async function siteOf({ header }: JournalText): Promise<TuningSite> {
  if (header.network === (await ownNetwork())) return header;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map((pid) => `/proc/${pid}/ns/net`);
  const named = (await readdir('/run/netns').catch(() => [])).map((name) => `/run/netns/${name}`);
  for (const path of [...named, ...pids]) {
    const inode = await stat(path).then(
      ({ ino }) => `net:[${ino}]`,
      () => null,
    ); // It ended while we looked.
    if (inode === header.network) return { ...header, enter: ['nsenter', `--net=${path}`, ...header.enter] };
  }
  return { ...header, enter: ['false'] }; // It is gone, and its interfaces with it.
}

const changes = ({ header, open }: JournalText) =>
  `${count(open.length, 'change')} of the tuning of ${header.interface}`;

/** Resolves to what stays as it is although it should not. */
async function restoreAll({ open }: JournalText, host: TuningHost, said: string[]): Promise<string[]> {
  const there = (await host.list(`/sys/class/net/${host.interface}`)).length > 0;
  const stays: string[] = [];
  // What the kernel took back when its holder died needs nobody.
  for (const change of open.filter(({ key }) => entries[key].release === null).reverse()) {
    // The host's table of flows belongs to no interface.
    if (!there && !change.name.startsWith('/proc/sys/') && entries[change.key].of === 'interface') continue;
    const { state, text } = await restore(change, host);
    // Of what might have been disturbed, and was not, there is nothing to tell.
    if (state === 'untouched' && change.after === null) continue;
    (state === 'stays' ? stays : said).push(text);
  }
  if (!there) said.push(`${host.interface} is gone, and what was set on it`);
  return stays;
}
