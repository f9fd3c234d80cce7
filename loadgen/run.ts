import type { Counters } from '../harness/model.js';
import { kernelCounters } from '../native/kernel.js';
import { nowNs, pause } from './clock.js';
import { recordedSince } from './histogram-difference.js';
import type { LoadRequest } from './options.js';
import { type LoadResult, lossesOf, percentilesOf, sumReadings } from './result.js';
import type { Reading, Source } from './source.js';

/** Told once a second: what was read, and the reading before. */
export type Tick = (second: { elapsedNs: number; before: Reading; now: Reading }) => void;

const tickNs = 1e9;
const drainStepNs = 20e6;
/** Longer than a reply may take before it is late: those are waited for, to be told from lost ones. */
const longestDrainNs = 1.3e9;

/** Lets the sources send until the duration is over or `interrupt` fires, waits for the last replies, and sums up. */
export async function runLoad(
  request: LoadRequest,
  sources: readonly Source[],
  interfaceName: string,
  interrupt: AbortSignal,
  tick: Tick,
): Promise<LoadResult> {
  const startedAt = new Date().toISOString();
  const kernelBefore = kernelCounters(interfaceName);
  const read = () => sumReadings(sources.map((source) => source.read()));
  const beginNs = nowNs();
  for (const source of sources) source.begin();
  let before = read();
  let beforeNs = beginNs;
  for (let left = request.durationNs; left > 0 && !interrupt.aborted; left = beginNs + request.durationNs - nowNs()) {
    await pause(Math.min(tickNs, left), interrupt);
    const [now, atNs] = [read(), nowNs()];
    if (request.live.rates || request.live.percentiles) tick({ elapsedNs: atNs - beforeNs, before, now });
    [before, beforeNs] = [now, atNs];
  }
  const durationNs = nowNs() - beginNs;
  for (const source of sources) source.quiesce();
  await drained(read);
  const { counters, roundTrips, lags } = read();
  for (const source of sources) source.stop();
  const { kind: _kind, listen: _listen, json: _json, live: _live, ...asked } = request;
  const seconds = durationNs / 1e9;
  return {
    schemaVersion: 1,
    startedAt,
    request: asked,
    engines: sources.map(({ name }) => name),
    durationNs,
    counters,
    perSecond: {
      requests: (counters.sent ?? 0) / seconds,
      responses: ((counters.replied ?? 0) - (counters.wrong ?? 0)) / seconds,
    },
    latencyNs: percentilesOf(roundTrips),
    lagNs: percentilesOf(lags),
    losses: lossesOf(counters, difference(kernelBefore, kernelCounters(interfaceName))),
    histogram: roundTrips,
  };
}

/** Waits until all requests are answered, or a reply would be late. */
async function drained(read: () => Reading): Promise<void> {
  const untilNs = nowNs() + longestDrainNs;
  while (nowNs() < untilNs) {
    const { sent = 0, replied = 0, late = 0 } = read().counters;
    if (replied + late >= sent) return;
    await pause(drainStepNs);
  }
}

function difference(before: Counters, after: Counters): Counters {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}

/** The round trips of a second. */
export function roundTripsOf({ before, now }: { before: Reading; now: Reading }) {
  return recordedSince(before.roundTrips, now.roundTrips);
}
