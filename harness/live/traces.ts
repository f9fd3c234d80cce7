import { type HistogramPairs, percentiles } from '../../model/histogram.js';
import type { Counters, Sample } from '../../model/record.js';

/** Readings that a trace keeps: a minute of samples. */
const longest = 300;

/** Percentiles of round trips in ns; null where too few were recorded. */
export interface RoundTrips {
  p50: number | null;
  p99: number | null;
}

/** What the samples of the cell under way say of its rates, and how its round trips went; null: a gap between two runs. */
export interface Traces {
  /** Whose counters: of several clients only the invoker's are known on the way. */
  source: Sample['source'];
  sentPerSecond: (number | null)[];
  repliesPerSecond: (number | null)[];
  roundTrips: (RoundTrips | null)[];
}

/** Makes rates of counters that each process of a cell counts from its own start. */
export class TraceKeeper {
  readonly traces: Traces = { source: 'generator', sentPerSecond: [], repliesPerSecond: [], roundTrips: [] };
  readonly #before = new Map<Sample['source'], Sample>();

  /** A cell begins, whose processes count anew; its rates are told by those of `source`. */
  begin(source: Sample['source']): void {
    this.#before.clear();
    this.traces.source = source;
    for (const trace of [this.traces.sentPerSecond, this.traces.repliesPerSecond, this.traces.roundTrips])
      if (trace.length > 0 && trace.at(-1) !== null) keep<unknown>(trace, null);
  }

  /** Returns what the counters grew by since the sample before of that process, or since its start. */
  sample(sample: Sample): Counters {
    const { source, atNs, counters } = sample;
    const before = this.#before.get(source);
    const grown = this.grown(source, counters);
    if (before !== undefined && atNs > before.atNs) this.#rates(source, grown, (atNs - before.atNs) / 1e9);
    this.#before.set(source, sample);
    return grown;
  }

  /** The same of a last reading, which has no time. */
  grown(source: Sample['source'], counters: Counters): Counters {
    const before = this.#before.get(source)?.counters ?? {};
    return Object.fromEntries(Object.entries(counters).map(([name, value]) => [name, value - (before[name] ?? 0)]));
  }

  recorded(histogram: HistogramPairs): void {
    if (histogram.length === 0) return;
    const { p50, p99 } = percentiles(histogram);
    keep(this.traces.roundTrips, { p50, p99 });
  }

  #rates(source: Sample['source'], { sent, replied = 0 }: Counters, seconds: number): void {
    const { traces } = this;
    if (source !== traces.source) return;
    keep(traces.repliesPerSecond, replied / seconds);
    keep(traces.sentPerSecond, sent === undefined ? null : sent / seconds);
  }
}

function keep<Value>(trace: Value[], value: Value): void {
  trace.push(value);
  if (trace.length > longest) trace.shift();
}
