import type { Summary } from '../../model/summary.js';
import { throughputCharts } from './charts/questions/throughput.js';
import { findings } from './findings/findings.js';
import { hostLine, mergedLine, upTo } from './host.js';
import { escaped, renderTable } from './markdown.js';
import { figureTables } from './tables/tables.js';

const begin = '<!-- Made by npm run readme -- RUN; not to be edited. -->';
const end = '<!-- End of what is made. -->';

/** `peaks`: the first table and the chart, for who looks for a minute; `all`: round trips and findings, too. */
export type Extent = 'peaks' | 'all';

/** A page with the figures of a run in place of those between its two marks; RangeError where it has none. */
export function withFigures(page: string, summary: Summary, extent: Extent, image: string): string {
  const [from, until] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || until < from) throw new RangeError(`the text has no figures between ${begin} and ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${figuresOf(summary, extent, image)}\n\n${page.slice(until)}`;
}

/** The name of the chart of the first table; RangeError where the run has none. */
export function throughputChart(summary: Summary): string {
  const [chart] = throughputCharts(summary, null);
  if (!chart) throw new RangeError('the run has no chart of throughput');
  return chart.name;
}

/** Figures, what they say, and where they are from. */
function figuresOf(summary: Summary, extent: Extent, image: string): string {
  const { host, scenario } = summary;
  const shown = figureTables(summary, 'brief').filter(({ title }) => /^(Throughput|Round-trip)/.test(title));
  const [peaks, ...others] = shown.map(renderTable);
  const sentences = findings(summary).map((sentence) => `- ${escaped(sentence)}`);
  return [
    ...(peaks ? [peaks] : []),
    `![Throughput by frame size](${image})`,
    ...(extent === 'all' ? [...others, sentences.join('\n')] : []),
    [
      `Scenario ${scenario.name}, ${upTo(summary)}${scenario.repeats} repeats of ${scenario.durationNs / 1e9} s.`,
      escaped(mergedLine(summary)),
      `Host: ${escaped(hostLine(host))}.`,
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
  ].join('\n\n');
}
