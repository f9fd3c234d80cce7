import { matrixLabel } from '../../../model/cell.js';
import type { CapacityFigure, CellSummary, Summary } from '../../../model/summary.js';
import { standingOf } from '../standing.js';
import { tidy } from './quantities.js';
import type { ExportFile, Subject } from './subject.js';

/** Of the model of test results whose shape the files have (FD.io CSIT, UTI). */
const modelVersion = '1.5.1';

/**
 * csit/CELL.json: a test case of the CSIT model a cell that ran. Capacities are its ndrpdr, peaks its mrr (one rate a
 * run), round trips its hoststack; other loads, and cells without a figure to quote, have no result that it knows.
 */
export function csit({ summary }: Subject): ExportFile[] {
  return summary.cells
    .filter(({ state }) => state !== 'skipped')
    .map((cell) => ({
      name: `csit/${cell.id.replace(/[^\w.=,+-]/g, '_')}.json`,
      text: `${JSON.stringify(testCase(cell, summary), null, 2)}\n`,
    }));
}

function testCase(cell: CellSummary, summary: Summary) {
  const { scenario, host, startedAt } = summary;
  const seconds = tidy((scenario.durationNs * cell.repeats) / 1e9);
  const result = standingOf(cell) === 'figure' ? resultOf(cell) : null;
  const passed = standingOf(cell) === 'figure';
  const shortName = `${cell.impl}-${cell.functionId}-${cell.load}${cell.variant === '' ? '' : `-${cell.variant}`}`;
  return {
    version: modelVersion,
    test_id: `invoker-bench.${scenario.name}.${cell.id}`.toLowerCase().replaceAll(' ', '_'),
    test_name_long: `${scenario.topology}-${cell.packetBytes}b-${matrixLabel(cell)}-${shortName}`.toLowerCase(),
    test_name_short: shortName.toLowerCase(),
    test_type: result?.type ?? 'device',
    test_documentation: '',
    tags: tagsOf(cell, scenario.topology),
    dut_type: cell.impl,
    dut_version: host.commit,
    tg_type: cell.engine,
    tg_version: host.commit,
    hosts: hostsOf(summary),
    start_time: startedAt,
    // Of the measure phases alone: nobody recorded when a cell ended.
    end_time: new Date(Date.parse(startedAt) + seconds * 1000).toISOString(),
    duration: seconds,
    passed,
    message: passed ? '' : cell.reasons.join('; ') || 'no reason recorded',
    telemetry: [],
    result: result ?? { type: 'unknown' },
  };
}

function resultOf(cell: CellSummary) {
  const { answer, byRepeat, ndr, pdr, bitsPerSecond, repliesPerSecond, latencyNs } = cell;
  switch (answer.kind) {
    case 'capacity':
      return ndr && pdr ? { type: 'ndrpdr', ndr: boundsOf(ndr), pdr: boundsOf(pdr) } : null;
    case 'peak': {
      const values = byRepeat.flatMap((run) => run.repliesPerSecond ?? []).map(tidy);
      return values.length === 0 ? null : { type: 'mrr', receive_rate: { rate: { ...spreadOf(values), unit: 'pps' } } };
    }
    case 'round-trips':
      if (bitsPerSecond === null || repliesPerSecond === null || latencyNs?.p50 == null) return null;
      return {
        type: 'hoststack',
        bandwidth: { value: tidy(bitsPerSecond.median), unit: 'bps' },
        rate: { value: tidy(repliesPerSecond.median), unit: 'rps' },
        latency: { value: tidy(latencyNs.p50 / 1000), unit: 'us' },
      };
    default:
      return null;
  }
}

/** Where no load failed there is no upper bound: the lower one stands for it, and a tag says so. */
function boundsOf({ interval, bracket }: CapacityFigure) {
  const { low, high } = bracket ?? interval;
  const rate = (value: number) => ({ rate: { value: tidy(value), unit: 'pps' } });
  return { lower: rate(low), upper: rate(high ?? low) };
}

function spreadOf(values: readonly number[]) {
  const avg = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - avg) ** 2, 0);
  const stdev = values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
  return { values, avg: tidy(avg), stdev: tidy(stdev) };
}

function tagsOf(cell: CellSummary, topology: string): string[] {
  const bounds = [
    ...(cell.limit === 'generator' ? ['LOWER_BOUND'] : []),
    ...(cell.ndr?.bound === 'lower' ? ['NDR_LOWER_BOUND'] : []),
    ...(cell.pdr?.bound === 'lower' ? ['PDR_LOWER_BOUND'] : []),
  ];
  return [`${cell.packetBytes}B`, matrixLabel(cell), cell.impl.toUpperCase(), topology.toUpperCase(), ...bounds];
}

/** Without the users that ssh logs in as. */
function hostsOf({ scenario: { sides } }: Summary): string[] {
  if (sides === null) return ['localhost'];
  return [...new Set([sides.server, ...sides.clients].map(({ target }) => target.replace(/^.*@/, '')))];
}
