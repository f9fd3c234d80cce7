import { describe, expect, it } from 'vitest';
import { openDisplay } from '../../../harness/live/display.js';
import { TerminalView } from '../../../harness/live/terminal-view.js';
import { FakeLive, planOf50 } from '../../fakes/live.js';
import { fakeCompleted, fakeFailed } from '../../fakes/runs.js';
import { Captured } from '../../fakes/streams.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal obeys
const sequences = /\u001b\[([\d;]*[A-Za-z])|[\s\S]/gu;

/** What a terminal shows of these characters, and where its cursor is; it knows what a view asks for and nothing else. */
function screenOf(text: string, columns = 100): { lines: string[]; row: number; column: number } {
  const lines: string[] = [''];
  let [row, column] = [0, 0];
  for (const [part, code] of text.matchAll(sequences)) {
    const number = Number.parseInt(code ?? '', 10);
    if (code === undefined && part === '\n') {
      row++;
      column = 0;
    } else if (code === undefined) {
      const line = (lines[row] ?? '').padEnd(column);
      lines[row] = line.slice(0, column) + part + line.slice(column + 1);
      column++;
      if (column >= columns) throw new Error(`a line of ${columns} characters would wrap`);
    } else if (code.endsWith('A')) row = Math.max(0, row - number);
    else if (code.endsWith('G')) column = number - 1;
    else if (code === '1;1H') [row, column] = [0, 0];
    else if (code.endsWith('J')) lines.splice(row, Infinity, (lines[row] ?? '').slice(0, column));
    else if (!code.endsWith('m')) throw new Error(`an unknown sequence: ${code}`);
    while (lines.length <= row) lines.push('');
  }
  return { lines, row, column };
}

const plan = planOf50();
const [cell, other] = plan.map(({ cell }) => cell);
if (!cell || !other) throw new Error('a plan without cells');

const displayed = (environment = {}) => {
  const output = new Captured('terminal');
  let nowNs = 0;
  const how = { output, kind: 'full' as const, environment, onlooker: null };
  const display = openDisplay(how, { name: 'quick', repeats: 1 }, plan, () => nowNs++);
  display.observe({ type: 'began', cell, repeat: 0 });
  display.observe({ type: 'ended', run: fakeFailed(cell, 'CHILD_ENDED', 'gone: \u001b[2Jboom\u0007') });
  display.observe({ type: 'began', cell: other, repeat: 0 });
  return { output, display };
};
const line = `${cell.id}: failed: gone: \\u001b[2Jboom\\u0007`;

describe('a view on a terminal', () => {
  it('stands below the lines that are printed, once', () => {
    const { output } = displayed();
    const { lines } = screenOf(output.text);
    expect(lines[0]).toBe(line);
    expect(lines[1]).toMatch(/^█?░+ /);
    expect(lines.filter((shown) => shown.includes(' runs, '))).toHaveLength(1);
  });

  it('leaves only them when it ends, and the cursor below', () => {
    const { output, display } = displayed();
    display.observe({ type: 'ended', run: fakeCompleted(other, 100) });
    display.end('finished');
    expect(screenOf(output.text)).toEqual({ lines: [line, ''], row: 1, column: 0 });
  });

  it('is drawn anew when the terminal changes its size', () => {
    const fake = new FakeLive(plan);
    const output = Object.assign(new Captured('terminal'), { columns: 100, rows: 24 });
    const view = new TerminalView(output, () => fake.live.state(), 'plain');
    Object.assign(output, { columns: 40 });
    output.text = '';
    output.emit('resize');
    const { lines } = screenOf(output.text, 40);
    expect(lines[0]).toMatch(/^░+/);
    view.end();
    output.text = '';
    output.emit('resize');
    expect(output.text).toBe('');
  });

  it('has no colours with NO_COLOR', () => {
    const colours = '\u001b[2m';
    expect(displayed({ NO_COLOR: '1' }).output.text).not.toContain(colours);
    expect(displayed().output.text).toContain(colours);
  });
});

it.each([
  ['CI=true', { CI: 'true' }],
  ['TERM=dumb', { TERM: 'dumb' }],
])('with %s a terminal gets plain lines', (_, environment) => {
  const { output, display } = displayed(environment);
  display.end('finished');
  expect(output.text).toBe(`[1/50] ${line}\n`);
});
