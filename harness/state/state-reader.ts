import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tryList } from '../../common/process/host-files.js';
import { namespaces } from '../../common/wire/namespaces.js';
import { isOwn } from '../../common/wire/owner.js';
import { journalFolder } from '../tuning/journal.js';
import type { HostState } from './host-state.js';
import { ownProcesses } from './processes.js';
import { cardSettings, hostSettings, linkSettings, linksOf } from './settings.js';
import { holdersOf, oursOf, sight } from './xdp-programs.js';
import { XdpReader } from './xdp-reader.js';

/** Reads the state of this host, one reading after the other, each in some milliseconds. */
export class StateReader {
  readonly #card: string | null;
  readonly #xdp = new XdpReader();

  /** `card`: the interface that is measured where that is not made for each cell. */
  constructor(card: string | null) {
    this.#card = card;
  }

  /** Rejects with BenchError. */
  async read(): Promise<HostState> {
    const links = linksOf(this.#card);
    const { programs, modes } = await this.#xdp.ask(links);
    const own = ownProcesses().filter(({ pid }) => pid !== this.#xdp.pid);
    const holders = programs.length === 0 ? new Map() : holdersOf(new Set(own.map(({ pid }) => pid)));
    return {
      settings: {
        ...hostSettings(),
        ...Object.assign({}, ...links.map(linkSettings)),
        ...Object.fromEntries(Object.entries(modes).map(([name, mode]) => [`XDP of ${name}`, mode])),
        ...(this.#card === null ? {} : await cardSettings(this.#card)),
      },
      ours: [
        ...own.map(({ pid, command }) => `process ${pid}, ${command} (kill ${pid})`),
        ...oursOf(programs, holders, sight()),
        ...namespaces()
          .filter(isOwn)
          .map((name) => `network namespace ${name} (ip netns delete ${name})`),
        ...links.filter((name) => name.startsWith('ivb-')).map((name) => `interface ${name} (ip link delete ${name})`),
        ...tryList(readdirSync, journalFolder)
          .filter((name) => name.endsWith('.ndjson') && isOwn(name))
          .map((name) => `tuning that is not undone, ${join(journalFolder, name)} (npm run bench -- --clean)`),
      ],
    };
  }

  async end(): Promise<void> {
    await this.#xdp.end();
  }
}
