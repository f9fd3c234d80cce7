import { Refusal, type TuningHost, tuningHost } from './host.js';
import { entries } from './table.js';

/** What an interface's queues are set to, with a value for which `targets` names all there is; first what may not be lost. */
const ofQueues = { rssTable: 'default', rps: 'off', rfs: '0', xps: 'off', irqAffinity: '0' } as const;

/** One thing that queues are set to. */
export interface QueueSetting {
  key: keyof typeof ofQueues;
  name: string;
  value: string;
}

/** What is set on an interface's queues, and is lost where its driver makes them anew. */
export async function readQueueSettings(host: TuningHost): Promise<QueueSetting[]> {
  const settings: QueueSetting[] = [];
  for (const key of Object.keys(ofQueues) as (keyof typeof ofQueues)[]) {
    // An interface without such a thing cannot lose it.
    const targets = await entries[key].targets(host, ofQueues[key]).catch(() => []);
    for (const { name } of targets) {
      // The host's table of flows belongs to no queue.
      const value = name.startsWith('/proc/sys/') ? null : await entries[key].read(host, name).catch(() => null);
      if (value !== null) settings.push({ key, name, value });
    }
  }
  return settings;
}

/** Whether interrupts of an interface of this network namespace name their queues, so that each can be put on a CPU. */
export async function placesInterrupts(name: string): Promise<boolean> {
  const host = tuningHost({ interface: name, enter: [], port: 0 });
  return await entries.irqAffinity.targets(host, '0').then(
    (targets) => targets.length > 0,
    (error: unknown) => {
      if (error instanceof Refusal) return false;
      throw error;
    },
  );
}
