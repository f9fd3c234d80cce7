/** A run of characters of one style. `colour`: 0 to 15 as in SGR, null for the terminal's own. */
export interface Span {
  text: string;
  colour: number | null;
  bold: boolean;
  faint: boolean;
}

type Style = Omit<Span, 'text'>;
type Cell = Style & { char: string };

const plain: Style = { colour: null, bold: false, faint: false };

/**
 * The lines that a terminal shows after it was sent `text`, without blank ones at the end. Heard are line feeds, carriage
 * returns, colours, and what clears a line or moves in it; other sequences change nothing.
 */
export function screenOf(text: string): Span[][] {
  const rows: Cell[][] = [[]];
  let [row, column, style] = [0, 0, plain];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: sequences begin with one.
  for (const [part, parameters, command] of text.matchAll(/\u001b\[([\d;?]*)([A-Za-z])|./gsu)) {
    const line = rows[row] as Cell[];
    if (command === 'm') style = restyled(style, (parameters ?? '').split(';').map(Number));
    else if (command === 'G') column = Number(parameters || 1) - 1;
    else if (command === 'A') row = Math.max(0, row - Number(parameters || 1));
    else if (command === 'K') line.splice(parameters === '2' ? 0 : column);
    else if (command === 'J') {
      line.splice(column);
      rows.splice(row + 1);
    } else if (command !== undefined) continue;
    else if (part === '\r') column = 0;
    else if (part === '\n') {
      row++;
      rows[row] ??= [];
    } else if (part >= ' ') {
      while (line.length < column) line.push({ char: ' ', ...plain });
      line[column++] = { char: part, ...style };
    }
  }
  while (rows.at(-1)?.every(({ char }) => char === ' ')) rows.pop();
  return rows.map(spansOf);
}

function restyled(style: Style, codes: readonly number[]): Style {
  let { colour, bold, faint } = style;
  for (const code of codes) {
    if (code === 0) ({ colour, bold, faint } = plain);
    if (code === 1) bold = true;
    if (code === 2) faint = true;
    if (code === 22) [bold, faint] = [false, false];
    if (code >= 30 && code <= 37) colour = code - 30;
    if (code >= 90 && code <= 97) colour = code - 82;
    if (code === 39) colour = null;
  }
  return { colour, bold, faint };
}

function spansOf(cells: readonly Cell[]): Span[] {
  const spans: Span[] = [];
  for (const { char, ...style } of cells) {
    const last = spans.at(-1);
    const same = last && last.colour === style.colour && last.bold === style.bold && last.faint === style.faint;
    if (same) last.text += char;
    else spans.push({ text: char, ...style });
  }
  return spans;
}
