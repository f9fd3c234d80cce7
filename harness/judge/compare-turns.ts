import type { Load } from '../../model/cell.js';
import type { ComparedFigure, MetricId } from '../../model/comparison.js';
import { percentiles } from '../../model/histogram.js';
import { median } from '../../model/median.js';
import type {
  FalseAlarms,
  PairComparison,
  PairPrologue,
  PairSummary,
  ProgramRun,
  TurnRecord,
} from '../../model/pair.js';
import { type CompletedRun, perSecond, type Window } from '../../model/record.js';
import { binomialInterval, holm } from './rank-tests.js';
import { isUnclear, pairedRatio } from './ratio.js';
import { shiftOf } from './side-swaps.js';
import { generatorHeadroom, limitOf, objections } from './verdict.js';

/** The figure that turns of a load are compared by. */
export function metricOf(load: Load): MetricId {
  if (load.kind === 'closed') return 'p50';
  return load.kind === 'capacity' ? 'ndr' : 'peak';
}

/** What two candidates' turns say, from their records alone. */
export function summarisePair(prologue: PairPrologue, records: readonly TurnRecord[]): PairSummary {
  const { question } = prologue;
  const metric = metricOf(question.load);
  const [first = 0] = question.sizes;
  const compare = (packetBytes: number, control: number | null) => {
    const own = records.filter((record) => record.packetBytes === packetBytes && record.control === control);
    return compareTurns({ packetBytes, control, metric }, own);
  };
  const comparisons = question.sizes.map((size) => compare(size, null)).filter(wasTried);
  const controls = Array.from({ length: question.controls }, (_, control) => compare(first, control)).filter(wasTried);
  return {
    ...prologue,
    metric,
    comparisons: corrected(comparisons),
    controls,
    falseAlarms: falseAlarmsOf(controls.filter(({ ratio }) => ratio !== null)),
  };
}

/** Whether every turn that was begun gave both figures, and there was one. */
export function isSoundPair({ comparisons, controls }: PairSummary): boolean {
  const all = [...comparisons, ...controls];
  return comparisons.length > 0 && all.every(({ turns, objections: seen }) => turns > 0 && seen.length === 0);
}

/** An interrupted comparison may have begun none of its turns. */
function wasTried({ turns, objections: seen }: PairComparison): boolean {
  return turns > 0 || seen.length > 0;
}

/** A side's figure within a turn, or why it has none. */
export type Outcome =
  | { state: 'figure'; figure: number; kind: ComparedFigure['kind'] }
  | { state: 'none'; reason: string };

function compareTurns(
  { metric, ...which }: Pick<PairComparison, 'packetBytes' | 'control'> & { metric: MetricId },
  records: readonly TurnRecord[],
): PairComparison {
  const reasons: string[] = [];
  const complete: { figures: [number, number]; kinds: ComparedFigure['kind'][] }[] = [];
  for (const turn of new Set(records.map((record) => record.turn))) {
    const sides = [0, 1].map((side) => records.find((record) => record.turn === turn && record.side === side));
    // The turn that an interrupt cut short.
    if (sides.includes(undefined)) continue;
    const outcomes = sides.flatMap((record) => (record ? [toldTurn(record.run, metric)] : []));
    const figures = outcomes.flatMap((outcome) => (outcome.state === 'figure' ? [outcome] : []));
    const [one, other] = figures;
    if (one && other && figures.length === 2)
      complete.push({ figures: [one.figure, other.figure], kinds: figures.map(({ kind }) => kind) });
    else reasons.push(...outcomes.flatMap((outcome) => (outcome.state === 'none' ? [outcome.reason] : [])).slice(0, 1));
  }
  const seen = [...new Set(reasons)].map((reason) => ({
    ...{ reason, turns: reasons.filter((other) => other === reason).length },
  }));
  const base = { ...which, turns: complete.length, objections: seen };
  if (complete.length === 0)
    return { ...base, figures: null, ratio: null, shift: null, p: 1, holmP: 1, signP: 1, outcome: 'unclear' };
  const ofSide = (side: 0 | 1) => complete.map(({ figures }) => figures[side]);
  const { p, signP, ...ratio } = pairedRatio(ofSide(0), ofSide(1));
  const figureOf = (side: 0 | 1): ComparedFigure => ({
    median: median(ofSide(side)),
    repeats: complete.length,
    kind: complete.some(({ kinds }) => kinds[side] === 'lower bound') ? 'lower bound' : 'exact',
  });
  const figures: [ComparedFigure, ComparedFigure] = [figureOf(0), figureOf(1)];
  const shift = shiftOf(complete.map((turn) => turn.figures));
  return withOutcome({ ...base, figures, ratio, shift, p, holmP: p, signP, outcome: 'unclear' });
}

/** A lower bound may be more in truth: that the other is more is not said then. */
function withOutcome(comparison: PairComparison): PairComparison {
  const { ratio, figures, holmP } = comparison;
  if (ratio === null || figures === null || isUnclear(ratio, holmP)) return { ...comparison, outcome: 'unclear' };
  const more = ratio.median > 1 ? 0 : 1;
  if (figures[1 - more]?.kind === 'lower bound') return { ...comparison, outcome: 'unclear' };
  return { ...comparison, outcome: more === 0 ? 'first is more' : 'second is more' };
}

function corrected(comparisons: readonly PairComparison[]): PairComparison[] {
  const pValues = holm(comparisons.map(({ p }) => p));
  return comparisons.map((comparison, index) => withOutcome({ ...comparison, holmP: pValues[index] as number }));
}

function falseAlarmsOf(controls: readonly PairComparison[]): FalseAlarms | null {
  if (controls.length === 0) return null;
  // What would be claimed of two candidates; a lower bound of the same candidate hides no alarm.
  const alarms = controls.filter(({ ratio, holmP }) => ratio !== null && !isUnclear(ratio, holmP)).length;
  return { comparisons: controls.length, alarms, ...binomialInterval(alarms, controls.length) };
}

/** Overload that answers this much more than the peak found: it was looked for at the wrong rate. */
const misledRatio = 2;

/** The figure of one attempt, or why it has none. */
export function toldTurn(run: TurnRecord['run'], metric: MetricId): Outcome {
  const none = (reason: string): Outcome => ({ state: 'none', reason });
  if (run.state === 'failed') return none(`${run.error.code}: ${run.error.message}`);
  if (run.state === 'skipped') return none(run.reason);
  const [objection] = 'ledger' in run ? objections(run) : programObjections(run);
  if (objection !== undefined) return none(objection);
  const [measured, overload] = (['measure', 'overload'] as const).map((phase) =>
    run.windows.find((window) => window.phase === phase),
  );
  const figure = figureOf(run, metric, measured);
  if (figure === null) return none('no rate was found to be good enough');
  const isPeak = metric === 'peak' && measured !== undefined && overload !== undefined;
  if (isPeak && perSecond(overload, overload.replied) > misledRatio * figure)
    return none('the peak was missed: under full overload it answered more than twice as much');
  return { state: 'figure', figure, kind: metric !== 'p50' && isBounded(run, figure) ? 'lower bound' : 'exact' };
}

function figureOf(
  { capacity, histogram }: Pick<CompletedRun, 'capacity' | 'histogram'>,
  metric: MetricId,
  measured: Window | undefined,
): number | null {
  if (metric === 'ndr') return capacity?.ndr?.perSecond ?? null;
  if (metric === 'p50') return histogram.length === 0 ? null : (percentiles(histogram).p50 ?? null);
  return measured ? perSecond(measured, measured.replied - measured.wrong) : null;
}

type CompletedProgram = Extract<ProgramRun, { state: 'completed' }>;

/** Whether the generator could not offer enough to find the server's own limit. */
function isBounded(run: CompletedRun | CompletedProgram, figure: number): boolean {
  const ndr = run.capacity?.ndr;
  // No load that failed: time was up before one did.
  if (ndr) return ndr.boundBy === 'generator' || ndr.failedPerSecond === null;
  if ('ledger' in run) return limitOf(run, null) === 'generator';
  const overload = run.windows.find(({ phase }) => phase === 'overload');
  return overload !== undefined && perSecond(overload, overload.sent) < generatorHeadroom * figure;
}

/** Why a program's figure must not be quoted: it has no counters of its own, so only its replies speak. */
function programObjections({ windows, counters }: CompletedProgram): string[] {
  const measured = windows.find(({ phase }) => phase === 'measure');
  if (measured === undefined) return ['the measure phase is missing'];
  if (measured.replied === 0) return ['no reply came back in the measure phase'];
  if (measured.checked === 0) return ['no reply was checked'];
  const wrong = counters.generator.wrong ?? 0;
  return wrong > 0 ? [`${wrong} wrong replies`] : [];
}
