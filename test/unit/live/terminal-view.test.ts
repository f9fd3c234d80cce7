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

  it.each([
    ['cuts lines', (lines: string[]) => lines.map((shown) => shown.slice(0, 40))],
    ['wraps them anew', (lines: string[]) => lines.flatMap((shown) => shown.match(/.{1,40}/g) ?? [''])],
  ])('is drawn anew below what stands above it when the terminal gets narrower and %s', (_, reshaped) => {
    const fake = new FakeLive(plan);
    const output = Object.assign(new Captured('terminal'), { columns: 100, rows: 24 });
    const view = new TerminalView(output, () => fake.live.state(), 'plain');
    for (const text of ['one', 'two']) view.print(text);
    const before = reshaped(screenOf(output.text, 100).lines).join('\n');
    Object.assign(output, { columns: 40 });
    output.text = '';
    output.emit('resize');
    const { lines } = screenOf(before + output.text, 40);
    expect(lines.slice(0, 2)).toEqual(['one', 'two']);
    const frame = lines.findLastIndex((shown) => /^░+/.test(shown));
    expect(frame).toBeGreaterThan(1);
    expect(lines.slice(frame).every((shown) => shown.length < 40)).toBe(true);
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
  ['CI=1', { CI: '1' }],
  ['TERM=dumb', { TERM: 'dumb' }],
])('with %s a terminal gets plain lines', (_, environment) => {
  const { output, display } = displayed(environment);
  display.end('finished');
  expect(output.text).toBe(`[1/50] ${line}\n`);
});

it('goes on where an event breaks what shows it, and says so once', () => {
  const output = new Captured();
  const display = openDisplay(
    { output, kind: 'full', environment: {}, onlooker: null },
    { name: 'quick', repeats: 1 },
    plan,
    () => 0,
  );
  const broken = { ...fakeCompleted(cell, 100), windows: null } as unknown as ReturnType<typeof fakeCompleted>;
  for (const run of [broken, broken, fakeFailed(other, 'CHILD_ENDED', 'gone')]) display.observe({ type: 'ended', run });
  const lines = output.text.trimEnd().split('\n');
  expect(lines.filter((shown) => shown.startsWith('invoker-bench: this event cannot be shown: '))).toHaveLength(1);
  expect(lines.at(-1)).toMatch(/failed: gone$/);
});
