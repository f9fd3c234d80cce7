import { describe, expect, it } from 'vitest';
import { examine } from '../../../harness/doctor/checks.js';
import type { Finding, Level } from '../../../harness/doctor/finding.js';
import { readView } from '../../../harness/doctor/view.js';
import { twoSocketAnswers, twoSockets } from '../../fakes/two-sockets.js';

type Changes = Parameters<typeof twoSockets>[0];

async function found(id: string, changes: Changes): Promise<Finding | undefined> {
  const findings = examine(await readView(twoSockets(changes), ['eth1']));
  return findings.find((finding) => finding.id === id);
}

const system = '/sys/devices/system/cpu';
const status = (uid: number, mask: string, cpus = '0-31') =>
  `Uid:\t1000\t${uid}\t0\t0\nCapEff:\t${mask}\nCpus_allowed_list:\t${cpus}\n`;
const all = '000001ffffffffff';
const file = (path: string, text: string | null) => ({ files: { [path]: text } });
const eth1 = (flag: string, text: string) => ({ outputs: { [`ethtool ${flag} eth1`]: text } });
const settings = (text: string) => ({ outputs: { 'ethtool eth1': text } });
const link = (changes: object) => ({
  outputs: {
    'ip -details -json link show dev eth1': JSON.stringify([{ flags: ['UP', 'LOWER_UP'], mtu: 1500, ...changes }]),
  },
});
const refused = (mechanism: string) => ({
  answers: { ...twoSocketAnswers, refusals: { ...twoSocketAnswers.refusals, [mechanism]: 'the kernel says no' } },
});
const driver = (...features: string[]) => ({
  answers: { ...twoSocketAnswers, xdp: { eth1: { features, zeroCopySegments: 0 } } } as typeof twoSocketAnswers,
});
const unbuilt = { answers: { failure: 'not built', remedy: 'make build' } };
const untold = { answers: { ...twoSocketAnswers, xdp: { eth1: null }, queues: { eth1: { rx: 0, tx: 0 } } } };

type Row = [what: string, id: string, changes: Changes, level: Level, state: RegExp, remedy: RegExp | null];

const rows: Row[] = [
  ['is no root', 'user', file('/proc/self/status', status(1000, '0')), 'cannot-run', /^user 1000, not root$/, /^sudo /],
  [
    'is a user with capabilities',
    'user',
    file('/proc/self/status', status(1000, '000000c000803000')),
    'could-be-better',
    /^user 1000, with the capabilities of a host of two; one host alone needs root$/,
    /^sudo /,
  ],
  [
    'is root of a container',
    'user',
    file('/proc/self/status', status(0, '00000000a80425fb')),
    'cannot-run',
    /^root without CAP_NET_ADMIN, CAP_IPC_LOCK, CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF$/,
    /--privileged/,
  ],
  ['hides its status', 'user', file('/proc/self/status', null), 'not-told', /does not tell/, null],
  [
    'locks little memory',
    'locked-memory',
    file('/proc/self/status', status(0, '00000000a80425fb')),
    'cannot-run',
    /^limited to 8192 KiB$/,
    /^ulimit -l unlimited$/,
  ],
  [
    'opens few files',
    'open-files',
    file('/proc/self/limits', 'Max open files   256   256   files\n'),
    'could-be-better',
    /^at most 256$/,
    /^ulimit -n/,
  ],
  [
    'lacks ethtool',
    'programs',
    file('/usr/bin/ethtool', null),
    'cannot-run',
    /: ethtool$/,
    /^apt-get install ethtool$/,
  ],
  ['has an old kernel', 'kernel', file('/proc/sys/kernel/osrelease', '5.15.0-91\n'), 'cannot-run', /5\.15/, /5\.18/],
  [
    'has a middle-aged one',
    'kernel',
    file('/proc/sys/kernel/osrelease', '6.1.0-41\n'),
    'could-be-better',
    /6\.1/,
    /6\.17/,
  ],
  ['has a new one', 'kernel', file('/proc/sys/kernel/osrelease', '7.3.0\n'), 'fine', /7\.3/, null],
  ['refuses XDP programs', 'xdp-programs', refused('xdpProgram'), 'cannot-run', /^the kernel says no$/, null],
  ['refuses AF_XDP', 'af-xdp', refused('xdpSocket'), 'cannot-run', /^the kernel says no$/, null],
  ['refuses AF_PACKET', 'af-packet', refused('packetSocket'), 'cannot-run', /^the kernel says no$/, null],
  ['refuses io_uring', 'io-uring', refused('ioUring'), 'cannot-run', /^the kernel says no$/, null],
  [
    'was not asked in time',
    'datapaths',
    { answers: { failure: 'no answer', remedy: null } },
    'cannot-run',
    /^no answer$/,
    null,
  ],
  ['was not built', 'datapaths', unbuilt, 'cannot-run', /^not built$/, /^make build$/],
  ['was not built', 'eth1/xdp', unbuilt, 'not-told', /cannot be used/, null],
  [
    'has io_uring switched off',
    'io-uring-switch',
    file('/proc/sys/kernel/io_uring_disabled', '2\n'),
    'cannot-run',
    /^off for all$/,
    /^sysctl kernel\.io_uring_disabled=0$/,
  ],
  ['has no such switch', 'io-uring-switch', file('/proc/sys/kernel/io_uring_disabled', null), 'not-told', /6\.6/, null],
  ['interprets eBPF', 'bpf-jit', file('/proc/sys/net/core/bpf_jit_enable', '0\n'), 'not-trusted', /^off$/, /=1$/],
  [
    'blinds constants',
    'bpf-jit-harden',
    file('/proc/sys/net/core/bpf_jit_harden', '2\n'),
    'could-be-better',
    /all/,
    /=1$/,
  ],
  ['allows one CPU', 'cpus', file('/proc/self/status', status(0, all, '3')), 'cannot-run', /^1 CPU .*: 3$/, /taskset/],
  ['allows two', 'cpus', file('/proc/self/status', status(0, all, '2-3')), 'could-be-better', /^2 CPUs/, /taskset/],
  [
    'has a quota',
    'cpu-quota',
    file('/sys/fs/cgroup/user.slice/cpu.max', '150000 100000\n'),
    'not-trusted',
    /^CPU time of 1\.5 CPUs, of 32$/,
    /without a CPU limit/,
  ],
  ['isolates', 'isolation', file(`${system}/isolated`, '4-31\n'), 'fine', /--cpus 4-31$/, null],
  [
    'isolates nothing',
    'isolation',
    {},
    'could-be-better',
    /^no CPU is isolated$/,
    /nohz_full=2-15,18-31 rcu_nocbs=2-15,18-31$/,
  ],
  [
    'reads a slow clock',
    'clock',
    file('/sys/devices/system/clocksource/clocksource0/current_clocksource', 'hpet\n'),
    'not-trusted',
    /^hpet, a slow one$/,
    /^echo tsc > /,
  ],
  [
    'is a guest',
    'hypervisor',
    { outputs: { lscpu: 'Hypervisor vendor: KVM' } },
    'could-be-better',
    /^a guest, whose hypervisor \(KVM\) took /,
    /--pair/,
  ],
  [
    'is a guest of nobody knows whom',
    'hypervisor',
    { outputs: { lscpu: '' }, ...file('/proc/cpuinfo', 'flags\t: fpu hypervisor\n') },
    'could-be-better',
    /^a guest, whose hypervisor \(of unknown make\) took /,
    /--pair/,
  ],
  [
    'has turbo by AMD',
    'turbo',
    { files: { [`${system}/intel_pstate/no_turbo`]: null, [`${system}/cpufreq/boost`]: '1' } },
    'could-be-better',
    /^on$/,
    /^echo 0 > .*boost$/,
  ],
  ['has no turbo to switch', 'turbo', file(`${system}/intel_pstate/no_turbo`, null), 'not-told', /does not tell/, null],
  ['runs irqbalance', 'irqbalance', {}, 'not-trusted', /812/, /^systemctl stop irqbalance$/],
  [
    'tells no speed',
    'eth1/link',
    settings('Speed: Unknown!'),
    'fine',
    /^up, no speed told, MTU 1500, driver mlx5_core$/,
    null,
  ],
  ['waits for nothing', 'eth1/coalescing', eth1('-c', 'rx-usecs:\t0'), 'fine', /^fixed, no wait$/, null],
  ['is down', 'eth1/link', link({ flags: [] }), 'cannot-run', /^down, driver mlx5_core$/, /^ip link set eth1 up$/],
  ['has no carrier', 'eth1/link', link({ flags: ['UP'] }), 'cannot-run', /without a carrier/, /cable/],
  ['has no native XDP', 'eth1/xdp', driver(), 'cannot-run', /^the driver lacks basic .* and redirect/, /--attach skb/],
  [
    'copies',
    'eth1/zero-copy',
    driver('basic', 'redirect'),
    'could-be-better',
    /^the driver has none$/,
    /--copy-mode copy/,
  ],
  ['does not tell', 'eth1/xdp', untold, 'not-told', /6\.3/, null],
  ['does not tell', 'eth1/queues', untold, 'not-told', /does not tell/, null],
  [
    'is occupied',
    'eth1/xdp-program',
    link({ xdp: { prog: { id: 77, name: 'firewall' } } }),
    'cannot-run',
    /^program 77 \(firewall\) is attached$/,
    /ip link set eth1 xdp off$/,
  ],
  [
    'hides the tags of its VLAN',
    'eth1/vlan',
    file('/proc/self/net/vlan/config', 'VLAN Dev name | VLAN ID\nName-Type: x\neth1.10  | 10  | eth1\n'),
    'cannot-run',
    /^eth1\.10 stands on it/,
    /^ethtool -K eth1 rxvlan off$/,
  ],
  ['is near', 'eth1/numa', file('/proc/self/status', status(0, all, '8-15')), 'fine', /^on node 1/, null],
  ['is far', 'eth1/numa', {}, 'could-be-better', /^on node 1/, /--cpus 8-15,24-31$/],
  ['has another sysfs', 'eth1/numa', file('/sys/class/net/eth1/ifindex', '9\n'), 'not-told', /namespace/, null],
  ['is on no node', 'eth1/numa', file('/sys/class/net/eth1/device/numa_node', '-1\n'), 'not-told', /firmware/, null],
  [
    'has more queues than CPUs',
    'eth1/queues',
    file('/proc/self/status', status(0, all, '8-15')),
    'could-be-better',
    /^32 RX queues, .* for 8 CPUs$/,
    /^ethtool -L eth1 combined 8$/,
  ],
  ['has short rings', 'eth1/rings', {}, 'could-be-better', /^512 frames a RX queue, 8192 at most$/, /-G eth1 rx 1024$/],
  ['tells no rings', 'eth1/rings', eth1('-g', ''), 'not-told', /driver/, null],
  ['pauses its sender', 'eth1/flow-control', {}, 'not-trusted', /^receive on, send on$/, /-A eth1 autoneg off/],
  [
    'has no flow control',
    'eth1/flow-control',
    eth1('-a', 'Pause parameters for eth1:\nAutonegotiate:\toff\nRX:\t\toff\nTX:\t\toff'),
    'fine',
    /^off$/,
    null,
  ],
  ['joins frames', 'eth1/offloads', {}, 'could-be-better', /large-receive-offload$/, /^ethtool -K eth1 lro off$/],
  ['waits adaptively', 'eth1/coalescing', {}, 'could-be-better', /^adaptive, waits up to 8 µs$/, /adaptive-rx off/],
];

describe('the doctor, where a host', () => {
  it.each(rows)('%s (%s)', async (_, id, changes, level, state, remedy) => {
    const finding = await found(id, changes);
    expect(finding?.level).toBe(level);
    expect(finding?.state).toMatch(state);
    if (remedy === null) expect(finding?.remedy).toBeNull();
    else expect(finding?.remedy).toMatch(remedy);
  });

  it('sees nothing of what saves power in a guest that hides it', async () => {
    const hidden = Object.fromEntries(
      Array.from({ length: 32 }, (_, cpu) => [`${system}/cpufreq/policy${cpu}/scaling_governor`, null]),
    );
    const guest = { files: hidden, outputs: { lscpu: 'Hypervisor vendor: KVM' } };
    expect(await found('governor', guest)).toMatchObject({ level: 'not-told', state: 'the hypervisor decides' });
    expect(await found('governor', { files: hidden })).toMatchObject({
      level: 'not-told',
      state: 'the kernel does not tell it here',
    });
  });
});
