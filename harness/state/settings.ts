import { readdirSync, statSync } from 'node:fs';
import { readText, tryList, tryRead } from '../../common/process/host-files.js';
import { showLinks } from '../../common/wire/link.js';
import { type TuningSite, tuningHost } from '../tuning/host.js';
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

/** An interface that is measured, and the words that run what follows them in its network namespace. */
export type WatchedCard = Pick<TuningSite, 'interface' | 'enter'>;

/** As <linux/if_link.h> numbers them. */
const xdpModes = ['none', 'native', 'skb', 'offload', 'several'];

/** RSS and steering by the kernel, as far as the interface has them; interrupts are irqbalance's, where it runs. */
const steering = ['rssTable', 'rps', 'rfs', 'xps'] as const;

/** Nothing of one that is gone. */
export async function cardSettings({ interface: name, enter }: WatchedCard): Promise<Settings> {
  const [link] = await showLinks(enter, 'link', 'show', 'dev', name);
  if (link === undefined) return {};
  const host = tuningHost({ interface: name, enter, port: 0 });
  const queues = await host.list(`/sys/class/net/${name}/queues`).catch(() => []);
  const count = (direction: string) => queues.filter((queue) => queue.startsWith(direction)).length;
  const hash = await entries.rssHash.read(host, '').catch(() => null);
  const settings = await readQueueSettings(host, steering).catch(() => []);
  return {
    [`state of ${name}`]: link.flags?.includes('UP') ? 'up' : 'down',
    [`MTU of ${name}`]: `${link.mtu}`,
    [`queues of ${name}`]: `${count('rx-')} RX, ${count('tx-')} TX`,
    [`master of ${name}`]: link.master ?? 'none',
    [`XDP of ${name}`]: xdpModes[link.xdp?.mode ?? 0] ?? 'unknown',
    ...Object.fromEntries(settings.map((setting) => [`${setting.key} (${setting.name}) of ${name}`, setting.value])),
    ...(hash === null ? {} : { [`rssHash of ${name}`]: hash }),
  };
}
