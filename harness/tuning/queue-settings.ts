import { Refusal, type TuningHost } from './host.js';
import { entries } from './table.js';

/** What an interface's queues are set to, with a value for which `targets` names all there is; first what may not be lost. */
const ofQueues = { rssTable: 'default', rps: 'off', rfs: '0', xps: 'off', irqAffinity: '0' } as const;

type QueueKey = keyof typeof ofQueues;
const queueKeys = Object.keys(ofQueues) as QueueKey[];

/** One thing that queues are set to. */
export interface QueueSetting {
  key: QueueKey;
  name: string;
  value: string;
}

/** What is set on an interface's queues, and is lost where its driver makes them anew; of `keys`, all by default. */
export async function readQueueSettings(
  host: TuningHost,
  keys: readonly QueueKey[] = queueKeys,
): Promise<QueueSetting[]> {
  const still = await asItIsNow(host);
  const settings: QueueSetting[] = [];
  for (const key of keys) {
    // An interface without such a thing cannot lose it.
    const targets = await entries[key].targets(still, ofQueues[key]).catch(() => []);
    for (const { name } of targets) {
      // The host's table of flows belongs to no queue.
      const value = name.startsWith('/proc/sys/') ? null : await entries[key].read(still, name).catch(() => null);
      if (value !== null) settings.push({ key, name, value });
    }
  }
  return settings;
}

/** The host with what it says of its queues and interrupts now, which is read once however often it is asked for. */
async function asItIsNow(host: TuningHost): Promise<TuningHost> {
  const queues = `/sys/class/net/${host.interface}/queues`;
  const texts = await host.texts(queues);
  const said = new Map<string, Promise<string>>();
  const listed = new Map<string, Promise<string[]>>();
  return Object.assign(Object.create(host) as TuningHost, {
    async read(path: string) {
      const text = texts.get(path);
      if (text !== undefined) return text;
      if (path.startsWith(queues)) throw new Refusal('it says nothing', path);
      const first = said.get(path) ?? host.read(path);
      said.set(path, first);
      return await first;
    },
    async list(folder: string) {
      const first = listed.get(folder) ?? host.list(folder);
      listed.set(folder, first);
      return await first;
    },
  });
}
