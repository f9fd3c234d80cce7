import type { ScenarioFlags } from '../../harness/question/scenario.js';
import type { ImplementationId } from '../../model/ids.js';
import { median } from '../../model/median.js';
import type { CompletedRun, Prologue } from '../../model/record.js';
import type { CellSummary, RepeatFigures } from '../../model/summary.js';
import { seededRandom } from './random.js';
import { repeatResiduals } from './repeat-residuals.js';
import { fakeCompleted, plannedPrologue } from './runs.js';
import { fakeCell } from './summary.js';

/** What a reply takes beside the work, nanoseconds. */
export const overheadsNs: Partial<Record<ImplementationId, number>> = {
  ...{ dgram: 16_000, recvfrom: 4300, recvmmsg: 3300, iouring: 2900, afxdp: 1000, xdp: 220 },
};

/** Work at which an implementation answers `times` as much as another: (a + w) / (b + w) = times. */
export function trueCrossingNs(impl: ImplementationId, times: number, base: ImplementationId = 'recvmmsg'): number {
  const [own, other] = [overheadsNs[impl] ?? 0, overheadsNs[base] ?? 0];
  return (other - times * own) / (times - 1);
}

interface Spread {
  /** Deviation of a rate from run to run, a share, or as that of real cells. */
  noise?: number | 'as measured';
  seed?: number;
  repeats?: number;
}

/** Replies/s of runs in which a reply takes its implementation's time, and the work after it. */
function ratesOf(impl: ImplementationId, workNs: number, { noise = 0.03, repeats = 5 }: Spread, random: () => number) {
  const replyNs = (overheadsNs[impl] ?? 0) + workNs;
  const residuals = repeatResiduals[impl as keyof typeof repeatResiduals];
  const deviation = () =>
    noise === 'as measured'
      ? (residuals[Math.floor(random() * residuals.length)] ?? 0) / 1000
      : Math.expm1(noise * normal(random));
  return Array.from({ length: repeats }, () => Math.round((1e9 / replyNs) * (1 + deviation())));
}

/** Records of a run with such rates. */
export function fakeWorkRun(
  flags: ScenarioFlags = {},
  spread: Spread = {},
): { prologue: Prologue; runs: CompletedRun[] } {
  const impls = Object.keys(overheadsNs).join(',');
  const work = '0,100ns,300ns,1us,3us,10us,30us';
  const prologue = plannedPrologue({ sizes: '200', load: 'saturate', impls, work, ...flags });
  const random = seededRandom(spread.seed ?? 1);
  const runs = prologue.plan.flatMap(({ cell }) =>
    ratesOf(cell.implementation, cell.settings.workNs ?? 0, spread, random).map(
      (rate, repeat): CompletedRun => ({ ...fakeCompleted(cell, rate), runId: prologue.runId, repeat }),
    ),
  );
  return { prologue, runs };
}

/** Cells with such rates, as they are judged. */
export function fakeWorkCells(
  impls: readonly ImplementationId[],
  amountsNs: readonly number[],
  spread: Spread,
): CellSummary[] {
  const random = seededRandom(spread.seed ?? 1);
  return impls.flatMap((impl) =>
    amountsNs.map((workNs) => {
      const rates = ratesOf(impl, workNs, spread, random);
      const byRepeat = rates.map(
        (repliesPerSecond, repeat): RepeatFigures => ({
          ...{ repeat, repliesPerSecond, cpuNsPerReply: null },
          ...{ ndrPerSecond: null, pdrPerSecond: null, latencyNs: null },
        }),
      );
      const variant = `workNs=${workNs}`;
      const point = { threads: 1, queues: 1 };
      return fakeCell(impl, point, 200, median(rates), { id: `${impl} ${variant}`, variant, workNs, byRepeat });
    }),
  );
}

/** Of mean 0 and deviation 1 (Box and Muller 1958). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
