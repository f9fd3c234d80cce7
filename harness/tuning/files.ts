import { formatCpuList } from '../../common/cli/cpu-list.js';
import { expandCpus } from '../../common/cli/tuning.js';
import type { TuningKey } from '../../model/tuning.js';
import type { Entry, Target } from './entry.js';
import { Refusal, type TuningHost } from './host.js';

/** Files of sysfs and procfs: a target's name is its path. */
const file = (of: Entry['of']): Pick<Entry, 'of' | 'release' | 'read' | 'write'> => ({
  of,
  release: null,
  read: (host, path) => host.read(path),
  write: (host, path, value) => host.write(path, value),
});

const written = (path: string, value: string) => `${value} > ${path}`;

const sysctl = (name: string): Entry => {
  const path = `/proc/sys/net/core/${name}`;
  return {
    ...file('host'),
    plan: (value) => [written(path, value)],
    targets: async (_, value) => [{ name: path, value }],
  };
};

const ofInterface = (name: string): Entry => {
  const path = (at: string) => `/sys/class/net/${at}/${name}`;
  return {
    ...file('interface'),
    plan: (value, site) => [written(path(site.interface), value)],
    targets: async (host, value) => [{ name: path(host.interface), value }],
  };
};

const policies = '/sys/devices/system/cpu/cpufreq';

const governor: Entry = {
  ...file('host'),
  plan: (value) => [written(`${policies}/policy*/scaling_governor`, value)],
  async targets(host, value) {
    const names = (await host.list(policies)).filter((name) => /^policy\d+$/.test(name));
    if (names.length === 0) throw new Refusal('no CPU has a governor here', `${policies}/policy*`);
    return names.map((name) => ({ name: `${policies}/${name}/scaling_governor`, value }));
  },
};

const cpuFolder = '/sys/devices/system/cpu';
/** Files that switch turbo, the first that there is counts, and what is in them. */
export const turboFiles: readonly { path: string; on: string; off: string }[] = [
  { path: `${cpuFolder}/intel_pstate/no_turbo`, on: '0', off: '1' },
  { path: `${cpuFolder}/cpufreq/boost`, on: '1', off: '0' },
];

/** Frequencies above the base one. */
const turbo: Entry = {
  ...file('host'),
  plan: (value) => turboFiles.map((one, index) => `${index > 0 ? 'or ' : ''}${written(one.path, one[isOn(value)])}`),
  async targets(host, value) {
    for (const one of turboFiles) {
      const there = await host.read(one.path).then(Boolean, () => false);
      if (there) return [{ name: one.path, value: one[isOn(value)] }];
    }
    throw new Refusal('no file switches it here', turboFiles.map(({ path }) => path).join(', '));
  },
};

const isOn = (value: string) => (value === 'on' ? 'on' : 'off');

/** Where the idle states are none that is switched off: the value holds as it is. */
const noneDeeper: Target = { name: `${cpuFolder}/cpu*/cpuidle`, value: 'no deeper state' };

/** Idle states that take longer to leave are off, on every CPU. Unlike a limit that is held, it lasts until it is undone. */
const idleStatesUpToUs: Entry = {
  ...file('host'),
  read: async (host, name) => (name === noneDeeper.name ? noneDeeper.value : await host.read(name)),
  plan: (value) => [`1 > ${cpuFolder}/cpu*/cpuidle/state*/disable of those with a latency above ${value}`],
  async targets(host, value) {
    const cpus = (await host.list(cpuFolder)).filter((name) => /^cpu\d+$/.test(name));
    const folders = await Promise.all(
      cpus.map(async (cpu) => {
        const folder = `${cpuFolder}/${cpu}/cpuidle`;
        const states = (await host.list(folder)).filter((name) => /^state\d+$/.test(name));
        return states.map((state) => `${folder}/${state}`);
      }),
    );
    const states = await Promise.all(
      folders.flat().map(async (folder) => ({ folder, wakeUs: Number(await host.read(`${folder}/latency`)) })),
    );
    if (states.length === 0) throw new Refusal('no CPU has idle states here', noneDeeper.name);
    const deeper = states.filter(({ wakeUs }) => wakeUs > Number(value));
    return deeper.length === 0 ? [noneDeeper] : deeper.map(({ folder }) => ({ name: `${folder}/disable`, value: '1' }));
  },
};

/** A sysctl of the core whose numbers have words. */
const words = (name: string, numbers: Readonly<Record<string, string>>): Entry => {
  const { plan, targets, ...rest } = sysctl(name);
  const number = (value: string) => numbers[value] ?? value;
  return {
    ...rest,
    plan: (value, site) => plan(number(value), site),
    targets: (host, value) => targets(host, number(value)),
  };
};

/** CPUs as a mask of the kernel, as `off`, or as the list that a user writes. */
const masks: Pick<Entry, 'of' | 'release' | 'read' | 'write'> = {
  of: 'interface',
  release: null,
  read: async (host, path) => cpusOfMask(await host.read(path)),
  write: (host, path, value) => host.write(path, maskOfCpus(value)),
};

/** `0-3+8`, or `off` for none, from `00000000,0000010f`. */
export function cpusOfMask(mask: string): string {
  const bits = BigInt(`0x0${mask.replaceAll(',', '')}`).toString(2);
  const cpus = [...bits].reverse().flatMap((bit, cpu) => (bit === '1' ? [cpu] : []));
  return cpus.length === 0 ? 'off' : normal(cpus);
}

/** The inverse, with a comma after every 32 bits, which the kernel asks for. */
export function maskOfCpus(text: string): string {
  if (text === 'off') return '0';
  const mask = expandCpus('CPUs', text).reduce((sum, cpu) => sum | (1n << BigInt(cpu)), 0n);
  const digits = mask.toString(16);
  return digits.padStart(Math.ceil(digits.length / 8) * 8, '0').replace(/(?=(?:.{8})+$)(?!^)/g, ',');
}

/** `0-3+8`. */
export const normal = (cpus: readonly number[]) => formatCpuList(cpus).replaceAll(',', '+');

async function queuesOf(host: TuningHost, direction: 'rx' | 'tx'): Promise<string[]> {
  const folder = `/sys/class/net/${host.interface}/queues`;
  const names = (await host.list(folder)).filter((name) => name.startsWith(`${direction}-`));
  return names.map((name) => `${folder}/${name}`);
}

const queueFiles = (interfaceName: string, direction: 'rx' | 'tx', name: string) =>
  `/sys/class/net/${interfaceName}/queues/${direction}-*/${name}`;

/** All CPUs to every RX queue. */
const rps: Entry = {
  ...masks,
  plan: (value, site) => [written(queueFiles(site.interface, 'rx', 'rps_cpus'), maskOfCpus(value))],
  async targets(host, value) {
    const wanted = value === 'off' ? value : normal(expandCpus('rps', value));
    return (await queuesOf(host, 'rx')).map((queue) => ({ name: `${queue}/rps_cpus`, value: wanted }));
  },
};

/** The CPUs of each TX queue: those at its place in the list, and then every so-many-th. */
const xps: Entry = {
  ...masks,
  plan: (value, site) => [
    value === 'off'
      ? written(queueFiles(site.interface, 'tx', 'xps_cpus'), '0')
      : `queue n: mask of the CPUs n, n + queues, ... of ${value} > ${queueFiles(site.interface, 'tx', 'xps_cpus')}`,
  ],
  async targets(host, value) {
    const queues = await queuesOf(host, 'tx');
    const shares = value === 'off' ? queues.map(() => 'off') : sharesOf(expandCpus('xps', value), queues.length);
    return queues.map((queue, index) => ({ name: `${queue}/xps_cpus`, value: shares[index] ?? 'off' }));
  },
};

/** CPUs of each of `queues` queues, none left over and none without: the longer of the two lists is dealt out. */
export function sharesOf(cpus: readonly number[], queues: number): string[] {
  return Array.from({ length: queues }, (_, queue) => {
    const dealt = cpus.filter((_, place) => place % queues === queue);
    return normal(dealt.length > 0 ? dealt : [cpus[queue % cpus.length] ?? 0]);
  });
}

const flowEntries = '/proc/sys/net/core/rps_sock_flow_entries';

/** The table of flows of the host, and each RX queue's share of it. */
const rfs: Entry = {
  ...file('interface'),
  plan: (value, site) => [
    written(flowEntries, value),
    `${value} / queues > ${queueFiles(site.interface, 'rx', 'rps_flow_cnt')}`,
  ],
  async targets(host, value): Promise<Target[]> {
    const queues = await queuesOf(host, 'rx');
    const share = Number(value) / queues.length;
    // The kernel has tables of a power of two, and none of less than one entry.
    const rounded = share === 0 ? 0 : 2 ** Math.max(0, Math.ceil(Math.log2(share)));
    return [
      { name: flowEntries, value },
      ...queues.map((queue) => ({ name: `${queue}/rps_flow_cnt`, value: String(rounded) })),
    ];
  },
};

/** What files of sysfs and procfs set. */
export const fileEntries = {
  governor,
  turbo,
  idleStatesUpToUs,
  bpfJit: words('bpf_jit_enable', { off: '0', on: '1' }),
  bpfJitHarden: words('bpf_jit_harden', { off: '0', user: '1', all: '2' }),
  netBusyPollUs: sysctl('busy_poll'),
  netBusyReadUs: sysctl('busy_read'),
  rps,
  rfs,
  xps,
  napiDeferHardIrqs: ofInterface('napi_defer_hard_irqs'),
  groFlushTimeoutNs: ofInterface('gro_flush_timeout'),
} satisfies Partial<Record<TuningKey, Entry>>;
