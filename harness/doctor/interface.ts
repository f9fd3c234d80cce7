import { parseCpuList } from '../../common/cli/cpu-list.js';
import type { XdpFeature } from '../../model/host.js';
import { type Finding, finding } from './finding.js';
import type { InterfaceView, View } from './view.js';

/** What an interface is: its link, driver and XDP, and who is on it. */
export function checkInterface(view: View, shown: InterfaceView): Finding[] {
  return [link(shown), xdp(view, shown), zeroCopy(view, shown), attached(shown), vlan(view, shown), node(view, shown)];
}

/** The value behind `key:` in what ethtool prints, or null. */
export function fieldOf(text: string | null, key: string): string | null {
  return new RegExp(`^\\s*${key}:\\s*(\\S.*)$`, 'm').exec(text ?? '')?.[1]?.trim() ?? null;
}

function notTold(id: string, why: string, what: string): Finding {
  return finding(id, why, { level: 'not-told', state: what });
}

function driverOf({ ethtool }: InterfaceView): string | null {
  return fieldOf(ethtool['-i'], 'driver');
}

function link({ name, link, ethtool }: InterfaceView): Finding {
  const id = `${name}/link`;
  const why = 'No request arrives before the link is up, and none faster than it is.';
  if (link === null) return notTold(id, why, 'ip has no answer');
  const driver = driverOf({ name, link, ethtool }) ?? 'not told';
  if (!link.flags.includes('UP'))
    return finding(id, why, { level: 'cannot-run', state: `down, driver ${driver}`, remedy: `ip link set ${name} up` });
  if (!link.flags.includes('LOWER_UP')) {
    const state = `up without a carrier, driver ${driver}`;
    return finding(id, why, { level: 'cannot-run', state, remedy: 'check the cable and the other end' });
  }
  // The speed of a virtual wire is a number that its driver made up.
  const told = fieldOf(ethtool[''], 'Speed') ?? '';
  const speed = /^\d/.test(told) ? told : 'no speed told';
  const wire = link.linkinfo?.info_kind === 'veth' ? 'a virtual wire' : speed;
  return finding(id, why, { level: 'fine', state: `up, ${wire}, MTU ${link.mtu}, driver ${driver}` });
}

/** What each ability is for. */
const uses: Readonly<Record<XdpFeature, string>> = {
  basic: 'programs in the driver',
  redirect: 'frames to AF_XDP',
  'ndo-xmit': 'live frames by this interface',
  'xsk-zerocopy': 'AF_XDP without copies',
  'hw-offload': 'programs in the card',
  'rx-sg': 'frames of several buffers in',
  'ndo-xmit-sg': 'frames of several buffers out',
};

const before63 = 'Linux tells it from 6.3 on, for an interface that is there';

function abilitiesOf({ answers }: View, name: string) {
  return 'failure' in answers ? null : (answers.xdp[name] ?? null);
}

function xdp(view: View, { name }: InterfaceView): Finding {
  const id = `${name}/xdp`;
  const why =
    'afxdp and xdp run in the driver; behind it (--attach skb) each frame becomes a socket buffer first, as for sockets.';
  if ('failure' in view.answers) return notTold(id, why, 'the datapaths cannot be used');
  const abilities = abilitiesOf(view, name);
  if (abilities === null) return notTold(id, why, before63);
  const { features } = abilities;
  const missing = (['basic', 'redirect'] as const).filter((feature) => !features.includes(feature));
  if (missing.length > 0) {
    return finding(id, why, {
      level: 'cannot-run',
      state: `the driver lacks ${missing.map((feature) => `${feature} (${uses[feature]})`).join(' and ')}`,
      remedy: 'npm run invoker -- --impl afxdp --attach skb, or a card whose driver has XDP',
    });
  }
  return finding(id, why, {
    level: 'fine',
    state: features.map((feature) => `${feature} (${uses[feature]})`).join(', '),
  });
}

function zeroCopy(view: View, { name }: InterfaceView): Finding {
  const id = `${name}/zero-copy`;
  const why = 'The card writes into the memory of afxdp itself; without it the kernel copies each frame, both ways.';
  const abilities = abilitiesOf(view, name);
  if (abilities === null) return notTold(id, why, before63);
  if (!abilities.features.includes('xsk-zerocopy')) {
    const remedy = 'a card whose driver has it; until then --copy-mode copy, the default';
    return finding(id, why, { level: 'could-be-better', state: 'the driver has none', remedy });
  }
  const segments = abilities.zeroCopySegments > 1 ? `, frames of up to ${abilities.zeroCopySegments} buffers` : '';
  return finding(id, why, { level: 'fine', state: `the driver has it${segments}: --copy-mode zerocopy` });
}

function attached({ name, link }: InterfaceView): Finding {
  const id = `${name}/xdp-program`;
  const why = 'An interface has room for one XDP program: afxdp and xdp cannot attach theirs beside it.';
  if (link === null) return notTold(id, why, 'ip has no answer');
  const program = link.xdp?.prog;
  if (program === undefined) return finding(id, why, { level: 'fine', state: 'none is attached' });
  return finding(id, why, {
    level: 'cannot-run',
    state: `program ${program.id}${program.name ? ` (${program.name})` : ''} is attached`,
    remedy: `end who attached it (bpftool link), or: ip link set ${name} xdp off`,
  });
}

function vlan({ text }: View, { name, ethtool }: InterfaceView): Finding {
  const id = `${name}/vlan`;
  const why =
    'Where the card takes VLAN tags off, afxdp and xdp do not see them and would answer without: they refuse.';
  // "eth0.10 | 10 | eth0"; without VLANs there is no such file.
  const device = (text('/proc/self/net/vlan/config') ?? '')
    .split('\n')
    .map((line) => line.split('|').map((part) => part.trim()))
    .find(([, , below]) => below === name)?.[0];
  if (device === undefined) return finding(id, why, { level: 'fine', state: 'no VLAN device stands on it' });
  if (!fieldOf(ethtool['-k'], 'rx-vlan-offload')?.startsWith('on'))
    return finding(id, why, { level: 'fine', state: `${device} stands on it, tags stay on` });
  return finding(id, why, {
    level: 'cannot-run',
    state: `${device} stands on it, and tags are taken off`,
    remedy: `ethtool -K ${name} rxvlan off`,
  });
}

function node(view: View, { name, link }: InterfaceView): Finding {
  const id = `${name}/numa`;
  const why = 'A frame that is handled on another NUMA node than that of its card crosses the interconnect.';
  const nodes = view.list('/sys/devices/system/node').filter((entry) => /^node\d+$/.test(entry));
  if (nodes.length < 2) return finding(id, why, { level: 'fine', state: 'this host has one NUMA node' });
  if (link?.linkinfo?.info_kind === 'veth')
    return finding(id, why, { level: 'fine', state: 'a virtual wire is on no node' });
  // sysfs shows the network namespace that it was mounted in: another interface may have that name there.
  if (view.text(`/sys/class/net/${name}/ifindex`) !== String(link?.ifindex))
    return notTold(id, why, 'sysfs is of another network namespace');
  const own = view.text(`/sys/class/net/${name}/device/numa_node`);
  if (own === null || Number(own) < 0) return notTold(id, why, 'the firmware names no node for it');
  const cpus = view.text(`/sys/devices/system/node/node${own}/cpulist`) ?? 'not told';
  const state = `on node ${own}, whose CPUs are ${cpus}`;
  const near = new Set(parseCpuList(view.text(`/sys/devices/system/node/node${own}/cpulist`) ?? ''));
  if (view.cpus.cpus.every((cpu) => near.has(cpu))) return finding(id, why, { level: 'fine', state });
  return finding(id, why, {
    level: 'could-be-better',
    state: `${state}; this process may run on other nodes, too`,
    remedy: `choose CPUs of that node: --cpus ${cpus}`,
  });
}
