import { Counter, type Metric, Registry } from 'prom-client';
import type { HistogramPairs } from '../../model/histogram.js';
import type { Source } from './source.js';

/** Upper bounds in milliseconds, as the published client has them. */
export const bucketsMs: readonly number[] = [
  ...[0.0001, 0.0002, 0.0003, 0.0004, 0.0005, 0.001, 0.0015, 0.002, 0.0025, 0.003, 0.0035, 0.004, 0.0045, 0.005],
  ...steps(6, 20, 1000),
  ...[0.025, 0.03, 0.035, 0.04, 0.045, 0.05],
  ...steps(6, 10, 100),
  ...[0.15, 0.2, 0.25],
  ...steps(3, 20, 10),
  ...[2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10],
];

/** first/divisor .. last/divisor, divided one by one so that each is the number a reader would write. */
function steps(first: number, last: number, divisor: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) / divisor);
}

const histogramName = 'answer_time_histogram';

/** The metrics of the published client by its names, read from the counters of the sources at each scrape. */
export class GoMetrics {
  readonly #server: string;
  readonly #sources: readonly Source[];
  readonly #registry = new Registry();
  readonly #requests = this.#counter('requests', 'Requests, also those whose write failed.');
  readonly #failedRequests = this.#counter('failedRequests', 'Requests whose write failed.');
  readonly #responses = this.#counter('responses', 'Right answers.');
  readonly #failedResponses = this.#counter('failedResponses', 'Answers that did not come in time, or failed reads.');
  readonly #falseResponses = this.#counter('falseResponses', 'Answers of the wrong length or content.');
  readonly #timeouts = this.#counter('timeouts', 'Answers that did not come within a second.');

  /** `server` as its label says it. */
  constructor(server: string, sources: readonly Source[]) {
    this.#server = server;
    this.#sources = sources;
    this.#registry.registerMetric(this.#answerTimes());
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The metrics in Prometheus' text format, of this moment. */
  async scrape(): Promise<string> {
    this.#registry.resetMetrics();
    for (const source of this.#sources) {
      const labels = this.#labels(source);
      const counters = source.counters();
      const of = (name: string) => counters[name] ?? 0;
      this.#requests.inc(labels, of('sent') + of('sendFailed'));
      this.#failedRequests.inc(labels, of('sendFailed'));
      this.#responses.inc(labels, of('replied') - of('wrong'));
      this.#failedResponses.inc(labels, of('timeouts') + of('receiveFailed'));
      this.#falseResponses.inc(labels, of('wrong'));
      this.#timeouts.inc(labels, of('timeouts'));
    }
    return this.#registry.metrics();
  }

  #labels({ port }: Source): { port: string } {
    return { port: `${this.#server}:${port}` };
  }

  #counter(name: string, help: string): Counter<'port'> {
    return new Counter({ name, help, labelNames: ['port'], registers: [this.#registry] });
  }

  /** A histogram that is filled already: the library's own can only be filled value by value. */
  #answerTimes(): Metric<string> {
    const get = async () => ({
      name: histogramName,
      help: 'Round-trip times in milliseconds.',
      type: 'histogram',
      aggregator: 'sum',
      values: this.#sources.flatMap((source) => bucketsOf(source.roundTrips(), this.#labels(source))),
    });
    return { name: histogramName, get, reset: () => {} } as unknown as Metric<string>;
  }
}

/** Cumulative buckets, sum (ms) and count, as Prometheus wants them. */
export function bucketsOf(pairs: HistogramPairs, labels: Record<string, string>) {
  const ms = pairs.map(([ns, count]): [number, number] => [ns / 1e6, count]);
  const count = ms.reduce((sum, [, n]) => sum + n, 0);
  const upTo = (bound: number) => ms.reduce((sum, [value, n]) => sum + (value <= bound ? n : 0), 0);
  const bucket = (le: number | string, value: number) => ({
    metricName: `${histogramName}_bucket`,
    labels: { ...labels, le },
    value,
  });
  return [
    ...bucketsMs.map((bound) => bucket(bound, upTo(bound))),
    bucket('+Inf', count),
    { metricName: `${histogramName}_sum`, labels, value: ms.reduce((sum, [value, n]) => sum + value * n, 0) },
    { metricName: `${histogramName}_count`, labels, value: count },
  ];
}
