import type { Sample, Stalls, Window } from '../../model/record.js';

/** What a thread waits each time that it gets a CPU though nothing is in its way: 0.5 to 1 us were seen. */
const wakeUpNs = 2000;

/**
 * How long each of `threads` invoker threads was ready to run in a window and did not, beyond what waking up takes, from
 * samples of `runDelayNs.N` and `runs.N` (the scheduler's run delay and number of timeslices). Samples do not fall on
 * the ends of a window: between two of them both are assumed to grow evenly.
 */
export function stallsIn(
  samples: readonly Sample[],
  window: Pick<Window, 'beginNs' | 'endNs'>,
  threads: number,
): Stalls {
  const ofInvoker = samples.filter(({ source }) => source === 'invoker');
  return {
    invoker: Array.from({ length: threads }, (_, thread) => {
      const delayNs = growthOf(ofInvoker, `runDelayNs.${thread}`, window);
      const runs = growthOf(ofInvoker, `runs.${thread}`, window);
      return delayNs === null || runs === null ? null : Math.max(0, Math.round(delayNs - runs * wakeUpNs));
    }),
  };
}

/** What was added to a counter in a window; null without a sample of it. */
function growthOf(
  samples: readonly Sample[],
  name: string,
  { beginNs, endNs }: Pick<Window, 'beginNs' | 'endNs'>,
): number | null {
  const points = samples.flatMap(({ atNs, counters }) => {
    const value = counters[name];
    return value === undefined ? [] : [{ atNs, value }];
  });
  const [begin, end] = [valueAt(points, beginNs), valueAt(points, endNs)];
  return begin === null || end === null ? null : end - begin;
}

interface Point {
  atNs: number;
  value: number;
}

/** A counter at a time, on the line between the points around it or on the nearest one's level; null without points. */
function valueAt(points: readonly Point[], atNs: number): number | null {
  const before = points.findLast((point) => point.atNs <= atNs);
  const after = points.find((point) => point.atNs >= atNs);
  if (!before || !after) return (before ?? after)?.value ?? null;
  if (after.atNs === before.atNs) return after.value;
  return before.value + ((after.value - before.value) * (atNs - before.atNs)) / (after.atNs - before.atNs);
}
