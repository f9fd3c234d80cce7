import { mergeHistograms } from '../common/histogram.js';
import type { Counters, HistogramPairs } from '../harness/model.js';
import { kernelCounters } from '../native/kernel.js';
import { nowNs, pause } from './clock.js';
import { recordedSince } from './histogram-difference.js';
import type { LoadRequest } from './options.js';
import { countersOf, type LoadResult, lossesOf, percentilesOf, roundTripsOf } from './result.js';
import type { Source } from './source.js';

/** What was sent in a second and what came back. */
export interface Second {
  elapsedNs: number;
  before: Counters;
  now: Counters;
  /** Of that second; empty unless they were asked for. */
  roundTrips: HistogramPairs;
}

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
  tick: (second: Second) => void,
): Promise<LoadResult> {
  const startedAt = new Date().toISOString();
  const kernelBefore = kernelCounters(interfaceName);
  const beginNs = nowNs();
  for (const source of sources) source.begin();
  const histogram = () => (request.live.percentiles ? roundTripsOf(sources) : []);
  let [before, recorded, beforeNs] = [countersOf(sources), histogram(), beginNs];
  for (let left = request.durationNs; left > 0 && !interrupt.aborted; left = beginNs + request.durationNs - nowNs()) {
    await pause(Math.min(tickNs, left), interrupt);
    const [now, recordedNow, atNs] = [countersOf(sources), histogram(), nowNs()];
    tick({ elapsedNs: atNs - beforeNs, before, now, roundTrips: recordedSince(recorded, recordedNow) });
    [before, recorded, beforeNs] = [now, recordedNow, atNs];
  }
  const durationNs = nowNs() - beginNs;
  for (const source of sources) source.quiesce();
  await drained(sources);
  const counters = countersOf(sources);
  const roundTrips = roundTripsOf(sources);
  const lags = mergeHistograms(sources.map((source) => source.lags()));
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
async function drained(sources: readonly Source[]): Promise<void> {
  const untilNs = nowNs() + longestDrainNs;
  while (nowNs() < untilNs) {
    const { sent = 0, replied = 0, late = 0 } = countersOf(sources);
    if (replied + late >= sent) return;
    await pause(drainStepNs);
  }
}

function difference(before: Counters, after: Counters): Counters {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}
