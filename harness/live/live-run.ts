import { printable } from '../../common/cli/printable.js';
import { type Cell, formatLoad, matrixLabel, type PlannedCell, type Scenario } from '../../model/cell.js';
import { mergeCounters } from '../../model/counters.js';
import { type CpuTime, isOnClient, isOnServer } from '../../model/host-use.js';
import type { CompletedRun, Counters, PhaseName, Run, Sample } from '../../model/record.js';
import type { BenchEvent } from '../measure/events.js';
import { ceilingNs, ceilingQuestions } from '../plan/ceilings.js';
import { expectedNs } from '../plan/plan.js';
import { troubleOf } from './lines.js';
import { type CellState, type Matrix, MatrixLayout } from './matrix.js';
import { TimeLeft } from './time-left.js';
import { TraceKeeper, type Traces } from './traces.js';
import { describe, outcome } from './words.js';

/** How a benchmark ended. */
export type Ending = 'finished' | 'interrupted' | 'failed';

/** What is measured now. */
export interface Current {
  kind: 'ceiling' | 'cell';
  /** The cell's id, or what the ceiling is of. */
  name: string;
  /** Of a cell; blank of a ceiling. */
  implementation: string;
  load: string;
  point: string;
  packetBytes: number;
  /** 1-based, of `repeats`. */
  repeat: number;
  repeats: number;
  phase: PhaseName | null;
  seconds: number;
}

/** Shares (0..1) of a CPU's time in the last measure phase; `busy` names the threads that ran there. */
export interface CpuShares {
  host: string;
  cpu: number;
  busy: 'invoker' | 'generator' | 'both';
  user: number;
  system: number;
  softirq: number;
  steal: number;
  idle: number;
}

/** Sums over all runs of an implementation until now. */
export interface Counted {
  implementation: string;
  /** By the generator, and by the invoker, as they name them. */
  generator: Counters;
  invoker: Counters;
  /** Requests and replies that were lost in runs that completed, by where. */
  lost: Counters;
}

/** A benchmark under way, as it is shown. */
export interface LiveState {
  scenario: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Null while it goes on. */
  ended: Ending | null;
  runs: { done: number; planned: number };
  secondsSpent: number;
  secondsLeft: number;
  current: Current | null;
  /** The run that ended last, in a few words. */
  last: string;
  traces: Traces;
  matrix: Matrix;
  cells: Record<CellState, number>;
  /** The newest ones, and how many there were. */
  warnings: string[];
  warningCount: number;
  cpu: CpuShares[];
  counted: Counted[];
}

const warningsKept = 100;
/** Of the work that is no cell. */
const ceilings = 'what the generator can send';

/** Keeps what a view of a benchmark under way shows, by the events that it is told of. */
export class LiveRun {
  readonly #plan: readonly PlannedCell[];
  readonly #scenario: Pick<Scenario, 'name' | 'repeats'>;
  readonly #nowNs: () => number;
  readonly #startedAt: string;
  readonly #beganNs: number;
  readonly #time = new TimeLeft();
  readonly #layout: MatrixLayout;
  readonly #keeper = new TraceKeeper();
  readonly #states: Map<string, CellState>;
  readonly #runsOf = new Map<string, number>();
  readonly #counted = new Map<string, Counted>();
  #runs = 0;
  #work: { id: string; beganNs: number; current: Omit<Current, 'seconds'> } | null = null;
  #cell: Cell | null = null;
  #last = '';
  #warnings: string[] = [];
  #warningCount = 0;
  #cpu: CpuShares[] = [];
  #ended: Ending | null = null;

  constructor(
    scenario: Pick<Scenario, 'name' | 'repeats'>,
    plan: readonly PlannedCell[],
    startedAt: string,
    nowNs: () => number,
  ) {
    this.#scenario = scenario;
    this.#plan = plan;
    this.#startedAt = startedAt;
    this.#nowNs = nowNs;
    this.#beganNs = nowNs();
    this.#layout = new MatrixLayout(plan);
    this.#states = new Map(plan.map(({ state, cell }) => [cell.id, state === 'skipped' ? 'skipped' : 'waiting']));
    for (const { state, cell } of plan)
      if (state === 'runnable') this.#time.expect(cell.id, expectedNs(cell), scenario.repeats);
    this.#time.expect(ceilings, ceilingNs, ceilingQuestions(plan).length);
  }

  readonly observe = (event: BenchEvent): void => {
    const warning = troubleOf(event, this.#plan);
    if (warning !== null) this.#warn(warning);
    switch (event.type) {
      case 'calibrating':
        this.#begin(ceilings, { ...nothing, kind: 'ceiling', name: `ceiling of ${describe(event.question)}` });
        break;
      case 'calibrated':
        this.#endWork();
        break;
      case 'resumed':
        this.#resume(event.runs);
        break;
      case 'began':
        this.#beginCell(event.cell, event.repeat);
        break;
      case 'phase':
        if (this.#work) this.#work.current.phase = event.phase;
        break;
      case 'sample':
        this.#count(event.sample.source, this.#keeper.sample(event.sample));
        break;
      case 'recorded':
        this.#keeper.recorded(event.piece.histogram);
        break;
      case 'ended':
        this.#endCell(event.run);
        break;
    }
  };

  end(how: Ending): void {
    this.#ended = how;
    this.#work = null;
  }

  state(): LiveState {
    const nowNs = this.#nowNs();
    const work = this.#work;
    const workNs = work === null ? 0 : nowNs - work.beganNs;
    // Also between two runs: the mark moves on and does not blink.
    const running = this.#ended === null ? (this.#cell?.id ?? null) : null;
    const stateOf = (id: string) => (id === running ? 'running' : (this.#states.get(id) ?? 'waiting'));
    const cells = { waiting: 0, running: 0, partly: 0, done: 0, skipped: 0, invalid: 0, failed: 0 };
    for (const { cell } of this.#plan) cells[stateOf(cell.id)]++;
    return {
      scenario: printable(this.#scenario.name),
      startedAt: this.#startedAt,
      ended: this.#ended,
      runs: { done: this.#runs, planned: cellsToRun(this.#plan) * this.#scenario.repeats },
      secondsSpent: (nowNs - this.#beganNs) / 1e9,
      secondsLeft: this.#ended === null ? this.#time.leftNs(work?.id ?? '', workNs) / 1e9 : 0,
      current: work && { ...work.current, seconds: workNs / 1e9 },
      last: this.#last,
      traces: this.#keeper.traces,
      matrix: this.#layout.fill(stateOf),
      cells,
      warnings: this.#warnings,
      warningCount: this.#warningCount,
      cpu: this.#cpu,
      counted: [...this.#counted.values()],
    };
  }

  #resume(runs: readonly Run[]): void {
    for (const _ of ceilingQuestions(this.#plan)) this.#time.spare(ceilings);
    for (const run of runs) {
      if (this.#isLeftOut(run.cell.id)) continue;
      this.#time.spare(run.cell.id);
      this.#keep(run);
    }
  }

  #begin(id: string, current: Omit<Current, 'seconds'>): void {
    this.#work = { id, beganNs: this.#nowNs(), current };
  }

  #endWork(): void {
    if (this.#work) this.#time.done(this.#work.id, this.#nowNs() - this.#work.beganNs);
    this.#work = null;
  }

  #beginCell(cell: Cell, repeat: number): void {
    if (this.#isLeftOut(cell.id)) return;
    const { id, implementation, packetBytes, load } = cell;
    this.#cell = cell;
    this.#keeper.begin(cell.placement.clients.length === 1 ? 'generator' : 'invoker');
    const place = { load: formatLoad(load), point: matrixLabel(cell), packetBytes, phase: null };
    const count = { repeat: repeat + 1, repeats: this.#scenario.repeats };
    this.#begin(id, { kind: 'cell', name: id, implementation, ...place, ...count });
  }

  #endCell(run: Run): void {
    const { id } = run.cell;
    if (this.#work?.id !== id) return;
    this.#last = printable(`${id}: ${outcome(run).text}`);
    this.#keep(run);
    if (run.state === 'completed') this.#completed(run);
    this.#endWork();
  }

  /** By the plan: it takes no time, and is no run. */
  #isLeftOut(id: string): boolean {
    return this.#states.get(id) === 'skipped' && !this.#runsOf.has(id);
  }

  #keep(run: Run): void {
    const { id } = run.cell;
    this.#runs++;
    this.#runsOf.set(id, (this.#runsOf.get(id) ?? 0) + 1);
    this.#states.set(id, this.#stateAfter(id, outcome(run).kind));
  }

  #completed(run: CompletedRun): void {
    const { generator, invoker } = run.counters;
    this.#count('generator', this.#keeper.grown('generator', generator));
    const { handled = 0, replied = 0 } = mergeCounters(invoker.threads);
    this.#count('invoker', this.#keeper.grown('invoker', { handled, replied }));
    const { lost } = this.#countedOf(run.cell.implementation);
    for (const { name, count } of run.ledger.drops) lost[name] = (lost[name] ?? 0) + count;
    this.#cpu = run.cpu.flatMap((time) => sharesOf(time, run.cell));
  }

  /** The worst that was found of a cell stands. */
  #stateAfter(id: string, kind: ReturnType<typeof outcome>['kind']): CellState {
    const before = this.#states.get(id);
    if (before === 'failed' || kind === 'failed') return 'failed';
    if (before === 'invalid' || kind === 'invalid') return 'invalid';
    if (kind === 'skipped') return 'skipped';
    return this.#runsOf.get(id) === this.#scenario.repeats ? 'done' : 'partly';
  }

  #warn(text: string): void {
    this.#warningCount++;
    this.#warnings = [...this.#warnings, printable(text)].slice(-warningsKept);
  }

  #count(source: Sample['source'], grown: Counters): void {
    if (this.#cell === null) return;
    const sums = this.#countedOf(this.#cell.implementation)[source];
    for (const [name, value] of Object.entries(grown)) {
      // A longest time is no sum; those of single threads are in the sums of all.
      if (!name.endsWith('MaxNs') && !name.includes('.')) sums[name] = (sums[name] ?? 0) + value;
    }
  }

  #countedOf(implementation: string): Counted {
    const counted = this.#counted.get(implementation) ?? { implementation, generator: {}, invoker: {}, lost: {} };
    this.#counted.set(implementation, counted);
    return counted;
  }
}

const nothing = { implementation: '', load: '', point: '', packetBytes: 0, repeat: 1, repeats: 1, phase: null };

function cellsToRun(plan: readonly PlannedCell[]): number {
  return plan.filter(({ state }) => state === 'runnable').length;
}

/** Empty of a CPU that no measured thread of the cell had. */
function sharesOf(time: CpuTime, { placement }: Cell): CpuShares[] {
  const [invoker, generator] = [isOnServer(time, placement.invokerCpus), isOnClient(time, placement.clients)];
  const { host, cpu, userNs, systemNs, softirqNs, stealNs, idleNs } = time;
  const wholeNs = userNs + systemNs + softirqNs + stealNs + idleNs;
  if ((!invoker && !generator) || wholeNs === 0) return [];
  const busy = invoker && generator ? 'both' : invoker ? 'invoker' : 'generator';
  const share = (ns: number) => ns / wholeNs;
  const busyShares = { user: share(userNs), system: share(systemNs), softirq: share(softirqNs) };
  return [{ host, cpu, busy, ...busyShares, steal: share(stealNs), idle: share(idleNs) }];
}
