import type { Piece, RoundTrips, Watched } from '../../common/process/questions.js';
import { mergeCounters } from '../../model/counters.js';
import { mergeHistograms } from '../../model/histogram.js';
import type { ClientTotals, LoadTotals, Window } from '../../model/record.js';

/** What several clients counted, as one. Their clocks have nothing to do with each other: only durations are used. */

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / Math.max(1, values.length);

/** Windows of one or more clients; `offeredPerSecond` of all together. */
export function mergeWindows(windows: readonly Window[], offeredPerSecond: number | null): Window {
  const [first] = windows;
  if (first === undefined) throw new RangeError('no window to merge');
  const total = (name: 'offered' | 'sent' | 'replied' | 'checked' | 'wrong') => sum(windows.map((one) => one[name]));
  return {
    phase: first.phase,
    offeredPerSecond,
    ...{ beginNs: first.beginNs, endNs: first.beginNs + togetherNs(windows) },
    ...{ offered: total('offered'), sent: total('sent'), replied: total('replied') },
    ...{ checked: total('checked'), wrong: total('wrong') },
  };
}

/** The duration over which the sum of the requests is the sum of the rates; where none were sent the mean. */
function togetherNs(windows: readonly Window[]): number {
  const durations = windows.map(({ beginNs, endNs }) => endNs - beginNs);
  const perNs = sum(windows.map(({ sent }, index) => sent / (durations[index] as number)));
  return perNs === 0 ? mean(durations) : sum(windows.map(({ sent }) => sent)) / perNs;
}

export function mergeWatched(watched: readonly Watched[], offeredPerSecond: number | null): Watched {
  return {
    window: mergeWindows(
      watched.map(({ window }) => window),
      offeredPerSecond,
    ),
    awayNs: mean(watched.map(({ awayNs }) => awayNs)),
  };
}

export function mergeRoundTrips(roundTrips: readonly RoundTrips[]): RoundTrips {
  return {
    sent: sum(roundTrips.map(({ sent }) => sent)),
    histogram: mergeHistograms(roundTrips.map(({ histogram }) => histogram)),
  };
}

export function mergePieces(pieces: readonly Piece[], perSecond: number): Piece {
  const total = (name: 'sent' | 'replied' | 'wrong' | 'backlog' | 'leftOut') => sum(pieces.map((one) => one[name]));
  return {
    ...mergeWatched(pieces, perSecond),
    ...{ sent: total('sent'), replied: total('replied'), wrong: total('wrong') },
    ...{ backlog: total('backlog'), leftOut: total('leftOut') },
  };
}

/** Of the clients of a load, which has found what they cannot know by themselves. */
export function mergeTotals(
  totals: readonly (LoadTotals & Pick<ClientTotals, 'host' | 'window'>)[],
  found: Partial<Pick<LoadTotals, 'histogram' | 'capacity' | 'levels'>>,
): LoadTotals {
  return {
    generator: mergeCounters(totals.map(({ generator }) => generator)),
    kernel: mergeCounters(totals.map(({ kernel }) => kernel)),
    histogram: mergeHistograms(totals.map(({ histogram }) => histogram)),
    ...{ capacity: null, levels: [] },
    ...found,
    clients: totals.map(({ host, window, generator, kernel }) => ({ host, window, generator, kernel })),
  };
}
