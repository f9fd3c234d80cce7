import { describe, expect, test } from 'vitest';
import type { Load, Sample, Window } from '../../harness/model.js';
import { framesMissing, invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { buildWire, describeAsRoot } from './wire.js';

/**
 * Several threads on one queue: the three failures that the literature reports (docs/afxdp.md). IVB_SOAK_SECONDS=600
 * makes it the long test; what it measured is printed then.
 */
const seconds = Number(process.env.IVB_SOAK_SECONDS ?? 15);
const isSoak = seconds >= 600;
/** Rates of quarters of a short run differ by what else runs on the machine; a pool that shrinks loses far more. */
const leastOfFirstQuarter = isSoak ? 0.97 : 0.75;

/** One-second windows within `window` in which a thread handled nothing, as "thread at second". */
function idleSeconds(samples: Sample[], window: Window, threads: number): string[] {
  const within = samples.filter(({ atNs }) => atNs >= window.beginNs && atNs <= window.endNs);
  return within.flatMap((from) => {
    const to = within.find(({ atNs }) => atNs >= from.atNs + 1e9);
    if (!to) return [];
    return Array.from({ length: threads }, (_, i) => i)
      .filter((i) => to.counters[`handled.${i}`] === from.counters[`handled.${i}`])
      .map((i) => `thread ${i} at ${((from.atNs - window.beginNs) / 1e9).toFixed(1)} s`);
  });
}

/**
 * Median over one-second windows of the requests handled per second in a part of `window`, `from` and `to` being shares
 * of it: what else the machine does for some seconds does not count, a pool that shrinks does.
 */
function rateIn(samples: Sample[], { beginNs, endNs }: Window, from: number, to: number): number {
  const at = (share: number) => beginNs + share * (endNs - beginNs);
  const within = samples.filter(({ atNs }) => atNs >= at(from) && atNs <= at(to));
  const rates = within.flatMap((first) => {
    const last = within.find(({ atNs }) => atNs >= first.atNs + 1e9);
    if (!last) return [];
    return [(((last.counters.handled ?? 0) - (first.counters.handled ?? 0)) * 1e9) / (last.atNs - first.atNs)];
  });
  return rates.sort((a, b) => a - b)[Math.floor(rates.length / 2)] ?? Number.NaN;
}

const rssRatio = (early: Sample | undefined, late: Sample | undefined) =>
  (late?.counters.rssBytes ?? 0) / (early?.counters.rssBytes ?? 0);
const mebibytes = (sample: Sample | undefined) => Math.round((sample?.counters.rssBytes ?? 0) / 2 ** 20);

describeAsRoot('threads that share a queue', () => {
  describe.each([2, 4])('%i of them', (threads) => {
    test.each(['spin', 'poll'] as const)(
      `all work all the time, idle %s`,
      { timeout: 60_000 + seconds * 2500 },
      async (idle) => {
        const run = async (load: Load) => {
          // A new wire each time: the ledger counts from its beginning.
          const wire = await buildWire(1);
          const invoker = invokerContext(wire, 'afxdp', threads, { idle });
          const result = await runCell(wire, invoker, loadContext(wire, load, 'live', seconds * 1e9));
          await wire.destroy();
          const window = result.windows.find(({ phase }) => phase === 'measure') as Window;
          const quarters = [0, 0.75].map((from) => rateIn(result.samples, window, from, from + 0.25));
          const [first = 0, last = 0] = quarters;
          const handled = result.invoker.threads.map((counters) => counters.handled ?? 0);
          if (isSoak) {
            const early = result.samples.find(({ atNs }) => atNs > window.beginNs + 60e9);
            expect(rssRatio(early, result.samples.at(-1))).toBeLessThan(1.02);
            console.log(
              `${threads}T1Q ${idle} ${load.kind}: quarters ${quarters.map(Math.round)} (${(last / first).toFixed(3)}), ` +
                `handled by thread ${handled}, residual ${result.ledger.residual}, frames missing ${framesMissing(result)}, ` +
                `RSS after 1 min ${mebibytes(early)} MiB, at the end ${mebibytes(result.samples.at(-1))} MiB`,
            );
          }
          expect(idleSeconds(result.samples, window, threads)).toEqual([]);
          expect(last / first).toBeGreaterThan(leastOfFirstQuarter);
          expect(framesMissing(result)).toBeGreaterThanOrEqual(0);
          expect(framesMissing(result)).toBeLessThanOrEqual(1);
          expect(result.ledger.wrong).toBe(0);
          expect(Math.abs(result.ledger.residual)).toBeLessThanOrEqual(result.ledger.sent / 1000);
          return (window.replied * 1e9) / (window.endNs - window.beginNs);
        };
        const peak = await run({ kind: 'saturate' });
        await run({ kind: 'rate', perSecond: Math.round(peak / 2) });
      },
    );
  });
});
