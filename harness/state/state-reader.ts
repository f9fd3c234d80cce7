import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tryList } from '../../common/process/host-files.js';
import { sight } from '../../common/process/program-holders.js';
import { leftFilters } from '../../common/wire/filters.js';
import { namespaces } from '../../common/wire/namespaces.js';
import { isOwn } from '../../common/wire/owner.js';
import { journalFolder } from '../tuning/journal.js';
import type { HostState } from './host-state.js';
import { ownProcesses } from './processes.js';
import { cardSettings, hostSettings, type WatchedCard } from './settings.js';
import { holdersOf, oursOf } from './xdp-programs.js';
import { XdpReader } from './xdp-reader.js';

/** Reads the state of this host, one reading after the other, each in some ten milliseconds. */
export class StateReader {
  readonly #cards: readonly WatchedCard[];
  readonly #xdp = new XdpReader();

  /** `cards`: the interfaces that are measured where those are not made for each cell. */
  constructor(cards: readonly WatchedCard[]) {
    this.#cards = cards;
  }

  /** Rejects with BenchError. */
  async read(): Promise<HostState> {
    const programs = await this.#xdp.programs();
    const own = ownProcesses().filter(({ pid }) => pid !== this.#xdp.pid);
    const filters = await leftFilters();
    const ofCards = await Promise.all(this.#cards.map(cardSettings));
    return {
      settings: Object.assign(hostSettings(), ...ofCards),
      ours: [
        ...own.map(({ pid, command }) => `process ${pid}, ${command} (kill ${pid})`),
        ...oursOf(programs, () => holdersOf(new Set(own.map(({ pid }) => pid))), sight()),
        ...filters.map(({ interface: name }) => `tc filter of an invoker on ${name} (npm run bench -- --clean)`),
        ...namespaces()
          .filter(isOwn)
          .map((name) => `network namespace ${name} (ip netns delete ${name})`),
        ...tryList(readdirSync, '/sys/class/net')
          .filter((name) => name.startsWith('ivb-'))
          .map((name) => `interface ${name} (ip link delete ${name})`),
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
