import type { HistoryJudgement } from '../../../model/night.js';
import { metricUnit } from '../compare-runs.js';
import { escaped } from '../markdown.js';
import { formatIn } from '../units.js';
import { regressionCounts, spans } from './ages.js';
import { countsOf } from './nights.js';
import { outcomes } from './verdict.js';
import { formatChange, shortCommit, shortNames } from './words.js';
import { type Worst, worstOf } from './worst.js';

/** Addresses that the summary points at; null: not published. */
export interface Published {
  /** Of the picture of `worstChart`. A forge shows pictures by http alone, none that stand in the page. */
  chart: string | null;
  /** Of the trend page. */
  site: string | null;
}

/** How many figures stand in the table. */
const mostWorst = 6;

/** The newest night for the page of a job, as Markdown: verdict, its table, the worst figures, one chart. */
export function renderJobSummary(judgement: HistoryJudgement, { chart, site }: Published): string {
  const { nights, verdict, alerts } = judgement;
  const last = nights.at(-1);
  const { word } = outcomes[verdict.outcome];
  const worst = worstOf(judgement, mostWorst);
  const blocks = [
    `## ${last ? `${escaped(last.profile)}, ${last.startedAt.slice(0, 10)}` : 'Nights'}: ${word}`,
    ...verdict.text.map(lineOf),
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
          tableOf(['cell', 'figure', 'tonight', 'against before', 'nights until then'], worst.map(rowOf)),
          'Down is worse, of times and costs too; bold: an alert is open.',
        ]),
    ...(chart === null ? [] : [`![Worst figures over the last nights](<${chart}>)`]),
    ...(site === null ? [] : [`[All nights](<${site}>)`]),
  ];
  return `${blocks.join('\n\n')}\n`;
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
