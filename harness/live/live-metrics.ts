import { Counter, Gauge, Registry } from 'prom-client';
import type { LiveState } from './live-run.js';
import { cellMarks } from './matrix.js';

const states = Object.keys(cellMarks) as (keyof LiveState['cells'])[];

/** The metrics of a benchmark under way, of one state of it at each scrape. */
export class LiveMetrics {
  readonly #registry = new Registry();
  readonly #cells = this.#gauge('cells', 'Cells of the plan by state.', ['state']);
  readonly #planned = this.#gauge('runs_planned', 'Runs that the plan has.', []);
  readonly #left = this.#gauge('left_seconds', 'Time left, by what runs took until now.', []);
  readonly #current = this.#gauge('current', 'What is measured now, always 1.', [
    ...['scenario', 'cell', 'implementation', 'load', 'matrix', 'packet_bytes', 'phase'],
  ]);
  readonly #roundTrip = this.#gauge('round_trip_seconds', 'Round trips of the last second that was recorded.', [
    'quantile',
  ]);
  readonly #cpu = this.#gauge('cpu_ratio', 'Shares of the time of a measured CPU, of the last measure phase.', [
    ...['host', 'cpu', 'busy', 'mode'],
  ]);
  readonly #runs = this.#counter('runs', 'Runs that ended, whatever came of them.', []);
  readonly #warnings = this.#counter('warnings', 'Lines on what is not valid.', []);
  readonly #sent = this.#counter('sent', 'Requests that left the generator.', ['implementation']);
  readonly #replied = this.#counter('replied', 'Replies that came back to the generator.', ['implementation']);
  readonly #wrong = this.#counter('wrong', 'Replies of the wrong length or content.', ['implementation']);
  readonly #handled = this.#counter('handled', 'Requests that the invoker ran its function on.', ['implementation']);
  readonly #lost = this.#counter('lost', 'Requests and replies lost in runs that completed, by where.', [
    ...['implementation', 'where'],
  ]);

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In Prometheus' text format. */
  async render(state: LiveState): Promise<string> {
    this.#registry.resetMetrics();
    this.#fill(state);
    return await this.#registry.metrics();
  }

  #fill({ scenario, current, cells, runs, secondsLeft, warningCount, traces, cpu, counted }: LiveState): void {
    for (const state of states) this.#cells.set({ state }, cells[state]);
    this.#planned.set(runs.planned);
    this.#runs.inc(runs.done);
    this.#left.set(secondsLeft);
    this.#warnings.inc(warningCount);
    if (current !== null) {
      const { name, implementation, load, point, packetBytes, phase } = current;
      const where = { load, matrix: point, packet_bytes: packetBytes, phase: phase ?? '' };
      this.#current.set({ scenario, cell: name, implementation, ...where }, 1);
    }
    const { p50, p99 } = traces.roundTrips.at(-1) ?? { p50: null, p99: null };
    if (p50 !== null) this.#roundTrip.set({ quantile: '0.5' }, p50 / 1e9);
    if (p99 !== null) this.#roundTrip.set({ quantile: '0.99' }, p99 / 1e9);
    for (const { host, cpu: number, busy, ...shares } of cpu)
      for (const [mode, share] of Object.entries(shares)) this.#cpu.set({ host, cpu: number, busy, mode }, share);
    for (const { implementation, generator, invoker, lost } of counted) {
      this.#sent.inc({ implementation }, generator.sent ?? 0);
      this.#replied.inc({ implementation }, generator.replied ?? 0);
      this.#wrong.inc({ implementation }, generator.wrong ?? 0);
      this.#handled.inc({ implementation }, invoker.handled ?? 0);
      for (const [where, count] of Object.entries(lost)) this.#lost.inc({ implementation, where }, count);
    }
  }

  #gauge(name: string, help: string, labelNames: readonly string[]): Gauge {
    return new Gauge({ name: `invoker_bench_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return new Counter({ name: `invoker_bench_${name}_total`, help, labelNames, registers: [this.#registry] });
  }
}
