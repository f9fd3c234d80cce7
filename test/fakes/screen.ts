// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal obeys
const sequences = /\u001b\[([\d;]*[A-Za-z])|[\s\S]/gu;

/** What a terminal shows of these characters, and where its cursor is; it knows what a view asks for and nothing else. */
export function screenOf(text: string, columns: number): { lines: string[]; row: number; column: number } {
  const lines: string[] = [''];
  let [row, column] = [0, 0];
  for (const [part, code] of text.matchAll(sequences)) {
    const number = Number.parseInt(code ?? '', 10);
    if (code === undefined && part === '\r') column = 0;
    else if (code === undefined && part === '\n') {
      row++;
      column = 0;
    } else if (code === undefined) {
      const line = (lines[row] ?? '').padEnd(column);
      lines[row] = line.slice(0, column) + part + line.slice(column + 1);
      column++;
    } else if (code.endsWith('A')) row = Math.max(0, row - number);
    else if (code.endsWith('G')) column = number - 1;
    else if (code.endsWith('J')) lines.splice(row, Number.POSITIVE_INFINITY, (lines[row] ?? '').slice(0, column));
    else if (!code.endsWith('m')) throw new Error(`an unknown sequence: ${code}`);
    if (column > columns) {
      row++;
      column = 0;
    }
    while (lines.length <= row) lines.push('');
  }
  return { lines, row, column };
}
