import { count, wrap } from '../../common/cli/text.js';
import { type Finding, type Level, levels } from './finding.js';

export interface RenderOptions {
  /** Columns; no line is longer, except for a word that is, and what mends something. */
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
    // What is in order needs no reason.
    const lines = own.flatMap((finding) =>
      level === 'fine' || level === 'not-told' ? rowOf(finding, column, options) : paragraphOf(finding, options),
    );
    return [[heading, ...lines].join('\n')];
  });
  return `${[...blocks, conclusion(findings)].join('\n\n')}\n`;
}

/** Id and state side by side. */
function rowOf({ id, state }: Finding, column: number, { width, colour }: RenderOptions): string[] {
  const [first = '', ...rest] = wrap(state, width - column);
  const margin = ' '.repeat(column);
  return [
    `  ${paint(id, '1', colour)}${' '.repeat(column - id.length - 2)}${first}`,
    ...rest.map((line) => `${margin}${line}`),
  ];
}

/** State, reason and remedy one below the other: a command is copied from its line, and has all of it there. */
function paragraphOf({ id, state, why, remedy }: Finding, { width, colour }: RenderOptions): string[] {
  const margin = ' '.repeat(4);
  const [first = '', ...rest] = wrap(`${id}: ${state}`, width - 2, '  ');
  const reasons = wrap(why, width - margin.length).map((line) => `${margin}${paint(line, '2', colour)}`);
  return [
    `  ${paint(id, '1', colour)}${first.slice(id.length)}`,
    ...rest.map((line) => `  ${line}`),
    ...reasons,
    ...(remedy === null ? [] : [`${margin}→ ${remedy}`]),
  ];
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
