import type { Writable } from 'node:stream';
import { printable } from '../../common/cli/printable.js';
import { count } from '../../common/cli/text.js';
import type { PlannedCell } from '../../model/cell.js';
import type { CeilingQuestion, CompletedRun, Run } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import { measureWindow, objections } from '../judge/verdict.js';
import { ceilingNs, ceilingQuestions } from '../plan/ceilings.js';
import { expectedNs } from '../plan/plan.js';
import type { BenchEvents } from './bench.js';
import type { CalibrationEvents } from './calibrate.js';
import { TimeLeft } from './time-left.js';

/** Shows how far the runs are; `stop` ends the display. */
export interface Progress extends BenchEvents, CalibrationEvents {
  stop(): void;
}

/** Where progress is shown. */
export type ProgressOutput = Writable & { isTTY?: boolean; columns?: number };

/** A bar with the time left on a terminal, a line a run otherwise; quiet: a line for what is not valid, on both. */
export function startProgress(
  kind: 'full' | 'quiet',
  output: ProgressOutput,
  plan: readonly PlannedCell[],
  repeats: number,
  nowNs: () => number,
): Progress {
  if (kind === 'quiet') return new Quiet(output, plan);
  return output.isTTY ? new Bar(output, plan, repeats, nowNs) : new Lines(output, plan, repeats);
}

const totalRuns = (plan: readonly PlannedCell[], repeats: number) =>
  plan.filter(({ state }) => state === 'runnable').length * repeats;

const barWidth = 24;
const narrowest = 40;
const redrawMs = 1000;
/** Of the work that is no cell. */
const ceilings = 'what the generator can send';

class Bar implements Progress {
  readonly #output: ProgressOutput;
  readonly #nowNs: () => number;
  readonly #time = new TimeLeft();
  readonly #beganNs: number;
  readonly #planned: ReadonlySet<string>;
  readonly #totalRuns: number;
  readonly #ticker: NodeJS.Timeout;
  #runs = 0;
  #work = '';
  #workName = '';
  #workBeganNs: number;

  constructor(output: ProgressOutput, plan: readonly PlannedCell[], repeats: number, nowNs: () => number) {
    this.#output = output;
    this.#nowNs = nowNs;
    this.#beganNs = nowNs();
    this.#workBeganNs = this.#beganNs;
    const runnable = plan.filter(({ state }) => state === 'runnable').map(({ cell }) => cell);
    for (const cell of runnable) this.#time.expect(cell.id, expectedNs(cell), repeats);
    this.#time.expect(ceilings, ceilingNs, ceilingQuestions(plan).length);
    this.#planned = new Set(runnable.map(({ id }) => id));
    this.#totalRuns = totalRuns(plan, repeats);
    this.#ticker = setInterval(() => this.#draw(), redrawMs).unref();
    this.#draw();
  }

  calibrating(question: CeilingQuestion): void {
    this.#begin(ceilings, `ceiling of ${describe(question)}`);
  }

  calibrated(question: CeilingQuestion, error: Error | null): void {
    this.#end(ceilings);
    if (error) this.#print(notCalibrated(question, error));
  }

  began({ cellId }: { cellId: string }): void {
    this.#begin(cellId, cellId);
  }

  ended(run: Run): void {
    const { id } = run.cell;
    // The report names what the plan skipped, by reason.
    if (!this.#planned.has(id)) return;
    this.#runs++;
    this.#end(id);
    const said = outcome(run);
    if (said.kind === 'trouble') this.#print(`${id}: ${said.text}`);
  }

  stop(): void {
    clearInterval(this.#ticker);
    this.#output.write(clearLine);
  }

  #begin(work: string, name: string): void {
    this.#work = work;
    this.#workName = name;
    this.#workBeganNs = this.#nowNs();
    this.#draw();
  }

  #end(work: string): void {
    this.#time.done(work, this.#nowNs() - this.#workBeganNs);
    this.#work = '';
    this.#draw();
  }

  /** A line above the bar. */
  #print(line: string): void {
    this.#output.write(`${clearLine}${printable(line)}\n`);
    this.#draw();
  }

  #draw(): void {
    const nowNs = this.#nowNs();
    const spentNs = nowNs - this.#beganNs;
    const leftNs = this.#time.leftNs(this.#work, nowNs - this.#workBeganNs);
    const full = spentNs + leftNs === 0 ? 0 : Math.floor((barWidth * spentNs) / (spentNs + leftNs));
    const bar = '█'.repeat(full) + '░'.repeat(barWidth - full);
    const text = `${bar} ${this.#runs}/${this.#totalRuns} runs, ${formatLeft(leftNs)} left  ${this.#workName}`;
    // A line that wraps could not be cleared; a terminal without a size says 0.
    const width = Math.max(narrowest, this.#output.columns || 80) - 1;
    this.#output.write(`${clearLine}${text.slice(0, width)}`);
  }
}

const clearLine = '\r\u001b[2K';

class Lines implements Progress {
  readonly #output: ProgressOutput;
  readonly #totalRuns: number;
  readonly #questions: number;
  #asked = 0;
  #runs = 0;

  constructor(output: ProgressOutput, plan: readonly PlannedCell[], repeats: number) {
    this.#output = output;
    this.#totalRuns = totalRuns(plan, repeats);
    this.#questions = ceilingQuestions(plan).length;
  }

  calibrating(): void {
    if (this.#asked === 0)
      this.#print(`What the generator can send: ${count(this.#questions, 'measurement')} of about a second.`);
    this.#asked++;
  }

  calibrated(question: CeilingQuestion, error: Error | null): void {
    if (error) this.#print(notCalibrated(question, error));
  }

  began(): void {}

  ended(run: Run): void {
    if (run.state !== 'skipped') this.#runs++;
    const place = run.state === 'skipped' ? '' : `[${this.#runs}/${this.#totalRuns}] `;
    this.#print(`${place}${run.cell.id}: ${outcome(run).text}`);
  }

  stop(): void {}

  #print(line: string): void {
    this.#output.write(`${printable(line)}\n`);
  }
}

class Quiet implements Progress {
  readonly #output: ProgressOutput;
  readonly #planned: ReadonlySet<string>;

  constructor(output: ProgressOutput, plan: readonly PlannedCell[]) {
    this.#output = output;
    this.#planned = new Set(plan.filter(({ state }) => state === 'runnable').map(({ cell }) => cell.id));
  }

  calibrating(): void {}

  calibrated(question: CeilingQuestion, error: Error | null): void {
    if (error) this.#print(notCalibrated(question, error));
  }

  began(): void {}

  ended(run: Run): void {
    const said = outcome(run);
    if (said.kind === 'trouble' && this.#planned.has(run.cell.id)) this.#print(`${run.cell.id}: ${said.text}`);
  }

  stop(): void {}

  #print(line: string): void {
    this.#output.write(`${printable(line)}\n`);
  }
}

function describe({ engine, packetBytes }: CeilingQuestion): string {
  return `${engine} at ${packetBytes} bytes`;
}

function notCalibrated(question: CeilingQuestion, error: Error): string {
  return `${describe(question)} cannot be measured: ${error.message}`;
}

/** A run in a few words. */
function outcome(run: Run): { kind: 'trouble' | 'figure'; text: string } {
  switch (run.state) {
    case 'skipped':
      return { kind: 'trouble', text: `skipped: ${run.reason}` };
    case 'failed':
      return { kind: 'trouble', text: `failed: ${run.error.message}` };
    case 'completed': {
      const [first, ...others] = objections(run);
      if (first === undefined) return { kind: 'figure', text: figure(run) };
      const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
      return { kind: 'trouble', text: `invalid: ${first}${more}; ${figure(run)}` };
    }
  }
}

function figure(run: CompletedRun): string {
  const window = measureWindow(run);
  return window === null ? 'nothing measured' : `${Math.round(perSecond(window, window.replied))} replies/s`;
}

function formatLeft(ns: number): string {
  const seconds = Math.round(ns / 1e9);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
