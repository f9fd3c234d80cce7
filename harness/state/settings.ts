import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { readText, tryList, tryRead } from '../../common/process/host-files.js';
import { tuningHost } from '../tuning/host.js';
import { readQueueSettings } from '../tuning/queue-settings.js';
import { entries } from '../tuning/table.js';
import { nameOfSysctl } from './host-state.js';

/** Values by the name that tells of each. */
type Settings = Record<string, string>;

/** What holds for the whole host. */
export function hostSettings(): Settings {
  return { ...Object.assign({}, ...sysctlFolders.map(sysctls)), ...cpuSettings() };
}

const list = (folder: string) => tryList(readdirSync, folder);

/** Files by the name that tells of each. */
function values(files: readonly (readonly [name: string, path: string])[]): Settings {
  return Object.fromEntries(
    files.flatMap(([name, path]) => {
      const value = tryRead(readText, path);
      return value === null ? [] : [[name, value.trim()]];
    }),
  );
}

/** What tuning sets, and what else datapaths depend on. */
const sysctlFolders: readonly (readonly [folder: string, names: RegExp])[] = [
  ['net/core', /./],
  ['net/ipv4', /^(ip|udp)_/],
  ['kernel', /^(sched_.*|bpf_stats_enabled|unprivileged_bpf_disabled|numa_balancing|timer_migration)$/],
  ['vm', /^nr_hugepages$/],
];

function sysctls([folder, names]: (typeof sysctlFolders)[number]): Settings {
  const found = list(`/proc/sys/${folder}`)
    .filter((name) => names.test(name))
    .map((name) => [nameOfSysctl(`${folder}/${name}`), `/proc/sys/${folder}/${name}`] as const);
  // What nobody can set, as the key of RSS, the kernel draws when it first needs it.
  return values(found.filter(([, path]) => isSettable(path)));
}

const isSettable = (path: string) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o222) !== 0;

const cpuFolder = '/sys/devices/system/cpu';

/** Governors and idle states. Firmware turns turbo on and off by itself. */
function cpuSettings(): Settings {
  const states = list(cpuFolder)
    .filter((name) => /^cpu\d+$/.test(name))
    .flatMap((cpu) =>
      list(`${cpuFolder}/${cpu}/cpuidle`).map((state) => `${cpuFolder}/${cpu}/cpuidle/${state}/disable`),
    );
  const policies = list(`${cpuFolder}/cpufreq`).filter((name) => /^policy\d+$/.test(name));
  const governors = policies.map((name) => `${cpuFolder}/cpufreq/${name}/scaling_governor`);
  return values([...states, ...governors].map((path) => [path, path]));
}

const linkFolder = '/sys/class/net';

/** Our interfaces, and the one that is measured: those of others come and go, and are set by whoever has them. */
export function linksOf(card: string | null): string[] {
  return list(linkFolder).filter((name) => name === card || name.startsWith('ivb-'));
}

const interfaceIsUp = 1;

export function linkSettings(name: string): Settings {
  const folder = `${linkFolder}/${name}`;
  const flags = tryRead(readText, `${folder}/flags`);
  if (flags === null) return {};
  const queues = list(`${folder}/queues`);
  const count = (direction: string) => queues.filter((queue) => queue.startsWith(direction)).length;
  return {
    [`state of ${name}`]: Number(flags) & interfaceIsUp ? 'up' : 'down',
    ...values([[`MTU of ${name}`, `${folder}/mtu`]]),
    [`queues of ${name}`]: `${count('rx-')} RX, ${count('tx-')} TX`,
    [`master of ${name}`]: basename(tryRead(readlinkSync, `${folder}/master`) ?? 'none'),
  };
}

/** RSS and steering by the kernel, as far as the interface has them; interrupts are irqbalance's, where it runs. */
export async function cardSettings(card: string): Promise<Settings> {
  const host = tuningHost({ interface: card, enter: [], port: 0 });
  const hash = await entries.rssHash.read(host, '').catch(() => null);
  const settings = (await readQueueSettings(host)).filter(({ key }) => key !== 'irqAffinity');
  return {
    ...Object.fromEntries(settings.map(({ key, name, value }) => [`${key} (${name}) of ${card}`, value])),
    ...(hash === null ? {} : { [`rssHash of ${card}`]: hash }),
  };
}
