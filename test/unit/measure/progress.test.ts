import { describe, expect, it } from 'vitest';
import { startProgress } from '../../../harness/measure/progress.js';
import { ceilingQuestions } from '../../../harness/plan/ceilings.js';
import type { PlannedCell } from '../../../model/cell.js';
import type { Run } from '../../../model/record.js';
import { fakeCompleted, fakeFailed, fakeLedger, fakeRunCell, fakeSkipped, fakeWindow } from '../../fakes/runs.js';
import { Captured } from '../../fakes/streams.js';

const cell = fakeRunCell('dgram', { kind: 'saturate' });
const other = fakeRunCell('afxdp', { kind: 'saturate' });
const plan: PlannedCell[] = [
  { state: 'runnable', cell },
  { state: 'skipped', cell: other, reason: 'no XDP' },
];
const windows = [fakeWindow('measure', 100, 100, { endNs: 1e9 + 3e9 })];

/** What is shown of runs that take 10 s each. */
function show(kind: 'file' | 'terminal', runs: Run[], how: 'full' | 'quiet' = 'full') {
  const output = new Captured(kind);
  let nowNs = 0;
  const progress = startProgress(how, output, plan, 3, () => nowNs);
  for (const run of runs) {
    progress.began({ cellId: run.cell.id, repeat: run.repeat });
    nowNs += 10e9;
    progress.ended(run);
  }
  progress.stop();
  return output;
}

const wrong = fakeCompleted(cell, 62_400, { ledger: fakeLedger(62_400, { wrong: 3 }) });

describe('into a file', () => {
  it('is a plain line a run', () => {
    const output = show('file', [
      fakeSkipped(other, 'no XDP'),
      fakeCompleted(cell, 62_400),
      fakeFailed(cell, 'PROBE', 'no answer'),
      fakeCompleted(cell, 100, { windows }),
    ]);
    expect(output.text).toBe(
      [
        'afxdp-1T1Q-200-reverse-saturate: skipped: no XDP\n',
        '[1/3] dgram-1T1Q-200-reverse-saturate: 62400 replies/s\n',
        '[2/3] dgram-1T1Q-200-reverse-saturate: failed: no answer\n',
        '[3/3] dgram-1T1Q-200-reverse-saturate: 33 replies/s\n',
      ].join(''),
    );
  });

  it('shows no figure of an invalid run without the objection', () => {
    expect(show('file', [wrong]).text).toBe(
      '[1/3] dgram-1T1Q-200-reverse-saturate: invalid: 3 wrong replies; 62400 replies/s\n',
    );
  });

  it('says when nothing was measured', () => {
    expect(show('file', [fakeCompleted(cell, 1, { windows: [] })]).text).toMatch(
      /: invalid: the measure phase is missing; nothing measured\n$/,
    );
  });

  it('says nothing where nothing ran', () => expect(show('file', []).text).toBe(''));

  it('names an engine whose ceiling cannot be measured', () => {
    const output = new Captured();
    const progress = startProgress('full', output, plan, 3, () => 0);
    const [question] = ceilingQuestions(plan);
    if (!question) throw new Error('the plan needs no ceiling');
    progress.calibrating(question);
    progress.calibrated(question, new Error('no live frames'));
    expect(output.lines).toEqual([
      'What the generator can send: 1 measurement of about a second.',
      'live at 200 bytes cannot be measured: no live frames',
    ]);
  });
});

it.each(['file', 'terminal'] as const)('quiet on a %s is a line of what is not valid', (kind) => {
  const runs = [fakeSkipped(other, 'no XDP'), fakeCompleted(cell, 100), wrong];
  expect(show(kind, runs, 'quiet').text).toBe(`${cell.id}: invalid: 3 wrong replies; 62400 replies/s\n`);
});

describe('on a terminal', () => {
  /** What stands on the screen at the end: a line that was cleared is gone. */
  const remaining = (text: string) =>
    text
      .split('\n')
      .map((line) => line.split('\r\u001b[2K').at(-1))
      .join('\n');

  it('is a bar that counts the runs and names the cell', () => {
    const { text } = show('terminal', [fakeSkipped(other, 'no XDP'), fakeCompleted(cell, 100)]);
    expect(text).toContain('0/3 runs');
    expect(text).toContain('1/3 runs');
    expect(text).toContain(cell.id);
    expect(text).toContain('░'.repeat(24));
  });

  it('tells the time left by what the runs took', () => {
    const { text } = show('terminal', [fakeCompleted(cell, 100), fakeCompleted(cell, 100)]);
    // The ceilings of the plan, longer than expected by as much as the runs were, are still to come.
    expect(text).toMatch(/█+░+ 1\/3 runs, 2\d s left {2}dgram/);
    expect(text).toMatch(/█+░+ 2\/3 runs, 1\d s left {2}dgram/);
  });

  it('clears itself and leaves nothing of a run that is sound', () => {
    expect(remaining(show('terminal', [fakeCompleted(cell, 100)]).text)).toBe('');
  });

  it('leaves a line of what is not valid', () => {
    const runs = [wrong, fakeFailed(cell, 'PROBE', 'no answer'), fakeCompleted(cell, 100)];
    expect(remaining(show('terminal', runs).text)).toBe(
      `${cell.id}: invalid: 3 wrong replies; 62400 replies/s\n${cell.id}: failed: no answer\n`,
    );
  });

  it('shows the control characters of a message and does not obey them', () => {
    const { text } = show('terminal', [fakeFailed(cell, 'CHILD_ENDED', 'gone: \u001b[2Jboom\u0007')]);
    expect(remaining(text)).toBe(`${cell.id}: failed: gone: \\u001b[2Jboom\\u0007\n`);
  });

  it('never wraps', () => {
    const long = { ...cell, id: 'x'.repeat(200) };
    const output = new Captured('terminal');
    startProgress('full', output, [{ state: 'runnable', cell: long }], 3, () => 0).began({
      cellId: long.id,
      repeat: 0,
    });
    const drawn = output.text.split('\r\u001b[2K').map((line) => line.length);
    expect(Math.max(...drawn)).toBe(output.columns - 1);
  });

  it('of a plan without a runnable cell does not divide by zero', () => {
    const output = new Captured('terminal');
    const progress = startProgress('full', output, [{ state: 'skipped', cell: other, reason: 'no XDP' }], 3, () => 0);
    progress.ended(fakeSkipped(other, 'no XDP'));
    progress.stop();
    expect(output.text).not.toMatch(/NaN|Infinity/);
  });
});
