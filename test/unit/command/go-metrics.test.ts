import { describe, expect, it } from 'vitest';
import { bucketsMs, bucketsOf, GoMetrics } from '../../../loadgen/command/go-metrics.js';
import type { Source } from '../../../loadgen/command/source.js';
import type { HistogramPairs } from '../../../model/histogram.js';
import type { Counters } from '../../../model/record.js';

/** A source that has counted this. */
function sourceOf(port: number, counters: Counters, roundTrips: HistogramPairs = []): Source {
  const nothing = () => {};
  return {
    port,
    name: 'closed loop by sockets',
    refused: [],
    begin: nothing,
    quiesce: nothing,
    stop: nothing,
    counters: () => counters,
    lastCounters: () => counters,
    roundTrips: () => roundTrips,
    lags: () => [],
  };
}

/** The samples of a metric, by its labels as they stand in the text. */
async function samples(sources: Source[]): Promise<Map<string, number>> {
  const text = await new GoMetrics('10.0.0.10', sources).scrape();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('the buckets', () => {
  it("are the published client's, in milliseconds", () => {
    const contract =
      '0.0001 0.0002 0.0003 0.0004 0.0005 0.001 0.0015 0.002 0.0025 0.003 0.0035 0.004 0.0045 0.005 0.006 0.007 0.008 ' +
      '0.009 0.01 0.011 0.012 0.013 0.014 0.015 0.016 0.017 0.018 0.019 0.02 0.025 0.03 0.035 0.04 0.045 0.05 0.06 0.07 ' +
      '0.08 0.09 0.1 0.15 0.2 0.25 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9 2 2.5 3 3.5 4 4.5 5 ' +
      '6 7 8 9 10';
    expect(bucketsMs.join(' ')).toBe(contract);
  });

  it('are cumulative, with everything in the last', () => {
    const values = bucketsOf(
      [
        [900, 1],
        [1000, 2],
        [20_000_000, 4],
      ],
      { port: 'p' },
    );
    const upTo = (le: number | string) => values.find(({ labels }) => 'le' in labels && labels.le === le)?.value;
    expect([upTo(0.0005), upTo(0.001), upTo(10), upTo('+Inf')]).toEqual([0, 3, 3, 7]);
    expect(values.slice(-2).map(({ metricName, value }) => [metricName, value])).toEqual([
      ['answer_time_histogram_sum', 0.0009 + 0.002 + 80],
      ['answer_time_histogram_count', 7],
    ]);
  });
});

describe('the metrics', () => {
  it('are counters by the names of the published client, a port each', async () => {
    const counters = { sent: 98, sendFailed: 2, replied: 90, wrong: 3, timeouts: 4, receiveFailed: 1 };
    const found = await samples([sourceOf(1232, counters, [[5000, 87]]), sourceOf(1300, { sent: 1, replied: 1 })]);
    const of = (name: string, port = 1232) => found.get(`${name}{port="10.0.0.10:${port}"}`);
    expect([of('requests'), of('failedRequests'), of('responses'), of('falseResponses')]).toEqual([100, 2, 87, 3]);
    expect([of('failedResponses'), of('timeouts')]).toEqual([5, 4]);
    expect([of('requests', 1300), of('responses', 1300), of('failedResponses', 1300)]).toEqual([1, 1, 0]);
    expect(found.get('answer_time_histogram_bucket{port="10.0.0.10:1232",le="0.005"}')).toBe(87);
    expect(of('answer_time_histogram_count')).toBe(87);
  });

  it('begin anew at each scrape', async () => {
    const metrics = new GoMetrics('10.0.0.10', [sourceOf(1232, { sent: 7 })]);
    expect(await metrics.scrape()).toBe(await metrics.scrape());
  });
});
