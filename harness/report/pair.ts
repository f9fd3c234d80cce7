import { join } from 'node:path';
import { count } from '../../common/cli/text.js';
import { formatLoad } from '../../model/cell.js';
import type { GateVerdict, PairComparison, PairSummary } from '../../model/pair.js';
import {
  boundNote,
  figureCell,
  formatP,
  formatRange,
  formatThree,
  metricName,
  metricUnit,
  textTable,
  unclearNote,
} from './compare-runs.js';
import { hostLine } from './host.js';
import { escaped, renderTable } from './markdown.js';
import { place } from './place.js';
import { type Table, textCell } from './table.js';
import { formatPercent } from './units.js';

/** Sentences that stand before the tables: the machine, and what took turns. */
export function pairIntro({ host, runId, question, metric }: PairSummary): string[] {
  const [first, second] = question.candidates;
  const phases = `${question.durationNs / 1e9} s measured after ${question.warmupNs / 1e9} s of warm-up`;
  const programs = question.candidates.flatMap((one) =>
    one.kind === 'program' ? [`${one.name} is a program: ${one.program.command}`] : [],
  );
  const builds = question.candidates.flatMap((one) =>
    one.kind === 'implementation' && one.build !== null
      ? [`${one.name} is built from commit ${one.build.commit.slice(0, 12)}, ${one.build.subject}`]
      : [],
  );
  return [
    `Host: ${hostLine(host)}.`,
    `Run ${runId}: ${first.name} and ${second.name} take turns, load ${formatLoad(question.load)}, ${phases}.`,
    ...programs,
    ...builds,
    ...(metric === 'p50' ? ['Figures are times: a ratio above 1 means that the first takes longer.'] : []),
  ];
}

/** What a gate has to say of a comparison; null where nothing is worse. */
export function verdictLine(
  summary: Pick<PairSummary, 'metric' | 'question'>,
  comparison: PairComparison,
  judged: GateVerdict,
): string | null {
  const { shift } = comparison;
  const at = placeOf(comparison);
  if (judged.verdict === 'untold') return `${at}: cannot be told: ${judged.reason}`;
  if (shift === null || judged.verdict === 'unchanged' || judged.verdict === 'improvement') return null;
  const text = shiftText(summary, comparison);
  if (judged.verdict === 'regression') return `${at}: regression: ${text}`;
  const remedy = 'more --turns, or a quieter machine';
  return `${at}: unstable: ${text}; chance alone makes ${formatPercent(shift.noise)} (${remedy})`;
}

/** How the second candidate differs from the first: `Peak of B is 0.900 (0.893–0.907) of that of A in 12 turns`. */
export function shiftText(
  { metric, question: { candidates } }: Pick<PairSummary, 'metric' | 'question'>,
  { shift, turns }: PairComparison,
): string {
  const [first, second] = candidates;
  const ratio = shift === null ? 'unknown' : `${formatThree(shift.ratio)} (${formatRange(shift)})`;
  return `${metricName(metric)} of ${second.name} is ${ratio} of that of ${first.name} in ${count(turns, 'turn')}`;
}

/** The comparison by frame size, the controls, and the turns that are missing. */
export function pairTables(summary: PairSummary): Table[] {
  const { question, comparisons, controls } = summary;
  const [first, second] = question.candidates;
  const missing = [...comparisons, ...controls].flatMap((comparison) =>
    comparison.objections.map(({ reason, turns }) =>
      [placeOf(comparison), String(turns), reason].map((text) => textCell(text)),
    ),
  );
  const tables = [
    {
      ...ratioTable('turns', summary, comparisons, [first.name, second.name]),
      notes: [...notesOf(comparisons, question.sizes.length), ...alarmNote(summary)],
    },
    {
      ...ratioTable('controls', summary, controls, [first.name, `${first.name} again`]),
      notes: ['p is not corrected here: the controls are counted.'],
    },
    textTable('missing-turns', 'Turns without both figures', ['comparison', 'turns', 'reason'], missing),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

function placeOf({ packetBytes, control }: PairComparison): string {
  return control === null ? `${packetBytes} bytes` : `control ${control + 1}`;
}

function ratioTable(
  name: string,
  { metric }: PairSummary,
  comparisons: readonly PairComparison[],
  [first, second]: [string, string],
): Omit<Table, 'notes'> {
  const unit = metricUnit(metric);
  const rows = comparisons.map((comparison) => {
    const { figures, ratio, holmP, turns, outcome } = comparison;
    if (figures === null || ratio === null)
      return [placeOf(comparison), '–', '–', '–', '–', '–', '0', ''].map(textCell);
    const tested = [formatThree(ratio.median), formatRange(ratio), formatP(holmP), String(turns)];
    return [
      textCell(placeOf(comparison)),
      figureCell(unit, figures[0]),
      figureCell(unit, figures[1]),
      ...tested.map(textCell),
      textCell(outcome === 'unclear' ? '~' : ''),
    ];
  });
  const headings = [first, second, 'first/second', 'low–high', 'p', 'turns', ''];
  return {
    name,
    title: `${first} against ${second}: ${metricName(metric)} in ${unit.label}`,
    columns: [
      { heading: 'frames', align: 'left' },
      ...headings.map((heading) => ({ heading, align: 'right' as const })),
    ],
    rows,
    content: 'figures',
  };
}

function notesOf(comparisons: readonly PairComparison[], sizes: number): string[] {
  const confidences = comparisons.flatMap(({ ratio }) => (ratio ? [ratio.confidence] : []));
  if (confidences.length === 0) return [];
  const ends = [...new Set([Math.min(...confidences), Math.max(...confidences)].map(formatPercent))].join(' to ');
  const few = comparisons.filter(({ turns }) => turns > 0 && (2 * sizes) / 2 ** turns > 0.05);
  const needed = Math.ceil(Math.log2((2 * sizes) / 0.05));
  const bounded = comparisons.some(({ figures }) => figures?.some(({ kind }) => kind === 'lower bound'));
  return [
    `Ratio within each turn, the median; its order-statistic interval covers the true ratio with a probability of ${ends}.`,
    `p: signed-rank test, corrected for ${count(sizes, 'frame size')} (Holm). ${unclearNote(bounded)}`,
    ...(few.length > 0 ? [`Too few turns to tell: from ${needed} turns on a difference can be told.`] : []),
    ...(bounded ? [boundNote] : []),
  ];
}

function alarmNote({ falseAlarms, question }: PairSummary): string[] {
  if (falseAlarms === null) return [];
  const { comparisons, alarms, low, high } = falseAlarms;
  const [share, least, most] = [alarms / comparisons, low, high].map(formatPercent);
  const which = `comparisons of ${question.candidates[0].name} with itself`;
  return [
    `False alarms: ${alarms} of ${comparisons} ${which} saw a difference, ${share} (95 % interval ${least} to ${most}).`,
  ];
}

/** A comparison by turns as Markdown. */
export function renderPairMarkdown(summary: PairSummary): string {
  return renderDocument('Comparison by turns', pairIntro(summary), pairTables(summary));
}

/** Sentences and tables as a page of Markdown. */
export function renderDocument(title: string, sentences: readonly string[], tables: readonly Table[]): string {
  const blocks = [`# invoker-bench: ${title}`, sentences.map((sentence) => `- ${escaped(sentence)}`).join('\n')];
  return `${[...blocks, ...tables.map(renderTable)].join('\n\n')}\n`;
}

/** Writes summary.json and report.md into the folder of the records, each whole or not at all. */
export async function writePairReport(folder: string, summary: PairSummary): Promise<void> {
  await place(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  await place(join(folder, 'report.md'), renderPairMarkdown(summary));
}
