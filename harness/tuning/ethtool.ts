import type { TuningKey } from '../../model/tuning.js';
import { type Entry, unwritable } from './entry.js';
import {
  adaptiveOf,
  channelsOf,
  countsCombined,
  currentSection,
  field,
  hashOf,
  partsOf,
  pausedOf,
  portRulesOf,
  spreadOf,
  tableOf,
} from './ethtool-text.js';
import { Refusal, type TuningHost } from './host.js';

/** A setting that ethtool shows by one flag and sets by another one. */
interface Shown {
  show: readonly string[];
  /** Null where the text lacks it. */
  read(text: string): string | null;
  /** The words of ethtool that set it, without the interface's name, as `-G` and what follows the name. */
  set(value: string): [flag: string, ...words: string[]];
}

const command = (name: string, [flag, ...words]: readonly string[]) => ['ethtool', flag ?? '', name, ...words];

async function show(host: TuningHost, { show: words, read }: Pick<Shown, 'show' | 'read'>): Promise<string> {
  const asked = command(host.interface, words);
  const value = read(await host.run(...asked));
  // Drivers answer n/a, newer tools leave the line out.
  if (value === null || value === 'n/a') throw new Refusal('the driver has none', asked.join(' '));
  return value;
}

function shown(shownBy: Shown): Entry {
  return {
    of: 'interface',
    release: null,
    plan: (value, site) => [command(site.interface, shownBy.set(value)).join(' ')],
    targets: async (_, value) => [{ name: `ethtool ${shownBy.set(value)[0]}`, value }],
    read: (host) => show(host, shownBy),
    async write(host, _, value) {
      await host.run(...command(host.interface, shownBy.set(value)));
    },
  };
}

const ring = (direction: 'RX' | 'TX') =>
  shown({
    show: ['-g'],
    read: (text) => field(text, direction, currentSection),
    set: (value) => ['-G', direction.toLowerCase(), value],
  });

const coalescing = (name: string) =>
  shown({ show: ['-c'], read: (text) => field(text, name), set: (value) => ['-C', name, value] });

const adaptive = (direction: 'RX' | 'TX') =>
  shown({
    show: ['-c'],
    read: (text) => adaptiveOf(text, direction),
    set: (value) => ['-C', `adaptive-${direction.toLowerCase()}`, value],
  });

/** A feature by its name in `ethtool -k`, and by the short one that older versions set it by. */
const offload = (name: string, short = name) =>
  shown({ show: ['-k'], read: (text) => field(text, name), set: (value) => ['-K', short, value] });

/**
 * A feature that stands for several, each set by itself: the common flag would turn on, when it is undone, what was off
 * before.
 */
const offloads = (name: string, short: string): Entry => {
  const whole = offload(name, short);
  return {
    ...whole,
    async targets(host, value) {
      const parts = partsOf(await host.run('ethtool', '-k', host.interface), name);
      // The whole is what a driver that has none of them refuses.
      return parts.length === 0 ? [{ name: short, value }] : parts.map((part) => ({ name: part, value }));
    },
    read: (host, part) => show(host, { show: ['-k'], read: (text) => field(text, part === short ? name : part) }),
    async write(host, part, value) {
      await host.run('ethtool', '-K', host.interface, part, value);
    },
  };
};

const pauses: Record<string, [rx: string, tx: string]> = {
  ...{ on: ['on', 'on'], off: ['off', 'off'], rx: ['on', 'off'], tx: ['off', 'on'] },
};

const flowControl = shown({
  show: ['-a'],
  read: (text) => (field(text, 'RX') === null ? null : pausedOf(text)),
  set(value) {
    const [rx, tx] = pauses[value] ?? ['off', 'off'];
    return ['-A', 'rx', rx, 'tx', tx];
  },
});

const channels: Entry = {
  ...shown({ show: ['-l'], read: channelsOf, set: (value) => ['-L', ...value.split(' ')] }),
  plan: (value, site) => [
    `ethtool -L ${site.interface} combined ${value}, or rx ${value} tx ${value} where its driver counts them apart`,
  ],
  async targets(host, value) {
    const text = await host.run('ethtool', '-l', host.interface);
    return [{ name: 'ethtool -L', value: countsCombined(text) ? `combined ${value}` : `rx ${value} tx ${value}` }];
  },
};

const rssTable: Entry = {
  ...shown({
    show: ['-x'],
    read: (text) => spreadOf(tableOf(text)),
    set: (value) => ['-X', ...(value === 'default' ? ['default'] : value.split(' '))],
  }),
  plan: (value, { interface: name }) => [`ethtool -X ${name} ${value === 'default' ? value : `equal ${value}`}`],
  async targets(host, value) {
    const words = ['ethtool', '-x', host.interface];
    const text = await host.run(...words);
    const table = tableOf(text);
    // ethtool 6.1 prints an error in the place of the table, and ends with 0.
    if (table.queues.length === 0) throw new Refusal(text.split('\n')[1] ?? 'the driver has none', words.join(' '));
    const all = value === 'default' || Number(value) === table.rings;
    return [{ name: 'ethtool -X', value: all ? 'default' : `equal ${value}` }];
  },
};

const rssHash = shown({
  show: ['-n', 'rx-flow-hash', 'udp4'],
  read: hashOf,
  set: (value) => ['-N', 'rx-flow-hash', 'udp4', value],
});

/** Value: `none`, or `queue 0`. The number of its rule is the driver's, so what is undone is the rule for that port. */
const ntupleQueue: Entry = {
  of: 'interface',
  release: null,
  plan: (queue, { interface: name, port }) => [`ethtool -N ${name} flow-type udp4 dst-port ${port} action ${queue}`],
  targets: async (host, queue) => [{ name: `udp4 dst-port ${host.port}`, value: `queue ${queue}` }],
  async read(host, name) {
    const [rule, ...others] = await portRules(host, portIn(name));
    // Which of several counts is the card's own order, and is lost with them.
    if (others.length > 0) return unwritable;
    return rule ? `queue ${rule.queue}` : 'none';
  },
  async write(host, name, value) {
    const port = portIn(name);
    for (const { id } of await portRules(host, port))
      await host.run('ethtool', '-N', host.interface, 'delete', `${id}`);
    const queue = value.replace('queue ', '');
    if (value === 'none') return;
    await host.run('ethtool', '-N', host.interface, 'flow-type', 'udp4', 'dst-port', `${port}`, 'action', queue);
  },
};

const portIn = (name: string) => Number(name.split(' ').at(-1));

async function portRules(host: TuningHost, port: number) {
  return portRulesOf(await host.run('ethtool', '-n', host.interface), port);
}

/** What ethtool sets. */
export const ethtoolEntries = {
  channels,
  rxRing: ring('RX'),
  txRing: ring('TX'),
  offloadGro: offload('generic-receive-offload', 'gro'),
  offloadGroHw: offload('rx-gro-hw'),
  offloadUdpGro: offload('rx-udp-gro-forwarding'),
  offloadLro: offload('large-receive-offload', 'lro'),
  offloadGso: offload('generic-segmentation-offload', 'gso'),
  offloadTso: offloads('tcp-segmentation-offload', 'tso'),
  offloadUdpGso: offload('tx-udp-segmentation'),
  offloadRxChecksum: offload('rx-checksumming', 'rx'),
  offloadTxChecksum: offloads('tx-checksumming', 'tx'),
  offloadRxHash: offload('receive-hashing', 'rxhash'),
  offloadNtuple: offload('ntuple-filters', 'ntuple'),
  flowControl,
  adaptiveRx: adaptive('RX'),
  adaptiveTx: adaptive('TX'),
  rxUsecs: coalescing('rx-usecs'),
  rxFrames: coalescing('rx-frames'),
  txUsecs: coalescing('tx-usecs'),
  txFrames: coalescing('tx-frames'),
  rssTable,
  rssHash,
  ntupleQueue,
} satisfies Partial<Record<TuningKey, Entry>>;
