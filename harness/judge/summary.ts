import { count } from '../../common/cli/text.js';
import { type Cell, formatLoad, type PlannedCell } from '../../model/cell.js';
import {
  type Capacity,
  type Ceiling,
  type CompletedRun,
  mostPiecesRepeated,
  type Prologue,
  perSecond,
  type Run,
  schemaVersion,
  shortestForCpuTimeNs,
} from '../../model/record.js';
import type { CellSummary, Summary } from '../../model/summary.js';
import { answers } from './answers.js';
import { ceilingOf } from './ceilings.js';
import { type Figures, figures, noFigures } from './figures.js';
import { foreignRemarks } from './foreign.js';
import { soundnessOf } from './soundness.js';
import { measureWindow, objections, stalledRatio } from './verdict.js';
import { workCurves } from './work.js';

/** What a reader sees of a run of the harness, from its records alone; cells in the order of the plan. */
export function summarise(
  { runId, startedAt, scenario, plan, host, clientHosts, ceilings }: Prologue,
  runs: readonly Run[],
): Summary {
  const cells = plan
    .map((planned) => ({ planned, own: runs.filter(({ cell }) => cell.id === planned.cell.id) }))
    // An interrupted run of the harness leaves cells without a record: there is nothing to say of them.
    .filter(({ planned, own }) => planned.state === 'skipped' || own.length > 0)
    .map(({ planned, own }) => summariseCell(planned, own, ceilingOf(ceilings, planned.cell)));
  const facts = { schemaVersion, runId, mergedFrom: originsOf(runId, runs), scenario, host, clientHosts, startedAt };
  return { ...facts, cells, work: workCurves(cells) };
}

function originsOf(runId: string, runs: readonly Run[]): string[] {
  const origins = new Set(runs.map((run) => run.runId));
  return origins.has(runId) ? [] : [...origins];
}

function summariseCell(planned: PlannedCell, runs: readonly Run[], ceiling: Ceiling | null): CellSummary {
  const { cell } = planned;
  const { completed, failed, stands, counted } = soundnessOf(runs);
  const skips = runs.flatMap((run) => (run.state === 'skipped' ? [run.reason] : []));
  const failures = failed.map(({ error }) => `${error.code}: ${error.message}`);
  const unsound = [...failures.map((failure) => [failure]), ...completed.map(objections)];
  const tell = (said: readonly string[][]) => told(said, runs.length);

  if (completed.length + failures.length === 0) {
    const reasons = [...new Set([...skips, ...(planned.state === 'skipped' ? [planned.reason] : [])])];
    return { ...describe(cell), ...noFigures, state: 'skipped', verdict: null, reasons, warnings: [], repeats: 0 };
  }
  const found = figures(cell, counted, ceiling?.sentPerSecond ?? null);
  return {
    ...describe(cell),
    state: stands || failures.length === 0 ? 'completed' : 'failed',
    verdict: completed.length === 0 ? null : stands ? 'valid' : 'invalid',
    reasons: stands ? absence(cell, found) : tell(unsound),
    warnings: [
      ...new Set(cell.placement.warnings),
      ...(stands ? tell(unsound).map((text) => `left out, ${text}`) : []),
      ...tell(skips.map((reason) => [`skipped: ${reason}`])),
      ...tell(counted.map(remarks)),
    ],
    repeats: counted.length,
    ...found,
  };
}

/**
 * Each sentence once, with the number of runs that it was said of where that is not all of them. Sentences that differ
 * in a figure only are one, with the largest.
 */
function told(byRun: readonly string[][], runs: number): string[] {
  const kinds = new Map<string, string[]>();
  for (const said of byRun) {
    const kindOf = (sentence: string) => sentence.replace(figure, '#');
    for (const kind of new Set(said.map(kindOf))) {
      const own = largest(said.filter((sentence) => kindOf(sentence) === kind));
      kinds.set(kind, [...(kinds.get(kind) ?? []), own]);
    }
  }
  return [...kinds.values()].map((sentences) => {
    const varies = new Set(sentences).size > 1;
    if (sentences.length === runs && !varies) return sentences[0] as string;
    return `${sentences.length} of ${count(runs, 'run')}${varies ? ', largest figure' : ''}: ${largest(sentences)}`;
  });
}

/** A number in a sentence that is not the name of a CPU, a thread or a queue. */
const figure = /(?<!\b(?:CPU|thread|queue) \d*)\b\d+(?:\.\d+)?/g;

/** Of sentences of one kind. */
function largest(sentences: readonly string[]): string {
  const figuresOf = (sentence: string) => (sentence.match(figure) ?? []).map(Number);
  return sentences.reduce((most, sentence) => {
    const [a, b] = [figuresOf(most), figuresOf(sentence)];
    const differing = a.findIndex((value, index) => value !== b[index]);
    return differing >= 0 && (b[differing] as number) > (a[differing] as number) ? sentence : most;
  });
}

/** Why sound runs have no answer. */
function absence({ load, durationNs }: Cell, { invokerCpuRatio }: Figures): string[] {
  const short = load.kind === 'none' && invokerCpuRatio === null && durationNs < shortestForCpuTimeNs;
  return short ? ['CPU time is counted in ticks of 10 ms: a measure phase under 1 s has too few of them'] : [];
}

function describe(cell: Cell) {
  return {
    id: cell.id,
    impl: cell.implementation,
    variant: cell.variant,
    workNs: cell.settings.workNs ?? null,
    threads: cell.threads,
    queues: cell.queues,
    packetBytes: cell.packetBytes,
    functionId: cell.functionId,
    load: formatLoad(cell.load),
    answer: answers(cell.load),
    engine: cell.engine,
    idle: cell.idle,
  };
}

/** Above this share of its time without a CPU that it was ready for, a thread was disturbed. */
const longStallRatio = 0.03;
/** A gap this long in a loop that never rests is worth a word. */
const longGapMs = 10;
/** Loss at the NDR that is worth a word. */
const mostLostAtNdr = 0.005;
/** A search that made more than this share of its pieces again is worth a word. */
const mostRepeated = 0.5;
/** Overload that answers this much more than the peak found: the search was misled. */
const misledRatio = 1.1;

/** What should be known of a run that is valid all the same. */
function remarks(run: CompletedRun): string[] {
  const { hiccups, counters, handledByThread, windows, cell } = run;
  const seen: string[] = [];
  const sharing = cell.placement.sharing === 'shared' ? '; this cell shares CPUs' : '';
  if ((hiccups.generator?.maxNs ?? 0) > longGapMs * 1e6)
    seen.push(`the generator did not run for more than ${longGapMs} ms at a time${sharing}`);
  if ((stalledRatio(run) ?? 0) > longStallRatio) {
    const share = `${100 * longStallRatio} % of the measure phase`;
    seen.push(`an invoker thread was ready and did not run for more than ${share}${sharing}`);
  }
  seen.push(...shallows(run.granted));
  if (run.capacity) seen.push(...searchRemarks(run.capacity));
  const measured = measureWindow(run);
  // At a PDR about as much is lost.
  const atNdr = cell.load.kind === 'capacity' && run.capacity?.ndr != null;
  if (atNdr && measured && measured.sent - measured.replied > mostLostAtNdr * measured.sent)
    seen.push('at its NDR it lost more than 0.5 % when measured: the load holds only about half of the time');
  const idle = handledByThread.filter((count) => count === 0).length;
  if (idle > 0 && cell.load.kind === 'closed') seen.push('the connections did not reach every invoker thread');
  if ((counters.generator.timeouts ?? 0) > 0)
    seen.push('requests timed out: their round trips are not in the percentiles');
  const overload = windows.find(({ phase }) => phase === 'overload');
  if (
    measured &&
    overload &&
    perSecond(overload, overload.replied) > misledRatio * perSecond(measured, measured.replied)
  ) {
    seen.push('under full overload it answered more than at the peak that was found');
  }
  seen.push(...foreignRemarks(run));
  return seen;
}

/** Where fewer requests may wait than was asked for: what a stall costs is then not comparable. */
function shallows({ depthPackets, depthAsked }: Record<string, string>): string[] {
  if (depthPackets === undefined || depthAsked === undefined || Number(depthPackets) >= Number(depthAsked)) return [];
  return [
    `only ${depthPackets} requests may wait for an invoker thread, not ${depthAsked}: its socket was not granted the buffer`,
  ];
}

function searchRemarks({ ndr, pdr, pieces, piecesRepeated, timedOut }: Capacity): string[] {
  const seen: string[] = [];
  if (ndr === null && pdr === null) seen.push('no load held in a search: it was measured at the peak of a quick look');
  if (timedOut) seen.push('a search ran out of time: its bracket is wider than 1 %, or has no upper bound');
  if (piecesRepeated >= mostPiecesRepeated || piecesRepeated > mostRepeated * pieces)
    seen.push(
      'many pieces of a search were made again: the generator did not run all the time, or replies of the piece before came in',
    );
  return seen;
}
