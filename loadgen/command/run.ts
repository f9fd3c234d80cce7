import type { HistogramPairs } from '../../model/histogram.js';
import { mergeHistograms, recordedSince } from '../../model/histogram.js';
import type { Counters } from '../../model/record.js';
import { countedSince, kernelCounters } from '../../native/kernel.js';
import { nowNs, pause } from '../engines/clock.js';
import type { LoadRequest } from './options.js';
import { countersOf, type LoadResult, lastCountersOf, lossesOf, percentilesOf, roundTripsOf } from './result.js';
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
/** The connections of a closed loop look for duplicates 50 ms after their last reply. */
const closedLingerNs = 80e6;

/** What came of a load, and what ended it before its time, such as an interface that is gone. */
export interface LoadOutcome {
  result: LoadResult;
  failure: Error | null;
}

/** Lets the sources send until the duration is over or `interrupt` fires, waits for the last replies, and sums up. */
export async function runLoad(
  request: LoadRequest,
  sources: readonly Source[],
  interfaceName: string,
  interrupt: AbortSignal,
  tick: (second: Second) => void,
): Promise<LoadOutcome> {
  const startedAt = new Date().toISOString();
  const kernelBefore = kernelCounters(interfaceName);
  const beginNs = nowNs();
  for (const source of sources) source.begin();
  const histogram = () => (request.live.percentiles ? roundTripsOf(sources) : []);
  let [before, recorded, beforeNs] = [countersOf(sources), histogram(), beginNs];
  let endNs = 0;
  let failure: Error | null = null;
  try {
    for (let left = request.durationNs; left > 0 && !interrupt.aborted; left = beginNs + request.durationNs - nowNs()) {
      await pause(Math.min(tickNs, left), interrupt);
      const [now, recordedNow, atNs] = [countersOf(sources), histogram(), nowNs()];
      tick({ elapsedNs: atNs - beforeNs, before, now, roundTrips: recordedSince(recorded, recordedNow) });
      [before, recorded, beforeNs] = [now, recordedNow, atNs];
    }
    endNs = nowNs();
    for (const source of sources) source.quiesce();
    await drained(sources);
    if (request.loop.kind === 'closed') await pause(closedLingerNs);
    before = countersOf(sources);
  } catch (error) {
    failure = error as Error;
    endNs ||= nowNs();
    before = lastCountersOf(sources);
  }
  const durationNs = Math.max(1, endNs - beginNs);
  const counters = before;
  const roundTrips = roundTripsOf(sources);
  const lags = mergeHistograms(sources.map((source) => source.lags()));
  let kernelAfter = kernelBefore;
  try {
    kernelAfter = kernelCounters(interfaceName);
  } catch (error) {
    failure ??= error as Error; // The interface is gone.
  }
  const { kind: _kind, listen: _listen, json: _json, live: _live, ...asked } = request;
  const seconds = durationNs / 1e9;
  const result: LoadResult = {
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
    losses: lossesOf(counters, countedSince(kernelBefore, kernelAfter)),
    histogram: roundTrips,
  };
  return { result, failure };
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
