import { count } from '../../common/cli/text.js';
import { type Finding, finding, notToldHere } from './finding.js';
import { fieldOf } from './interface.js';
import type { InterfaceView, View } from './view.js';

/** How an interface hands frames over: queues, rings, and what it does to frames before. */
export function checkQueues(view: View, shown: InterfaceView): Finding[] {
  return [queues(view, shown), rings(shown), offloads(shown), pause(shown), coalescing(shown)];
}

const notToldByDriver = { level: 'not-told', state: 'not told by its driver' } as const;

/** The number behind a key, in one of the two parts that ethtool prints: what is possible, and what is. */
function numberIn(text: string | null, part: 'most' | 'now', key: string): number | null {
  const [most = '', now = ''] = (text ?? '').split(/^Current hardware settings:$/m);
  const value = fieldOf(part === 'most' ? most : now, key);
  return value === null || !/^\d+$/.test(value) ? null : Number(value);
}

function queues(view: View, { name, ethtool, link }: InterfaceView): Finding {
  const id = `${name}/queues`;
  const why = 'The card spreads flows over all RX queues, so all must be served; a core can serve one or a few.';
  const { rx, tx } = 'failure' in view.answers ? { rx: 0, tx: 0 } : (view.answers.queues[name] ?? { rx: 0, tx: 0 });
  if (rx === 0) return finding(id, why, notToldHere);
  const channels = ethtool['-l'];
  const most = numberIn(channels, 'most', 'Combined') || numberIn(channels, 'most', 'RX');
  const room = most === null ? '' : `, ${most} at most`;
  const state = `${count(rx, 'RX queue')}, ${count(tx, 'TX queue')}${room}`;
  const usable = view.cpus.cpus.length;
  const kind = numberIn(channels, 'now', 'Combined') === null ? 'rx' : 'combined';
  if (rx > usable && most !== null)
    return finding(id, why, {
      level: 'could-be-better',
      state: `${state}, for ${count(usable, 'CPU')}`,
      remedy: `ethtool -L ${name} ${kind} ${usable}`,
    });
  if (rx === 1 && most !== null && most > 1 && usable > 2 && link?.linkinfo?.info_kind !== 'veth')
    return finding(id, why, {
      level: 'could-be-better',
      state,
      remedy: `ethtool -L ${name} ${kind} ${Math.min(most, usable)}`,
    });
  return finding(id, why, { level: 'fine', state });
}

/** Requests that may wait for a thread of every implementation by default (docs/sockets.md). */
const depthPackets = 1024;

function rings({ name, ethtool }: InterfaceView): Finding {
  const id = `${name}/rings`;
  const why = `While a thread stands still, the ring holds what arrives, and the rest is lost. Each implementation holds ${depthPackets} requests.`;
  const [now, most] = [numberIn(ethtool['-g'], 'now', 'RX'), numberIn(ethtool['-g'], 'most', 'RX')];
  if (now === null || now === 0) return finding(id, why, notToldByDriver);
  const state = `${now} frames a RX queue${most === null || most === 0 ? '' : `, ${most} at most`}`;
  if (now >= depthPackets || most === null || most <= now) return finding(id, why, { level: 'fine', state });
  const remedy = `ethtool -G ${name} rx ${Math.min(most, depthPackets)}`;
  return finding(id, why, { level: 'could-be-better', state, remedy });
}

/** What joins frames on the way in, and how ethtool -K calls it. */
const joining: Readonly<Record<string, string>> = {
  'large-receive-offload': 'lro',
  'rx-gro-hw': 'rx-gro-hw',
  'rx-gro-list': 'rx-gro-list',
  'rx-udp-gro-forwarding': 'rx-udp-gro-forwarding',
};

function offloads({ name, ethtool }: InterfaceView): Finding {
  const id = `${name}/offloads`;
  const why =
    'Frames that are joined on arrival (LRO, GRO in hardware) help sockets only, and many drivers refuse XDP until that is off.';
  if (ethtool['-k'] === null) return finding(id, why, notToldByDriver);
  const on = Object.entries(joining).filter(([feature]) => fieldOf(ethtool['-k'], feature)?.startsWith('on'));
  if (on.length === 0) return finding(id, why, { level: 'fine', state: 'no frames are joined on arrival' });
  return finding(id, why, {
    level: 'could-be-better',
    state: `on: ${on.map(([feature]) => feature).join(', ')}`,
    remedy: `ethtool -K ${name} ${on.map(([, word]) => `${word} off`).join(' ')}`,
  });
}

function pause({ name, ethtool }: InterfaceView): Finding {
  const id = `${name}/flow-control`;
  const why =
    'A full card makes the sender pause instead of dropping frames: losses are hidden, and a capacity is judged by losses.';
  const [rx, tx] = [fieldOf(ethtool['-a'], 'RX'), fieldOf(ethtool['-a'], 'TX')];
  if (rx === null || tx === null) return finding(id, why, notToldByDriver);
  if (rx === 'off' && tx === 'off') return finding(id, why, { level: 'fine', state: 'off' });
  return finding(id, why, {
    level: 'not-trusted',
    state: `receive ${rx}, send ${tx}`,
    remedy: `ethtool -A ${name} autoneg off rx off tx off`,
  });
}

function coalescing({ name, ethtool }: InterfaceView): Finding {
  const id = `${name}/coalescing`;
  const why =
    'Interrupts that wait for more frames lengthen round trips; adaptive ones by an amount that changes with the load.';
  const [, adaptive] = /^Adaptive RX:\s*(\S+)/m.exec(ethtool['-c'] ?? '') ?? [];
  const wait = fieldOf(ethtool['-c'], 'rx-usecs');
  if (adaptive === undefined && wait === null) return finding(id, why, notToldByDriver);
  const told = wait === null || !/^\d+$/.test(wait) ? '' : wait === '0' ? ', no wait' : `, waits up to ${wait} µs`;
  if (adaptive === 'on')
    return finding(id, why, {
      level: 'could-be-better',
      state: `adaptive${told}`,
      remedy: `ethtool -C ${name} adaptive-rx off rx-usecs 0`,
    });
  return finding(id, why, { level: 'fine', state: `fixed${told}` });
}
