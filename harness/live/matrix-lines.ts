import { count } from '../../common/cli/text.js';
import type { LiveState } from './live-run.js';
import { type CellState, cellMarks, type Matrix } from './matrix.js';
import type { Line, Style } from './styled.js';

/** Sizes of one load and matrix point, side by side: `cells` of each row of the matrix. */
interface Group {
  load: string;
  point: string;
  sizes: number[];
  cells: string[];
}

/** What stands side by side: of each load its groups. */
type Block = { load: string; groups: Group[] }[];

const styles: Record<CellState, Style> = {
  waiting: 'faint',
  running: 'now',
  partly: 'good',
  done: 'good',
  invalid: 'bad',
  failed: 'bad',
  skipped: 'faint',
};
const styleOfMark = new Map(Object.entries(cellMarks).map(([state, { mark }]) => [mark, styles[state as CellState]]));
const [loadGap, groupGap, nameGap] = ['   ', ' ', '  '];
/** Of the lines, that its names may take. */
const nameShare = 1 / 3;

/**
 * The matrix and a legend with how many cells are in which state, in at most so many lines and columns; where not all rows
 * have room, those around the cell under way. Empty where there is no room at all.
 */
export function matrixLines(
  { matrix, cells }: LiveState,
  { columns, rows }: { columns: number; rows: number },
): Line[] {
  const legend = legendLines(cells, columns);
  const longest = Math.max(0, ...matrix.rows.map(({ name }) => name.length));
  const nameWidth = Math.min(longest, Math.max(1, Math.floor(columns * nameShare)));
  const blocks = blocksOf(matrix, Math.max(1, columns - nameWidth - nameGap.length));
  const draw = (block: Block, shown: readonly number[]) => blockLines(block, matrix, shown, nameWidth);
  const everyRow = [...matrix.rows.keys()];
  const all = blocks.flatMap((block, index) => [...(index === 0 ? [] : [[]]), ...draw(block, everyRow)]);
  if (all.length + legend.length <= rows) return [...all, ...legend];

  const { block, row } = place(blocks);
  const room = rows - legend.length - headerLines - 1;
  if (block === undefined || room < 1) return legend.slice(0, Math.max(0, rows));
  const first = Math.min(Math.max(0, row - Math.floor(room / 2)), Math.max(0, everyRow.length - room));
  const shown = everyRow.slice(first, first + room);
  const hidden = blocks.length * everyRow.length - shown.length;
  const more: Line = [{ text: `… ${count(hidden, 'more row')}`, style: 'faint' }];
  return [...draw(block, shown), ...(hidden === 0 ? [] : [more]), ...legend];
}

const headerLines = 2;

/** Where the cell under way is; at the begin where there is none. */
function place(blocks: readonly Block[]): { block: Block | undefined; row: number } {
  for (const block of blocks)
    for (const { cells } of block.flatMap(({ groups }) => groups)) {
      const row = cells.findIndex((marks) => marks.includes(cellMarks.running.mark));
      if (row !== -1) return { block, row };
    }
  return { block: blocks[0], row: 0 };
}

/** As many groups side by side as fit; one with more sizes than that is cut in several. */
function blocksOf({ groups, rows }: Matrix, width: number): Block[] {
  const pieces = groups.flatMap(({ load, point, sizes }, index) =>
    Array.from({ length: Math.ceil(sizes.length / width) }, (_, piece): Group => {
      const cells = rows.map((row) => row.cells[index]?.slice(piece * width, (piece + 1) * width) ?? '');
      return { load, point, sizes: sizes.slice(piece * width, (piece + 1) * width), cells };
    }),
  );
  const blocks: Block[] = [];
  for (const group of pieces) {
    const longer = withGroup(blocks.at(-1) ?? [], group);
    if (blocks.length > 0 && blockWidth(longer) <= width) blocks[blocks.length - 1] = longer;
    else blocks.push(withGroup([], group));
  }
  return blocks;
}

function withGroup(block: Block, group: Group): Block {
  const last = block.at(-1);
  if (last?.load !== group.load) return [...block, { load: group.load, groups: [group] }];
  return [...block.slice(0, -1), { load: last.load, groups: [...last.groups, group] }];
}

function blockWidth(block: Block): number {
  return block.reduce((sum, part) => sum + partWidth(part), 0) + loadGap.length * (block.length - 1);
}

function partWidth({ load, groups }: Block[number]): number {
  const width = groups.reduce((sum, group) => sum + groupWidth(group), 0) + groupGap.length * (groups.length - 1);
  return Math.max(load.length, width);
}

/** With its frame sizes where they have room. */
function loadOf(part: Block[number]): string {
  const sizes = part.groups.flatMap((group) => group.sizes);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const whole = `${part.load} ${least === most ? least : `${least}–${most}`}`;
  return whole.length <= partWidth(part) ? whole : part.load;
}

function groupWidth({ point, cells }: Group): number {
  return Math.max(point.length, ...cells.map((marks) => marks.length));
}

function blockLines(block: Block, { rows }: Matrix, shown: readonly number[], nameWidth: number): Line[] {
  const blank = ' '.repeat(nameWidth + nameGap.length);
  const across = (textOf: (part: Block[number]) => string) =>
    block.map((part) => textOf(part).padEnd(partWidth(part))).join(loadGap);
  const beside = (textOf: (group: Group) => string) => (part: Block[number]) =>
    part.groups.map((group) => textOf(group).padEnd(groupWidth(group))).join(groupGap);
  return [
    [{ text: blank + across(loadOf), style: 'strong' }],
    [{ text: blank + across(beside(({ point }) => point)), style: 'faint' }],
    ...shown.map((row): Line => {
      const { name } = rows[row] as Matrix['rows'][number];
      const short = name.length > nameWidth ? `${name.slice(0, nameWidth - 1)}…` : name.padEnd(nameWidth);
      return [{ text: short + nameGap, style: 'plain' }, ...marked(across(beside(({ cells }) => cells[row] ?? '')))];
    }),
  ];
}

/** Marks of one style after the other in a piece each. */
function marked(marks: string): Line {
  const line: Line = [];
  for (const mark of marks.trimEnd()) {
    const style = styleOfMark.get(mark) ?? 'plain';
    const last = line.at(-1);
    if (last?.style === style) last.text += mark;
    else line.push({ text: mark, style });
  }
  return line;
}

/** Of the states that there are; begun anew where a line is full. */
function legendLines(cells: LiveState['cells'], columns: number): Line[] {
  const lines: Line[] = [];
  let width = 0;
  for (const [state, { mark, meaning }] of Object.entries(cellMarks)) {
    const number = cells[state as CellState];
    if (number === 0) continue;
    const text = ` ${number} ${meaning}`;
    const gap = width === 0 ? '' : '  ';
    if (width === 0 || width + gap.length + mark.length + text.length > columns) {
      lines.push([]);
      width = 0;
    }
    const line = lines.at(-1) as Line;
    if (width > 0) line.push({ text: gap, style: 'plain' });
    line.push({ text: mark, style: styles[state as CellState] }, { text, style: 'faint' });
    width += (width > 0 ? gap.length : 0) + mark.length + text.length;
  }
  return lines;
}
