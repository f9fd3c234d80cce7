import type { Unasked, ViewSources } from '../../harness/doctor/view.js';
import type { KernelAnswers } from '../../model/host.js';
import { fakeHost } from './host.js';

const system = '/sys/devices/system';
const cpus = Array.from({ length: 32 }, (_, cpu) => cpu);

/** Files of each of 32 CPUs: two sockets of 8 cores, two threads a core; it saves power. */
function cpuFiles(cpu: number): Record<string, string> {
  const folder = `${system}/cpu/cpu${cpu}`;
  const states: [name: string, wakeUs: number][] = [
    ['POLL', 0],
    ['C1', 2],
    ['C1E', 10],
    ['C6', 133],
  ];
  return {
    [`${folder}/topology/thread_siblings_list`]: `${cpu % 16},${(cpu % 16) + 16}\n`,
    [`${system}/cpu/cpufreq/policy${cpu}/scaling_governor`]: 'powersave\n',
    [`${system}/cpu/cpufreq/policy${cpu}/affected_cpus`]: `${cpu}\n`,
    ...Object.fromEntries(
      states.flatMap(([name, wakeUs], number) => [
        [`${folder}/cpuidle/state${number}/name`, `${name}\n`],
        [`${folder}/cpuidle/state${number}/latency`, `${wakeUs}\n`],
        [`${folder}/cpuidle/state${number}/disable`, '0\n'],
      ]),
    ),
  };
}

const stat = (pid: number, name: string, parent = 1) => `${pid} (${name}) S ${parent} ${'0 '.repeat(40)}\n`;

/** As such a machine has them after its installation. */
export const twoSocketFiles: Readonly<Record<string, string>> = {
  ...Object.assign({}, ...cpus.map(cpuFiles)),
  [`${system}/cpu/online`]: '0-31\n',
  [`${system}/cpu/isolated`]: '\n',
  [`${system}/cpu/smt/control`]: 'on\n',
  [`${system}/cpu/intel_pstate/no_turbo`]: '0\n',
  [`${system}/clocksource/clocksource0/current_clocksource`]: 'tsc\n',
  [`${system}/clocksource/clocksource0/available_clocksource`]: 'tsc hpet acpi_pm\n',
  [`${system}/node/node0/cpulist`]: '0-7,16-23\n',
  [`${system}/node/node1/cpulist`]: '8-15,24-31\n',
  '/sys/class/net/lo/ifindex': '1\n',
  '/sys/class/net/eth1/ifindex': '2\n',
  '/sys/class/net/eth1/device/numa_node': '1\n',
  '/proc/cpuinfo': 'processor : 0\nflags : fpu tsc\n',
  '/proc/stat': cpus.map((cpu) => `cpu${cpu} 100 0 100 5000 0 0 0 0 0 0`).join('\n'),
  '/proc/1/stat': stat(1, 'systemd', 0),
  '/proc/812/stat': stat(812, 'irqbalance'),
  '/proc/self/status': 'Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nCpus_allowed_list:\t0-31\n',
  '/proc/self/limits':
    'Max open files            1024  524288  files\nMax locked memory         8388608  8388608  bytes\n',
  '/proc/self/cgroup': '0::/user.slice\n',
  '/proc/self/net/dev': ' face |bytes\n    lo: 0 0\n  eth1: 0 0\n',
  '/proc/sys/kernel/osrelease': '6.12.57+deb13-amd64\n',
  '/proc/sys/kernel/io_uring_disabled': '0\n',
  '/proc/sys/kernel/unprivileged_bpf_disabled': '2\n',
  '/proc/sys/net/core/bpf_jit_enable': '1\n',
  '/proc/sys/net/core/bpf_jit_harden': '0\n',
  ...Object.fromEntries(['ip', 'ethtool', 'nsenter', 'taskset'].map((name) => [`/usr/bin/${name}`, ''])),
};

const link = { ifindex: 2, flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'], mtu: 1500 };

/** Of a card with a queue a CPU, as ethtool and ip print them. */
export const twoSocketOutputs: Readonly<Record<string, string>> = {
  'ip -details -json link show dev eth1': JSON.stringify([link]),
  'ethtool -i eth1': 'driver: mlx5_core\nversion: 6.12.57\nbus-info: 0000:81:00.0',
  'ethtool eth1': 'Settings for eth1:\n\tSpeed: 25000Mb/s\n\tDuplex: Full\n\tLink detected: yes',
  'ethtool -k eth1':
    'Features for eth1:\ngeneric-receive-offload: on\nlarge-receive-offload: on\nrx-vlan-offload: on\nrx-gro-hw: off [fixed]',
  'ethtool -g eth1':
    'Ring parameters for eth1:\nPre-set maximums:\nRX:\t\t8192\nTX:\t\t8192\nCurrent hardware settings:\nRX:\t\t512\nTX:\t\t512',
  'ethtool -l eth1':
    'Channel parameters for eth1:\nPre-set maximums:\nRX:\t\tn/a\nCombined:\t63\nCurrent hardware settings:\nRX:\t\tn/a\nCombined:\t32',
  'ethtool -a eth1': 'Pause parameters for eth1:\nAutonegotiate:\toff\nRX:\t\ton\nTX:\t\ton',
  'ethtool -c eth1': 'Coalesce parameters for eth1:\nAdaptive RX: on  TX: on\nrx-usecs:\t8\nrx-frames:\t128',
};

export const twoSocketAnswers: KernelAnswers = {
  refusals: { xdpProgram: null, xdpSocket: null, packetSocket: null, ioUring: null },
  xdp: {
    eth1: { features: ['basic', 'redirect', 'ndo-xmit', 'xsk-zerocopy', 'rx-sg', 'ndo-xmit-sg'], zeroCopySegments: 1 },
  },
  queues: { eth1: { rx: 32, tx: 32 } },
};

interface Changes {
  /** Null: there is no such file. */
  files?: Record<string, string | null>;
  outputs?: Record<string, string>;
  answers?: KernelAnswers | Unasked;
  /** What killed runs have set; an error: it cannot be read. */
  leftTuning?: string[] | Error;
}

/** The machine, with what is otherwise on it; its files may be written to. */
export function twoSockets(changes: Changes = {}): ViewSources & { files: Record<string, string> } {
  const { files = {}, outputs = {}, answers = twoSocketAnswers, leftTuning = [] } = changes;
  const all = Object.entries({ ...twoSocketFiles, ...files }).filter(([, text]) => text !== null);
  const present = Object.fromEntries(all) as Record<string, string>;
  return {
    ...fakeHost(present, { ...twoSocketOutputs, ...outputs }),
    files: present,
    watchMs: 1,
    askKernel: async () => answers,
    async leftTuning() {
      if (leftTuning instanceof Error) throw leftTuning;
      return leftTuning;
    },
  };
}
