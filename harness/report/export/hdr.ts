import { HistogramLogWriter } from 'hdr-histogram-js';
import { type HistogramPairs, recorded } from '../../../model/histogram.js';
import { standingOf } from '../standing.js';
import type { ExportFile, Subject } from './subject.js';

const nsPerMs = 1e6;

/** round-trips.hlog: an interval log of HdrHistogram (format 1.3, values in ns), a tagged histogram a cell and level. */
export function hdrLog({ summary, details }: Subject): ExportFile[] {
  const { scenario, startedAt, runId } = summary;
  const lines: string[] = [];
  const writer = new HistogramLogWriter((line) => lines.push(line));
  const startS = Date.parse(startedAt) / 1000;
  writer.outputComment(`[Round-trip times in ns of run ${runId.replaceAll('\n', ' ')}, a tag a cell]`);
  writer.outputLogFormatVersion();
  writer.outputComment(`[StartTime: ${startS.toFixed(3)} (seconds since epoch), ${startedAt}]`);
  writer.outputLegend();
  let histograms = 0;
  for (const cell of summary.cells.filter((one) => standingOf(one) === 'figure')) {
    const detail = details.find(({ id }) => id === cell.id);
    const own: [tag: string, pairs: HistogramPairs][] = [
      [cell.id, detail?.histogram ?? []],
      ...(detail?.levels ?? []).map(({ level, histogram }): [string, HistogramPairs] => [
        `${cell.id}:${level}`,
        histogram,
      ]),
    ];
    for (const [tag, pairs] of own.filter(([, found]) => found.length > 0)) {
      const histogram = recorded(pairs);
      // A comma or a blank would end the tag.
      histogram.tag = tag.replace(/[,\s]/g, '+');
      writer.outputIntervalHistogram(histogram, 0, (scenario.durationNs * cell.repeats) / 1e9, nsPerMs);
      histograms++;
    }
  }
  return histograms === 0 ? [] : [{ name: 'round-trips.hlog', text: lines.join('') }];
}
