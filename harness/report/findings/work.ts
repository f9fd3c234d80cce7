import type { Crossing, Summary } from '../../../model/summary.js';
import { workBase, worthwhileRatio } from '../../../model/work.js';
import { describeSlice, workSlicesOf } from '../slice.js';
import { formatIn, formatPercent, microseconds, workText } from '../units.js';
import { crossingFormat, type WorkLine, workLinesOf, worthwhile } from '../work-lines.js';

/** From how much work on each implementation gives little more than the sockets: a sentence an implementation and place. */
export function workFindings(summary: Summary): string[] {
  return workSlicesOf(summary).flatMap((slice) => {
    const where = `${slice.packetBytes} bytes, ${slice.point}, ${describeSlice(slice)}`;
    const lines = workLinesOf(summary, slice).filter(({ points }) => points[0]?.cell.impl !== workBase);
    if (lines.length === 0) return [];
    const none = `no ratio to ${workBase}: it has no figure to quote at two amounts of work that another has, too.`;
    const told = lines.some(({ crossing }) => crossing !== null) ? lines.map(lineSentence) : [none];
    return told.map((text) => `${where}: ${text}`);
  });
}

function lineSentence(line: WorkLine): string {
  const { name, crossing } = line;
  if (crossing === null) return `${name} has no ratio to ${workBase} at two amounts of work.`;
  return `${crossingWords(line, crossing)}.${weaknessOf(crossing)}`;
}

function crossingWords({ name, points }: WorkLine, crossing: Crossing): string {
  const { atNs, lowNs, highNs } = crossing;
  const { percent } = worthwhile;
  const ratios = points.filter(({ ratio }) => ratio !== null);
  const [least, most] = [ratios.at(0)?.workNs ?? 0, ratios.at(-1)?.workNs ?? 0];
  const inUs = (ns: number) => `${formatIn(microseconds, ns)} µs`;
  const format = crossingFormat(crossing);
  if (atNs === null) {
    const unsure = doubtOf(lowNs !== null, lowNs === 0 ? 'at any of them' : `from ${inUs(lowNs ?? 0)} on`);
    const isAll = ratios.every(({ ratio }) => ratio !== null && ratio.median >= worthwhileRatio);
    return isAll
      ? `${name} gives more than ${percent} more than ${workBase} at all amounts of work asked (to ${workText(most)})${unsure}`
      : `${name} gives more than ${percent} more than ${workBase} at the most work asked (${workText(most)})${unsure}`;
  }
  if (atNs === 0) {
    const unsure = doubtOf(highNs !== 0, highNs === null ? 'at any amount' : `below ${inUs(highNs ?? 0)}`);
    return least === 0
      ? `${name} never gives ${percent} more than ${workBase}${unsure}`
      : `${name} gives less than ${percent} more than ${workBase} at all amounts of work asked (from ${workText(least)} on)${unsure}`;
  }
  const high = highNs === null ? `more than ${workText(most)}` : format(highNs);
  const low = lowNs === 0 && least > 0 ? `at most ${workText(least)}` : format(lowNs ?? atNs);
  const range = lowNs === atNs && highNs === atNs ? '' : ` (${low} to ${high})`;
  return `from ${format(atNs)} µs${range} of work on, ${name} gives less than ${percent} more than ${workBase}`;
}

function doubtOf(isUnsure: boolean, where: string): string {
  return isUnsure ? `, which is not certain ${where}` : '';
}

function weaknessOf({ confidence }: Crossing): string {
  if (confidence >= 0.95) return '';
  return confidence === 0
    ? ' Weak evidence: single runs.'
    : ` Weak evidence: an interval of ${formatPercent(confidence)}.`;
}
