import type { PauseFrames } from '../../common/wire/pauses.js';
import type { Ceiling, Run } from '../../model/record.js';
import { type Finding, finding } from './finding.js';
import type { WireEnd } from './wire.js';

type EndName = 'server' | 'client';

/** `refused`: what kept a program from being attached to the interface there; null: nothing did. */
export function checkAttach(name: EndName, { link }: WireEnd, refused: string | null): Finding {
  const id = `wire/attach-${name}`;
  const why =
    name === 'server'
      ? 'afxdp and xdp receive by an XDP program in the driver.'
      : 'Replies to a load at a rate are counted by an XDP program in the driver.';
  if (refused !== null) return finding(id, why, { level: 'cannot-run', state: refused, remedy: null });
  const state = `${link.interface} took an XDP program in its driver, and gave it back`;
  return finding(id, why, { level: 'fine', state });
}

/** `run`: of AF_XDP at a rate, a thread for each RX queue of the server. */
export function checkQueuesReached({ host, link }: WireEnd, run: Run | null): Finding {
  const id = 'wire/queues';
  const why = 'A cell of several queues is invalid where one of them gets no request: the card divides by its RSS.';
  if (run?.state !== 'completed' || run.ledger.right === 0)
    return finding(id, why, { level: 'not-told', state: 'not told: see wire/afxdp-rate' });
  const idle = run.handledByThread.flatMap((handled, queue) => (handled === 0 ? [queue] : []));
  const state = `requests by RX queue: ${run.handledByThread.join(', ')}`;
  if (idle.length === 0) return finding(id, why, { level: 'fine', state });
  const card = link.interface;
  return finding(id, why, {
    level: 'cannot-run',
    state,
    remedy: `on ${host}: ethtool -N ${card} rx-flow-hash udp4 sdfn; ethtool -X ${card} equal ${link.rxQueues}`,
  });
}

/** What the generator has sent as fast as it could with nobody answering, or why it has not. */
export type Flood = Ceiling | { error: string } | { skipped: string };

export function checkFlood({ link: server }: WireEnd, { link: client }: WireEnd, flood: Flood): Finding[] {
  return [
    liveFrames(server.interface, client.interface, flood),
    reach(client.driver === 'veth' ? null : client.speed, flood),
  ];
}

function liveFrames(server: string, client: string, flood: Flood): Finding {
  const id = 'wire/live-frames';
  const why = 'Loads at a rate are sent as XDP live frames where the CPUs of the client suffice for all queues.';
  if ('skipped' in flood) return finding(id, why, { level: 'not-told', state: flood.skipped });
  if ('error' in flood) return finding(id, why, { level: 'cannot-run', state: flood.error, remedy: null });
  if (flood.engine !== 'live')
    return finding(id, why, { level: 'not-told', state: 'not used here: AF_XDP sends, as CPUs do not suffice' });
  if (flood.countedPerSecond > 0)
    return finding(id, why, { level: 'fine', state: `they leave ${client} and arrive at ${server}` });
  return finding(id, why, {
    level: 'cannot-run',
    state: `they leave ${client}, and none arrives at ${server}`,
    remedy: 'find who drops them: ethtool -S of both interfaces, the switch',
  });
}

function reach(speed: number | null, flood: Flood): Finding {
  const id = 'wire/generator';
  const why = 'No cell can show more than the generator sends: figures near to it are lower bounds.';
  if (!('engine' in flood)) return finding(id, why, { level: 'not-told', state: 'not told: see wire/live-frames' });
  const { sentPerSecond, packetBytes, countedPerSecond } = flood;
  const wire = speed === null ? '' : ` of ${speed}`;
  const mbits = Math.round((sentPerSecond * packetBytes * 8) / 1e6);
  const thousands = (perSecond: number) => `${(perSecond / 1e3).toFixed(perSecond < 1e5 ? 1 : 0)} thousand`;
  return finding(id, why, {
    level: 'fine',
    state:
      `${thousands(sentPerSecond)} frames/s of ${packetBytes} bytes (${mbits}${wire} Mbit/s), of which` +
      ` ${thousands(countedPerSecond)} were counted at the server`,
  });
}

/** Pause frames of an end while the generator sent as fast as it could; null: not counted. */
export interface Paused {
  end: WireEnd;
  frames: PauseFrames | null;
}

export function checkPauses(ends: readonly Paused[], flood: Flood): Finding {
  const id = 'wire/pauses';
  const why = 'A pause frame makes the other end wait instead of losing frames: capacities are judged by losses.';
  if (!('engine' in flood)) return finding(id, why, { level: 'not-told', state: 'not told: see wire/live-frames' });
  const counting = ends.flatMap(({ end, frames }) => (frames === null ? [] : [{ end, frames }]));
  if (counting.length === 0) return finding(id, why, { level: 'not-told', state: 'no driver counts pause frames' });
  const state = counting
    .map(
      ({ end: { host, link }, frames: { sent, received } }) =>
        `${link.interface} of ${host} sent ${sent} and received ${received}`,
    )
    .join('; ');
  if (counting.every(({ frames: { sent, received } }) => sent + received === 0))
    return finding(id, why, { level: 'fine', state });
  return finding(id, why, {
    level: 'not-trusted',
    state,
    remedy: ends
      .map(({ end }) => `on ${end.host}: ethtool -A ${end.link.interface} autoneg off rx off tx off`)
      .join('; '),
  });
}
