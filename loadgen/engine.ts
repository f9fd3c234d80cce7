import type { Counters, HistogramPairs, PhaseName, Window } from '../harness/model.js';
import { nowNs, pause } from './clock.js';

/** A source of requests that counts what it sent and what came back. */
export interface Engine {
  /** Cumulative: offered, sent, replied, checked, wrong and what else the engine knows. */
  counters(): Counters;
  /** Stops sending; what is under way still comes back. */
  quiesce(): void;
  /** Ends all threads and reads the round trips, if it recorded any. */
  finish(): HistogramPairs;
}

/** What happens to be told while a load runs. */
export interface LoadEvents {
  phase(name: PhaseName): void;
  window(window: Window): void;
}

/** Lets `durationNs` pass and returns what was counted in it. */
export async function watch(
  engine: Engine,
  phase: PhaseName,
  offeredPerSecond: number | null,
  durationNs: number,
): Promise<Window> {
  const beginNs = nowNs();
  const begin = engine.counters();
  await pause(durationNs);
  const endNs = nowNs();
  const end = engine.counters();
  const counted = (name: string) => (end[name] ?? 0) - (begin[name] ?? 0);
  return {
    phase,
    offeredPerSecond,
    beginNs,
    endNs,
    offered: counted('offered'),
    sent: counted('sent'),
    replied: counted('replied'),
    checked: counted('checked'),
    wrong: counted('wrong'),
  };
}

/** Rate of a count over a window, per second. */
export function rateOf(window: Window, count: number): number {
  return (count * 1e9) / (window.endNs - window.beginNs);
}

const drainStepNs = 20e6;
const maxDrainSteps = 25;

/** Waits until no more replies come in. */
export async function drain(engine: Engine, events: LoadEvents): Promise<void> {
  events.phase('drain');
  engine.quiesce();
  let quietSteps = 0;
  for (let step = 0; step < maxDrainSteps && quietSteps < 2; step++) {
    const window = await watch(engine, 'drain', 0, drainStepNs);
    quietSteps = window.replied === 0 ? quietSteps + 1 : 0;
  }
}
