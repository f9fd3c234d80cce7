import { describe, expect, it } from 'vitest';
import { openDisplay } from '../../../harness/live/display.js';
import { TerminalView } from '../../../harness/live/terminal-view.js';
import { FakeLive, planOf50 } from '../../fakes/live.js';
import { fakeCompleted, fakeFailed } from '../../fakes/runs.js';
import { screenOf } from '../../fakes/screen.js';
import { Captured } from '../../fakes/streams.js';

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
    const { lines } = screenOf(output.text, 100);
    expect(lines[0]).toBe(line);
    expect(lines[1]).toMatch(/^█?░+ /);
    expect(lines.filter((shown) => shown.includes(' runs, '))).toHaveLength(1);
  });

  it('leaves only them when it ends, and the cursor below', () => {
    const { output, display } = displayed();
    display.observe({ type: 'ended', run: fakeCompleted(other, 100) });
    display.end('finished');
    expect(screenOf(output.text, 100)).toEqual({ lines: [line, ''], row: 1, column: 0 });
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
