import type { Summary } from '../../model/summary.js';
import { findings } from './findings/findings.js';
import { hostLine, mergedLine, upTo } from './host.js';
import { escaped, renderTable } from './markdown.js';
import { figureTables } from './tables/tables.js';

const begin = '<!-- Made by npm run readme -- RUN; not to be edited. -->';
const end = '<!-- End of what is made. -->';

/** A README with the figures of a run in place of those between its two marks; RangeError where it has none. */
export function withFigures(readme: string, summary: Summary, image: string): string {
  const [from, until] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || until < from) throw new RangeError(`the text has no figures between ${begin} and ${end}`);
  return `${readme.slice(0, from)}${begin}\n\n${figuresOf(summary, image)}\n\n${readme.slice(until)}`;
}

/** Peaks and round trips, what they say, and where they are from. */
function figuresOf(summary: Summary, image: string): string {
  const { host, scenario } = summary;
  const shown = figureTables(summary, 'brief').filter(({ title }) => /^(Throughput|Round-trip)/.test(title));
  const [peaks, ...others] = shown.map(renderTable);
  return [
    ...(peaks ? [peaks] : []),
    `![Throughput by frame size](${image})`,
    ...others,
    findings(summary)
      .map((sentence) => `- ${escaped(sentence)}`)
      .join('\n'),
    [
      `Scenario ${scenario.name}, ${upTo(summary)}${scenario.repeats} repeats of ${scenario.durationNs / 1e9} s.`,
      escaped(mergedLine(summary)),
      `Host: ${escaped(hostLine(host))}.`,
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
  ].join('\n\n');
}
