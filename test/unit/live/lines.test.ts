import { describe, expect, it } from 'vitest';
import { runLines, troubleLines } from '../../../harness/live/lines.js';
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
const wrong = fakeCompleted(cell, 62_400, { ledger: fakeLedger(62_400, { wrong: 3 }) });

/** What is printed of these runs. */
function show(runs: Run[], how: 'full' | 'quiet' = 'full'): string {
  const output = new Captured();
  const observe = how === 'full' ? runLines(output, plan, 3) : troubleLines(output, plan);
  for (const run of runs) {
    observe({ type: 'began', cell: run.cell, repeat: run.repeat });
    observe({ type: 'ended', run });
  }
  return output.text;
}

describe('a line a run', () => {
  it('says what came of it', () => {
    const runs = [
      fakeSkipped(other, 'no XDP'),
      fakeCompleted(cell, 62_400),
      fakeFailed(cell, 'PROBE', 'no answer'),
      fakeCompleted(cell, 100, { windows }),
    ];
    expect(show(runs)).toBe(
      [
        'afxdp-1T1Q-200-reverse-saturate: skipped: no XDP\n',
        '[1/3] dgram-1T1Q-200-reverse-saturate: 62400 replies/s\n',
        '[2/3] dgram-1T1Q-200-reverse-saturate: failed: no answer\n',
        '[3/3] dgram-1T1Q-200-reverse-saturate: 33 replies/s\n',
      ].join(''),
    );
  });

  it('shows no figure of an invalid run without the objection', () => {
    expect(show([wrong])).toBe('[1/3] dgram-1T1Q-200-reverse-saturate: invalid: 3 wrong replies; 62400 replies/s\n');
  });

  it('says when nothing was measured', () => {
    expect(show([fakeCompleted(cell, 1, { windows: [] })])).toMatch(
      /: invalid: the measure phase is missing; nothing measured\n$/,
    );
  });

  it('says nothing where nothing ran', () => expect(show([])).toBe(''));

  it('shows the control characters of a message and does not obey them', () => {
    expect(show([fakeFailed(cell, 'CHILD_ENDED', 'gone: \u001b[2Jboom\u0007')])).toBe(
      `[1/3] ${cell.id}: failed: gone: \\u001b[2Jboom\\u0007\n`,
    );
  });

  it('names an engine whose ceiling cannot be measured, and prints warnings', () => {
    const output = new Captured();
    const observe = runLines(output, plan, 3);
    const [question] = ceilingQuestions(plan);
    if (!question) throw new Error('the plan needs no ceiling');
    observe({ type: 'calibrating', question });
    observe({ type: 'calibrated', question, error: new Error('no live frames') });
    observe({ type: 'warning', text: 'no link can be made' });
    expect(output.lines).toEqual([
      'What the generator can send: 1 measurement of about a second.',
      'live at 200 bytes cannot be measured: no live frames',
      'no link can be made',
    ]);
  });
});

it('quiet is a line of what is not valid', () => {
  const runs = [fakeSkipped(other, 'no XDP'), fakeCompleted(cell, 100), wrong];
  expect(show(runs, 'quiet')).toBe(`${cell.id}: invalid: 3 wrong replies; 62400 replies/s\n`);
});
