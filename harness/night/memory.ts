import { join } from 'node:path';
import { readText } from '../../common/process/host-files.js';
import { readIdentity } from '../machine-identity.js';
import { addNight, appendEvents, readHistory } from '../store/history.js';
import { aloneWith } from '../store/history-lock.js';
import type { NightMemory } from './judging.js';

/** The nights of this machine in the folder of a history. Throws UsageError for a machine without an id. */
export function memoryIn(folder: string): NightMemory {
  const { machine, bootId } = readIdentity(readText);
  return {
    origin: { machine, bootId },
    folder: join(folder, machine),
    alone: (work) => aloneWith(folder, machine, work),
    read: () => readHistory(folder, machine),
    addNight: async (night) => void (await addNight(folder, night)),
    addEvents: (events) => appendEvents(folder, machine, events),
  };
}
