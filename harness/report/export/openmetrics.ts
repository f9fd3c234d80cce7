import { Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import { percentileColumns } from '../../../model/histogram.js';
import type { CellSummary } from '../../../model/summary.js';
import { type Quantity, quantitiesOf, tidy } from './quantities.js';
import type { ExportFile, Subject } from './subject.js';

const cellLabels = [
  'cell',
  'implementation',
  'settings',
  'threads',
  'queues',
  'packet_bytes',
  'function',
  'load',
  'engine',
] as const;

/** A family of samples, in the units of OpenMetrics: seconds and ratios. */
interface Family {
  name: string;
  help: string;
  factor: number;
  /** Labels beside those of the cell. */
  labels: readonly string[];
}

const family = (name: string, help: string, factor = 1, labels: readonly string[] = []): Family => ({
  ...{ name: `invoker_bench_${name}`, help, factor, labels },
});

const seconds = 1e-9;
const rateLabels = ['stat', 'bound'];

/** By the name of a quantity; percentiles are one family. */
const families: Record<string, Family> = {
  replies_per_second: family('peak_replies_per_second', 'Right replies a second at the peak.', 1, rateLabels),
  ndr_per_second: family('ndr_requests_per_second', 'Highest load without loss.', 1, rateLabels),
  pdr_per_second: family('pdr_requests_per_second', 'Highest load with a loss of at most 0.5 %.', 1, rateLabels),
  cpu_ns_per_reply_all_cpus: family('cpu_seconds_per_reply', 'Busy time of all CPUs of the cell a reply.', seconds),
  loss_ratio: family('loss_ratio', 'Lost of sent requests.', 1, ['level']),
  invoker_cpu_ratio: family('rest_invoker_cpu_ratio', 'Busy share of the CPUs of the invoker while nothing is sent.'),
};

const roundTrips = family('round_trip_seconds', 'Round-trip time, percentiles of all runs.', seconds, [
  'percentile',
  'level',
]);

/** metrics.prom: the figures of a run in the text format of OpenMetrics, a gauge a quantity, cells as labels. */
export async function openMetrics({ summary }: Subject): Promise<ExportFile[]> {
  const quantities = quantitiesOf(summary);
  if (quantities.length === 0) return [];
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const { runId, startedAt, scenario, host } = summary;
  const registers = [registry];
  new Gauge({
    ...{ name: 'invoker_bench_run_info', help: 'The run that the figures are of.', registers },
    labelNames: ['run', 'scenario', 'commit', 'cpu', 'kernel'],
  }).set({ run: runId, scenario: scenario.name, commit: host.commit, cpu: host.cpuModel, kernel: host.kernel }, 1);
  const started = new Gauge({
    ...{ name: 'invoker_bench_run_start_time_seconds', help: 'When the run began, since the epoch.', registers },
  });
  started.set(Date.parse(startedAt) / 1000);
  const gauges = new Map<string, Gauge>();
  for (const quantity of quantities) {
    const { name, help, factor, labels } = familyOf(quantity);
    const gauge = gauges.get(name) ?? new Gauge({ name, help, registers, labelNames: [...cellLabels, ...labels] });
    gauges.set(name, gauge);
    for (const { own, value } of samplesOf(quantity))
      gauge.set({ ...labelsOf(quantity.cell), ...own }, tidy(value * factor));
  }
  return [{ name: 'metrics.prom', text: await registry.metrics() }];
}

function familyOf({ name }: Quantity): Family {
  return families[name] ?? roundTrips;
}

function samplesOf({
  name,
  level,
  value,
  interval,
  bound,
}: Quantity): { own: Record<string, string>; value: number }[] {
  if (interval !== null) {
    const stats = { median: value, ...(interval.confidence === 0 ? {} : { low: interval.low, high: interval.high }) };
    return Object.entries(stats).map(([stat, one]) => ({ own: { stat, bound }, value: one }));
  }
  const percentile = percentileColumns.find(({ key }) => `${key}_ns` === name);
  if (percentile) return [{ own: { percentile: percentile.label, level }, value }];
  return [{ own: name === 'loss_ratio' ? { level } : {}, value }];
}

function labelsOf(cell: CellSummary): Record<(typeof cellLabels)[number], string | number> {
  return {
    cell: cell.id,
    implementation: cell.impl,
    settings: cell.variant,
    threads: cell.threads,
    queues: cell.queues,
    packet_bytes: cell.packetBytes,
    function: cell.functionId,
    load: cell.load,
    engine: cell.engine,
  };
}
