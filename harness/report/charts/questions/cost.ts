import type { CellDetail, CpuClasses } from '../../../../model/detail.js';
import type { Answer, Summary } from '../../../../model/summary.js';
import { type Slice, slicesOf } from '../../slice.js';
import { nameOf, standingOf } from '../../standing.js';
import { formatIn, nanoseconds } from '../../units.js';
import { barDataset } from '../dataset.js';
import { barOptions, zeroAxis } from '../layout.js';
import { partShades } from '../palette.js';
import { type Chart, type Ends, endsOf, styleOf, subtitleOf } from '../parts.js';

const classes: readonly { key: keyof CpuClasses; label: string }[] = [
  { key: 'user', label: 'user' },
  { key: 'system', label: 'system' },
  { key: 'softirq', label: 'softirq (receiving)' },
  { key: 'other', label: 'other processes' },
];

const kinds: readonly Answer['kind'][] = ['peak', 'round-trips'];

/** What does a reply cost? CPU time by class, of all CPUs of a cell: a row an implementation, the smallest and the largest frame. */
export function costCharts(summary: Summary, details: ReadonlyMap<string, CellDetail>): Chart[] {
  return kinds.flatMap((kind) =>
    slicesOf(summary, kind, 'ends').flatMap((slice) =>
      endsOf(slice).map((ends) => costChart({ summary, details, kind, slice, ends })),
    ),
  );
}

interface CostChart {
  summary: Summary;
  details: ReadonlyMap<string, CellDetail>;
  kind: Answer['kind'];
  slice: Slice;
  ends: Ends;
}

function costChart({ summary, details, kind, slice, ends }: CostChart): Chart {
  const { cells, packetBytes, point } = ends;
  const rows = cells
    .flatMap((cell) => {
      const cost = standingOf(cell) === 'figure' ? details.get(cell.id)?.cpuNsPerReply : null;
      return cost ? [{ cell, cost, total: classes.reduce((sum, { key }) => sum + cost[key], 0) }] : [];
    })
    .toSorted((a, b) => a.total - b.total);
  const title = `What does a reply cost? CPU time at load ${slice.load}: ${packetBytes} bytes, ${point}`;
  const most = Math.max(0, ...rows.map(({ total }) => total));
  const remark = 'all CPUs of server and client, waiting by spinning included; medians of the runs';
  const options = barOptions(
    title,
    subtitleOf(summary, slice, cells, [remark]),
    zeroAxis('CPU time in ns a reply', most),
    {
      styles: rows.map(({ cell }) => styleOf(summary, nameOf(cell))),
      ends: rows.map(({ total }) => `${formatIn(nanoseconds, total)} ns`),
    },
  );
  const datasets = classes.map(({ key, label }, index) =>
    barDataset(
      label,
      partShades[index] as string,
      rows.map(({ cost }) => cost[key]),
    ),
  );
  const data = { labels: rows.map(({ cell }) => nameOf(cell)), datasets: rows.length > 0 ? datasets : [] };
  return {
    name: `cost-${kind}-${slice.suffix}-${packetBytes}-${point}`,
    title,
    config: { type: 'bar', data, options },
  };
}
