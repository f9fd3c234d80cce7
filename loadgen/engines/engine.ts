import type { HistogramPairs } from '../../model/histogram.js';
import type { Counters, PhaseName, Window } from '../../model/record.js';
import { nowNs, pause } from './clock.js';

/** A source of requests that counts what it sent and what came back. */
export interface Engine {
  /** Cumulative: offered, sent, replied, checked, wrong and what else the engine knows. */
  counters(): Counters;
  /** Whether round trips are recorded from now on. */
  record(on: boolean): void;
  roundTrips(): HistogramPairs;
  /** How late requests left, where they have a schedule. */
  lags(): HistogramPairs;
  /** Stops sending; what is under way still comes back. Threads live until `stop()`: the harness reads their CPU time. */
  quiesce(): void;
  /** Ends all threads. */
  stop(): void;
}

/** What happens to be told while a load runs. */
export interface LoadEvents {
  phase(name: PhaseName): void;
  window(window: Window): void;
}

/** Lets `durationNs` pass and returns what was counted in it. */
export function watch(
  engine: Engine,
  phase: PhaseName,
  offeredPerSecond: number | null,
  durationNs: number,
): Promise<Window> {
  return watchWhile(engine, phase, offeredPerSecond, () => pause(durationNs));
}

/** Returns what was counted until `wait` is over. */
export async function watchWhile(
  engine: Engine,
  phase: PhaseName,
  offeredPerSecond: number | null,
  wait: () => Promise<void>,
): Promise<Window> {
  const begin = read(engine);
  await wait();
  const end = read(engine);
  const counted = (name: string) => (end.counters[name] ?? 0) - (begin.counters[name] ?? 0);
  return {
    phase,
    offeredPerSecond,
    beginNs: begin.atNs,
    endNs: end.atNs,
    offered: counted('offered'),
    sent: counted('sent'),
    replied: counted('replied'),
    checked: counted('checked'),
    wrong: counted('wrong'),
  };
}

/** Counters and when they were read: in the middle, as the reader may lose its CPU on either side. */
function read(engine: Engine): { atNs: number; counters: Counters } {
  const beforeNs = nowNs();
  const counters = engine.counters();
  return { atNs: (beforeNs + nowNs()) / 2, counters };
}

const drainStepNs = 20e6;
/** Longer than a shared host takes the CPU away, as a rule: a reply that comes after the drain would count as lost. */
const quietNs = 200e6;
const maxDrainSteps = 50;

/**
 * Of an engine that sends no more: waits until every request since `begin` is answered, or no more replies have come in for
 * `patienceNs`. Without what was lost before, nothing would ever be answered in full again.
 */
export async function settled(engine: Engine, begin: Counters = {}, patienceNs = quietNs): Promise<void> {
  let quiet = 0;
  for (let step = 0; step < maxDrainSteps && quiet * drainStepNs < patienceNs; step++) {
    const { replied } = await watch(engine, 'drain', 0, drainStepNs);
    if (unanswered(begin, engine.counters()) <= 0) return;
    quiet = replied === 0 ? quiet + 1 : 0;
  }
}

/** Requests sent between two readings without a reply between them. */
export function unanswered(begin: Counters, end: Counters): number {
  const counted = (name: string) => (end[name] ?? 0) - (begin[name] ?? 0);
  return counted('sent') - counted('replied');
}
