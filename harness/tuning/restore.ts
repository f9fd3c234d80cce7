import { rm } from 'node:fs/promises';
import { BenchError } from '../../common/cli/errors.js';
import { count } from '../../common/cli/text.js';
import { ownNetwork, pathOfNetwork } from '../../common/process/journal.js';
import { restore } from './apply.js';
import { type TuningHost, type TuningSite, tuningHost } from './host.js';
import { abandonedJournals, type JournalText, journalFolder } from './journal.js';
import { entries } from './table.js';

/**
 * Restores what runs left that were killed. Resolves to a sentence for each journal; rejects with BenchError for what
 * cannot be restored, and keeps it for the next time.
 */
export async function restoreAbandoned(folder = journalFolder, hostOf: HostOf = tuningHost): Promise<string[]> {
  const said: string[] = [];
  const stays: string[] = [];
  for (const { path, text, boot } of await abandonedJournals(folder)) {
    if (text !== null && boot === 'earlier') said.push(`${changes(text)} ended with the boot`);
    if (text !== null && boot === 'this') {
      const left = await restoreAll(text, await hostFor(text, hostOf), said);
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

type HostOf = (site: TuningSite) => TuningHost;

/** Where an interface is that was tuned, from whichever network namespace that was. */
async function hostFor({ header }: JournalText, hostOf: HostOf): Promise<TuningHost> {
  const home = await enterNetwork(header.network);
  // Where it is gone, its interfaces went with it.
  if (home === null) return hostOf({ ...header, enter: ['false'] });
  const host = hostOf({ ...header, enter: [...home, ...header.enter] });
  if (header.enter.length === 0 || (await isThere(host))) return host;
  // One that had been moved may be back.
  const atHome = hostOf({ ...header, enter: home });
  return (await isThere(atHome)) ? atHome : host;
}

async function enterNetwork(network: string): Promise<string[] | null> {
  if (network === (await ownNetwork())) return [];
  const path = await pathOfNetwork(network);
  return path === null ? null : ['nsenter', `--net=${path}`];
}

const isThere = async (host: TuningHost) => (await host.list(`/sys/class/net/${host.interface}`)).length > 0;

const changes = ({ header, open }: JournalText) =>
  `${count(open.length, 'change')} of the tuning of ${header.interface}`;

/** Resolves to what stays as it is although it should not. */
async function restoreAll({ open }: JournalText, host: TuningHost, said: string[]): Promise<string[]> {
  const there = await isThere(host);
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
