import type { HistoryJudgement } from '../../../model/night.js';
import { implementationStyles } from '../charts/palette.js';
import { metricUnit } from '../compare-runs.js';
import { escaped } from '../markdown.js';
import { formatIn } from '../units.js';
import { regressionCounts, spans } from './ages.js';
import { countsOf } from './nights.js';
import { outcomes } from './verdict.js';
import { formatChange, shortCommit, shortNames } from './words.js';
import { type Worst, worstOf } from './worst.js';

/** A cell that was measured and has no figure to quote. */
export interface CellFault {
  cell: string;
  state: 'failed' | 'invalid';
  reason: string;
}

/** What the night itself says: whether all of its parts were done, sentences and commands, and cells that are worth nothing. */
export interface NightTold {
  parts: 'done' | 'failed';
  said: readonly string[];
  faults: readonly CellFault[];
}

/** How many figures stand in the table. */
const mostWorst = 6;

/** The newest night for the page of a job, as Markdown: what it says, what failed, the worst figures, one chart. */
export function renderJobSummary(judgement: HistoryJudgement, { parts, said, faults }: NightTold): string {
  const { nights, verdict, alerts } = judgement;
  const last = nights.at(-1);
  const word = parts === 'failed' ? 'Failed, a cell or a part of the night' : outcomes[verdict.outcome].word;
  const worst = worstOf(judgement, mostWorst);
  const blocks = [
    `## ${last ? `${escaped(last.profile)}, ${last.startedAt.slice(0, 10)}` : 'Nights'}: ${word}`,
    ...said.map(lineOf),
    ...(faults.length === 0 ? [] : [faultTable(faults)]),
    tableOf(
      ['', ''],
      [
        ...(last
          ? [
              [
                'night',
                `${escaped(last.runId)}, commit ${escaped(shortCommit(last.commit))}, machine ${escaped(last.machine)}`,
              ],
              ['cells with figures', withFigures(judgement)],
            ]
          : []),
        ['alerts open', String(alerts.filter(({ state }) => state === 'open').length)],
        [`regressions of ${spans.join(', ')} nights`, regressionCounts(judgement).join(', ')],
        ['suspicions', String(verdict.suspicions.length)],
        ['cells that lost their figure, new ones', `${verdict.vanished.length}, ${verdict.appeared.length}`],
      ],
    ),
    ...(worst.length === 0
      ? []
      : [
          '### Worst cells of the night',
          ...worst.slice(0, 1).flatMap(chartOf),
          tableOf(['cell', 'figure', 'tonight', 'against before', 'nights until then'], worst.map(rowOf)),
          'Down is worse, of times and costs too; bold: an alert is open.',
        ]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Cells that failed or are invalid, and why. */
export function faultTable(faults: readonly CellFault[]): string {
  return tableOf(
    ['cell', 'state', 'reason'],
    faults.map(({ cell, state, reason }) => [escaped(cell), state, escaped(reason)]),
  );
}

/** A chart of a figure's nights that GitHub draws of text; none of a single night. */
function chartOf({ cell, figure, shares }: Worst): string[] {
  const known = shares.flatMap((share) => (share === null ? [] : [Number((100 * share).toFixed(1))]));
  if (known.length < 2) return [];
  // What ends a string of Mermaid, or the block.
  const plain = (text: string) => text.replace(/["`\s]+/g, ' ');
  // At least so much, so that noise stays small.
  const [least, most] = [Math.min(...known, 96) - 1, Math.max(...known, 104) + 1].map(Math.round);
  return [
    [
      '```mermaid',
      // The colour of its own is hardly seen on white.
      `%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "${implementationStyles[cell.impl].colour}"}}}}%%`,
      'xychart-beta',
      `  title "${plain(`${cell.cell}, ${shortNames[figure.metric]}`)}"`,
      `  x-axis "nights that have it, the newest last" 1 --> ${known.length}`,
      `  y-axis "% of what it was" ${least} --> ${most}`,
      `  line [${known.join(', ')}]`,
      '```',
    ].join('\n'),
  ];
}

function withFigures({ nights }: HistoryJudgement): string {
  const last = nights.at(-1);
  if (!last) return '0';
  const { measured, withFigure } = countsOf(last);
  return `${withFigure} of ${measured}`;
}

/** A sentence; a command that it ends with as code. */
function lineOf(line: string): string {
  const [, sentence = line, command] = /^(.*?)((?:npm run|git log) .*)$/s.exec(line) ?? [];
  const code = command === undefined ? [] : [`\`\`\`sh\n${command.replaceAll('\n', ' ')}\n\`\`\``];
  return [...(sentence.trim() === '' ? [] : [escaped(sentence.trim())]), ...code].join('\n\n');
}

function rowOf({ cell, figure, shares, change }: Worst): string[] {
  const unit = metricUnit(figure.metric);
  const last = shares.at(-1) ?? null;
  const changed = last === null ? '–' : formatChange(last);
  return [
    escaped(cell.cell),
    shortNames[figure.metric],
    `${figure.bound === 'lower' ? '≥' : ''}${formatIn(unit, figure.level)} ${unit.label}`,
    change === null ? changed : `**${changed}**`,
    sparkline(shares),
  ];
}

const blocks = '▁▂▃▄▅▆▇█';

/** A line of letters: the least of the shares is the lowest, and a space is a night without. */
export function sparkline(shares: readonly (number | null)[]): string {
  const known = shares.filter((share) => share !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const height = (share: number) =>
    most > least ? Math.round(((share - least) / (most - least)) * (blocks.length - 1)) : 3;
  return shares.map((share) => (share === null ? '\u2002' : blocks[height(share)])).join('');
}

function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => ':--')), ...rows.map(line)].join('\n');
}
