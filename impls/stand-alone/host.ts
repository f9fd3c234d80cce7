import { parseCpuList } from '../../common/cli/cpu-list.js';
import { UsageError } from '../../common/cli/errors.js';
import { count } from '../../common/cli/text.js';
import type { ImplementationId } from '../../model/ids.js';
import { anyCpu } from '../../native/index.js';
import { abilities } from '../abilities.js';
import type { InvokerOptions } from '../invoker.js';

/** What a command line is checked against. */
export interface Host {
  /** Reads a text file; throws when it cannot. */
  readText(path: string): string;
  /** RX queues of an interface; 0 if it is missing or does not say. */
  rxQueues(interfaceName: string): number;
}

/** Throws UsageError for CPUs and queues that this host does not have; nothing is touched. */
export function checkHost(id: ImplementationId, { interface: name, queues, cpus }: InvokerOptions, host: Host) {
  // Sockets have no queues of their own: theirs is how the threads are counted.
  const present = abilities[id].receives === 'xdp' ? host.rxQueues(name) : 0;
  if (present > 0 && queues > present) {
    const remedy = `ethtool -L ${name} makes more where its driver can`;
    throw new UsageError(`--queues: ${name} has ${count(present, 'RX queue')}, not ${queues} (${remedy})`);
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
