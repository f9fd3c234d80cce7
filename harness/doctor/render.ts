import { count, wrap } from '../../common/cli/text.js';
import { type Finding, type Level, levels } from './finding.js';

export interface RenderOptions {
  /** Columns; no line is longer, except for a word that is. */
  width: number;
  /** `ansi` only where the output is a terminal. */
  colour: 'plain' | 'ansi';
}

const headings: Readonly<Record<Level, string>> = {
  'cannot-run': 'Cannot run',
  'not-trusted': 'Figures not to be trusted',
  'could-be-better': 'Could be better',
  'not-told': 'Not told here',
  fine: 'Fine',
};

/** SGR parameters: a colour stands beside its word, never for it. */
const colours: Readonly<Record<Level, string>> = {
  'cannot-run': '1;31',
  'not-trusted': '1;33',
  'could-be-better': '1;36',
  'not-told': '1',
  fine: '1;32',
};

/** All findings, what is worst first; ends with a line break. */
export function renderFindings(findings: readonly Finding[], options: RenderOptions): string {
  const column = Math.max(...findings.map(({ id }) => id.length)) + 4;
  const blocks = levels.flatMap((level) => {
    const own = findings.filter((finding) => finding.level === level);
    if (own.length === 0) return [];
    const heading = paint(`${headings[level]} (${own.length})`, colours[level], options.colour);
    return [[heading, ...own.flatMap((finding) => linesOf(finding, column, options))].join('\n')];
  });
  return `${[...blocks, conclusion(findings)].join('\n\n')}\n`;
}

function linesOf(
  { id, level, state, why, remedy }: Finding,
  column: number,
  { width, colour }: RenderOptions,
): string[] {
  const margin = ' '.repeat(column);
  const [first = '', ...rest] = wrap(state, width - column).map((line) => line);
  const name = `  ${paint(id, '1', colour)}${' '.repeat(column - id.length - 2)}`;
  const lines = [`${name}${first}`, ...rest.map((line) => `${margin}${line}`)];
  // What is in order needs no reason.
  if (level === 'fine' || level === 'not-told') return lines;
  lines.push(...wrap(why, width - column).map((line) => `${margin}${paint(line, '2', colour)}`));
  if (remedy !== null) lines.push(...wrap(`→ ${remedy}`, width - column, '  ').map((line) => `${margin}${line}`));
  return lines;
}

function conclusion(findings: readonly Finding[]): string {
  const number = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const [cannot, distrusted, better] = [number('cannot-run'), number('not-trusted'), number('could-be-better')];
  if (cannot + distrusted + better === 0) return 'Nothing to mend.';
  const parts = [
    ...(cannot > 0 ? [`${count(cannot, 'thing')} cannot run`] : []),
    ...(distrusted > 0 ? [`${count(distrusted, 'reason')} not to trust figures`] : []),
    ...(better > 0 ? [`${count(better, 'thing')} could be better`] : []),
  ];
  return `${parts.join(', ')}.`;
}

function paint(text: string, parameters: string, colour: RenderOptions['colour']): string {
  return colour === 'ansi' ? `\x1b[${parameters}m${text}\x1b[0m` : text;
}
