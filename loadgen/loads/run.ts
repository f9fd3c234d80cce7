import type { Load } from '../../model/cell.js';
import type { LoadTotals } from '../../model/record.js';
import type { LoadEvents } from '../engines/engine.js';
import type { PacedTraffic, Traffic } from '../traffic/traffic.js';
import { capacity } from './capacity/capacity.js';
import { latencyUnderLoad } from './levels.js';
import { closed, idle, openLoop } from './plain.js';
import { type Durations, saturate } from './saturate.js';

/** What a load finds beside what is counted. */
export type Found = Partial<Pick<LoadTotals, 'capacity' | 'levels' | 'histogram'>>;

/** Loads whose requests come after each other's replies, or not at all. */
export type UnpacedLoad = Extract<Load, { kind: 'closed' | 'none' }>;

/** Has a load sent at a rate, and then nothing more. */
export async function runPaced(
  load: Exclude<Load, UnpacedLoad>,
  traffic: PacedTraffic,
  durations: Durations,
  events: LoadEvents,
): Promise<Found> {
  const found = await findPaced(load, traffic, durations, events);
  await drain(traffic, events);
  return found;
}

async function findPaced(
  load: Exclude<Load, UnpacedLoad>,
  traffic: PacedTraffic,
  durations: Durations,
  events: LoadEvents,
): Promise<Found> {
  switch (load.kind) {
    case 'saturate':
      await saturate(traffic, durations, events);
      return {};
    case 'rate':
      await openLoop(traffic, durations, load.perSecond, events);
      return {};
    case 'capacity':
      return { capacity: await capacity(traffic, durations, events) };
    case 'latency-under-load': {
      const { capacity: found, levels } = await latencyUnderLoad(traffic, durations, events);
      // The level that stands for the cell: round trips of several rates are never thrown together.
      return { capacity: found, levels, histogram: levels.find(({ level }) => level === '50%')?.histogram ?? [] };
    }
  }
}

/** The same of a load without a rate. */
export async function runUnpaced(
  load: UnpacedLoad,
  traffic: Traffic,
  durations: Durations,
  events: LoadEvents,
): Promise<Found> {
  if (load.kind === 'closed') await closed(traffic, durations, events);
  else await idle(traffic, durations, events);
  await drain(traffic, events);
  return {};
}

async function drain(traffic: Traffic, events: LoadEvents): Promise<void> {
  events.phase('drain');
  await traffic.settle();
}
