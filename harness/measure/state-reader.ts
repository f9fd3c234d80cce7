import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Child } from '../../common/process/child.js';
import { childScripts } from '../../common/process/paths.js';
import { isOwn, ownMark } from '../../common/wire/owner.js';
import type { XdpState } from '../../model/host.js';
import type { RunError } from '../../model/record.js';
import { turboFiles } from '../tuning/files.js';
import { tuningHost } from '../tuning/host.js';
import { journalFolder } from '../tuning/journal.js';
import { readQueueSettings } from '../tuning/queue-settings.js';
import { entries } from '../tuning/table.js';
import { type HostState, nameOfSysctl, oursOf, type ProgramHolder } from './host-state.js';

type Answer = ({ type: 'xdp' } & XdpState) | { type: 'error'; error: RunError };

const graceMs = 2000;

/**
 * Reads the state of this host, one reading after the other, each in some milliseconds. What the kernel has of XDP only the
 * addon can ask for: a process of its own does, which lives from the first reading to end().
 */
export class StateReader {
  readonly #card: string | null;
  #asked: { child: Child<Answer, Question>; lost: Promise<never> } | null = null;
  #hear: (answer: XdpState) => void = () => {};

  /** `card`: the interface that is measured where that is not made for each cell. */
  constructor(card: string | null) {
    this.#card = card;
  }

  /** Rejects with BenchError. */
  async read(): Promise<HostState> {
    const links = linksOf(this.#card);
    const { programs, modes } = await this.#ask(links);
    const own = ownProcesses(this.#asked?.child.pid ?? 0);
    const holders = programs.length === 0 ? new Map() : holdersOf(new Set(own.map(({ pid }) => pid)));
    return {
      settings: {
        ...Object.assign({}, ...sysctlFolders.map(sysctls)),
        ...cpuSettings(),
        ...Object.assign({}, ...links.map(linkSettings)),
        ...Object.fromEntries(Object.entries(modes).map(([name, mode]) => [`XDP of ${name}`, mode])),
        ...(this.#card === null ? {} : await cardSettings(this.#card)),
      },
      ours: [
        ...own.map(({ pid, command }) => `process ${pid}, ${command} (kill ${pid})`),
        ...oursOf(programs, holders, sight()),
        ...list('/run/netns')
          .filter(isOwn)
          .map((name) => `network namespace ${name} (ip netns delete ${name})`),
        ...links.filter((name) => name.startsWith('ivb-')).map((name) => `interface ${name} (ip link delete ${name})`),
        ...list(journalFolder)
          .filter(isOwn)
          .map((name) => `tuning that is not undone, ${join(journalFolder, name)} (npm run bench -- --clean)`),
      ],
      used: hugePages(),
    };
  }

  async end(): Promise<void> {
    await this.#asked?.child.end(graceMs);
  }

  async #ask(interfaces: string[]): Promise<XdpState> {
    const answer = new Promise<XdpState>((resolve) => {
      this.#hear = resolve;
    });
    if (this.#asked === null) this.#asked = this.#start({ interfaces });
    else this.#asked.child.command({ interfaces });
    return await Promise.race([answer, this.#asked.lost]);
  }

  #start(first: Question) {
    const child = new Child<Answer, Question>(
      'reader of XDP programs',
      [process.execPath, childScripts.xdp],
      first,
      (message) => {
        if (message.type === 'xdp') this.#hear(message);
      },
    );
    const lost = child.failure();
    lost.catch(() => {}); // It ends at the end, too; whoever asks it hears of it.
    return { child, lost };
  }
}

interface Question {
  interfaces: string[];
}

/** The inode of the first PID namespace, in which every process is seen. */
const firstPidNamespace = 'pid:[4026531836]';
const sight = () =>
  text(() => readlinkSync('/proc/self/ns/pid')) === firstPidNamespace ? 'every process' : 'its own PID namespace';

/** What is there of such a thing; null for what has gone meanwhile, or is not for us to see. */
function text(read: () => string): string | null {
  try {
    return read().trim();
  } catch {
    return null;
  }
}

const readText = (path: string) => text(() => readFileSync(path, 'utf8'));

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Files by the name that tells of each. */
function values(files: readonly (readonly [name: string, path: string])[]): Record<string, string> {
  return Object.fromEntries(
    files.flatMap(([name, path]) => {
      const value = readText(path);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** What tuning sets, and what else datapaths depend on. The kernel changes none of these by itself. */
const sysctlFolders: readonly (readonly [folder: string, names: RegExp])[] = [
  ['net/core', /./],
  ['net/ipv4', /^(ip|udp)_/],
  ['kernel', /^(sched_.*|bpf_stats_enabled|unprivileged_bpf_disabled|numa_balancing|timer_migration)$/],
  ['vm', /^nr_hugepages$/],
];

function sysctls([folder, names]: (typeof sysctlFolders)[number]): Record<string, string> {
  const found = list(`/proc/sys/${folder}`).filter((name) => names.test(name));
  return values(found.map((name) => [nameOfSysctl(`${folder}/${name}`), `/proc/sys/${folder}/${name}`]));
}

const cpuFolder = '/sys/devices/system/cpu';

/** Clocks and idle states. */
function cpuSettings(): Record<string, string> {
  const states = list(cpuFolder)
    .filter((name) => /^cpu\d+$/.test(name))
    .flatMap((cpu) =>
      list(`${cpuFolder}/${cpu}/cpuidle`).map((state) => `${cpuFolder}/${cpu}/cpuidle/${state}/disable`),
    );
  const policies = list(`${cpuFolder}/cpufreq`).filter((name) => /^policy\d+$/.test(name));
  const governors = policies.map((name) => `${cpuFolder}/cpufreq/${name}/scaling_governor`);
  const paths = [...states, ...governors, ...turboFiles.map(({ path }) => path)];
  return values(paths.map((path) => [path, path]));
}

const linkFolder = '/sys/class/net';

/** Those with a device, ours, and the one that is measured: containers' interfaces come and go, and are set when they came. */
function linksOf(card: string | null): string[] {
  return list(linkFolder).filter(
    (name) => name === card || name.startsWith('ivb-') || existsSync(`${linkFolder}/${name}/device`),
  );
}

const interfaceIsUp = 1;

function linkSettings(name: string): Record<string, string> {
  const folder = `${linkFolder}/${name}`;
  const flags = readText(`${folder}/flags`);
  if (flags === null) return {};
  const queues = list(`${folder}/queues`);
  const count = (direction: string) => queues.filter((queue) => queue.startsWith(direction)).length;
  return {
    [`state of ${name}`]: Number(flags) & interfaceIsUp ? 'up' : 'down',
    ...values([[`MTU of ${name}`, `${folder}/mtu`]]),
    [`queues of ${name}`]: `${count('rx-')} RX, ${count('tx-')} TX`,
    [`master of ${name}`]: basename(text(() => readlinkSync(`${folder}/master`)) ?? 'none'),
  };
}

/** RSS, interrupts and steering by the kernel, as far as the interface has them. */
async function cardSettings(card: string): Promise<Record<string, string>> {
  const host = tuningHost({ interface: card, enter: [], port: 0 });
  const hash = await entries.rssHash.read(host, '').catch(() => null);
  const settings = await readQueueSettings(host);
  return {
    ...Object.fromEntries(settings.map(({ key, name, value }) => [`${key} (${name}) of ${card}`, value])),
    ...(hash === null ? {} : { [`rssHash of ${card}`]: hash }),
  };
}

const hugePageFolder = '/sys/kernel/mm/hugepages';

/** Pages in use, by their size. */
function hugePages(): Record<string, number> {
  return Object.fromEntries(
    list(hugePageFolder).map((size) => {
      const [all, free] = ['nr_hugepages', 'free_hugepages'].map((name) =>
        Number(readText(`${hugePageFolder}/${size}/${name}`)),
      );
      return [`huge pages in use (${size.replace('hugepages-', '')})`, (all ?? 0) - (free ?? 0)];
    }),
  );
}

const processNumbers = () => list('/proc').filter((name) => /^\d+$/.test(name));

/** Those that this process has started, or that one of them has; without the reader. */
function ownProcesses(reader: number): { pid: number; command: string }[] {
  const mark = Object.entries(ownMark()).map(([name, value]) => `${name}=${value}`)[0] as string;
  return processNumbers().flatMap((pid) => {
    if (Number(pid) === reader || !readText(`/proc/${pid}/environ`)?.split('\0').includes(mark)) return [];
    const command = readText(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? '';
    return [{ pid: Number(pid), command: command.slice(0, 100) }];
  });
}

/** Who has which program, by a descriptor of itself or of a link. */
function holdersOf(own: ReadonlySet<number>): Map<number, ProgramHolder[]> {
  const holders = new Map<number, ProgramHolder[]>();
  for (const pid of processNumbers().map(Number)) {
    for (const fd of list(`/proc/${pid}/fd`)) {
      if (!text(() => readlinkSync(`/proc/${pid}/fd/${fd}`))?.startsWith('anon_inode:bpf')) continue;
      const id = /^prog_id:\s*(\d+)$/m.exec(readText(`/proc/${pid}/fdinfo/${fd}`) ?? '')?.[1];
      if (id === undefined) continue;
      const one: ProgramHolder = { pid, whose: own.has(pid) ? 'ours' : 'others' };
      holders.set(Number(id), [...(holders.get(Number(id)) ?? []), one]);
    }
  }
  return holders;
}
