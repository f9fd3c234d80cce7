import type { Sample, Stalls, Window } from '../../model/record.js';

/**
 * How long each of `threads` invoker threads was ready to run in a window and did not, from samples of `runDelayNs.N`.
 * Between two samples it is taken to have grown evenly, as they do not fall on the ends of a window.
 */
export function stallsIn(
  samples: readonly Sample[],
  { beginNs, endNs }: Pick<Window, 'beginNs' | 'endNs'>,
  threads: number,
): Stalls {
  const ofInvoker = samples.filter(({ source }) => source === 'invoker');
  return {
    invoker: Array.from({ length: threads }, (_, thread) => {
      const points = ofInvoker.flatMap(({ atNs, counters }) => {
        const value = counters[`runDelayNs.${thread}`];
        return value === undefined ? [] : [{ atNs, value }];
      });
      const [begin, end] = [valueAt(points, beginNs), valueAt(points, endNs)];
      return begin === null || end === null ? null : Math.round(end - begin);
    }),
  };
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
