import { parseCpuList } from '../../common/cli/cpu-list.js';
import { UsageError } from '../../common/cli/errors.js';
import { count } from '../../common/cli/text.js';
import type { LinkState } from '../../common/wire/link.js';
import type { ImplementationId } from '../../model/ids.js';
import { anyCpu, type QueueCounts } from '../../native/index.js';
import { abilities } from '../abilities.js';
import type { ServeOptions } from './options.js';

/** What a command line is checked against. */
export interface Host {
  /** Reads a text file; throws when it cannot. */
  readText(path: string): string;
  /** Queues of an interface; zeros if it is missing or does not say. */
  queueCounts(interfaceName: string): QueueCounts;
  /** Rejects with BenchError NO_INTERFACE. */
  linkState(interfaceName: string): Promise<LinkState>;
}

/** Why no request will come in by an interface, with what to do; null: nothing is in the way. Rejects if there is none. */
export async function remarkOn(id: ImplementationId, asked: string, host: Host): Promise<string | null> {
  // Sockets may serve all of them.
  if (asked === '') return null;
  const { interface: name, state, bridge } = await host.linkState(asked);
  if (state === 'down') return `${name} is down, nothing comes in (ip link set ${name} up)`;
  if (state === 'no carrier') return `${name} has no carrier, nothing comes in (is the cable in, the other end up?)`;
  if (bridge === null) return null;
  const skb = abilities[id].receives === 'xdp' ? ' --attach skb' : '';
  return `${name} is a port of ${bridge}, which takes in what is for this host (--interface ${bridge}${skb})`;
}

/** Throws UsageError for CPUs and queues that this host does not have; nothing is touched. */
export function checkHost(id: ImplementationId, { interface: name, queues, cpus }: ServeOptions, host: Host) {
  // UDP sockets have no queues of their own: theirs is how the threads are counted.
  const { rx, tx } = abilities[id].receives === 'socket' ? { rx: 0, tx: 0 } : host.queueCounts(name);
  if (rx > 0 && queues > rx) {
    const remedy = `ethtool -L ${name} makes more where its driver can`;
    throw new UsageError(`--queues: ${name} has ${count(rx, 'RX queue')}, not ${queues} (${remedy})`);
  }
  // Only AF_XDP sockets send by the queue that they receive from.
  if (abilities[id].receives === 'xdp' && abilities[id].threads !== 'none' && tx > 0 && queues > tx) {
    const remedy = `choose at most ${tx}, or none: all RX queues are served then`;
    throw new UsageError(`--queues: ${name} has ${count(tx, 'TX queue')} for the replies of ${queues} (${remedy})`);
  }
  const asked = cpus.filter((cpu) => cpu !== anyCpu);
  if (asked.length === 0) return;
  const online = host.readText('/sys/devices/system/cpu/online').trim();
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(host.readText('/proc/self/status'))?.[1] ?? online;
  const has = (list: string, cpu: number) => parseCpuList(list).includes(cpu);
  for (const cpu of asked) {
    if (!has(online, cpu)) throw new UsageError(`--cpus: this machine has no CPU ${cpu}, only ${online}`);
    if (!has(allowed, cpu)) throw new UsageError(`--cpus: this process may not use CPU ${cpu}, only ${allowed}`);
  }
}
