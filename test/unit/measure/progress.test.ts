import { describe, expect, it } from 'vitest';
import { startProgress } from '../../../harness/measure/progress.js';
import type { PlannedCell } from '../../../model/cell.js';
import type { Run } from '../../../model/record.js';
import { fakeCompleted, fakeFailed, fakeRunCell, fakeSkipped, fakeWindow } from '../../fakes/runs.js';
import { Captured } from '../../fakes/streams.js';

const cell = fakeRunCell('dgram', { kind: 'saturate' });
const other = fakeRunCell('afxdp', { kind: 'saturate' });
const plan: PlannedCell[] = [
  { state: 'runnable', cell },
  { state: 'skipped', cell: other, reason: 'no XDP' },
];
const windows = [fakeWindow('measure', 100, 100, { endNs: 1e9 + 3e9 })];

function show(kind: 'file' | 'terminal', runs: Run[]) {
  const output = new Captured(kind);
  const progress = startProgress(output, plan, 3);
  for (const run of runs) {
    progress.began({ cellId: run.cell.id, repeat: run.repeat });
    progress.ended(run);
  }
  progress.stop();
  return output;
}

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

  it('says when nothing was measured', () => {
    expect(show('file', [fakeCompleted(cell, 1, { windows: [] })]).text).toMatch(/: nothing measured\n$/);
  });

  it('says nothing where nothing ran', () => expect(show('file', []).text).toBe(''));
});

describe('on a terminal', () => {
  it('is a bar that counts the runs and names the cell', () => {
    const { text } = show('terminal', [fakeSkipped(other, 'no XDP'), fakeCompleted(cell, 100)]);
    expect(text).toContain('0/3 runs');
    expect(text).toContain('1/3 runs');
    expect(text).toContain(cell.id);
    expect(text).toContain('░'.repeat(24));
    expect(text).toMatch(/█{8}░{16} 1\/3 runs/);
  });

  it('clears itself and shows the cursor again', () => {
    const { text } = show('terminal', [fakeCompleted(cell, 100)]);
    const [hide, reveal] = ['\u001b[?25l', '\u001b[?25h'];
    expect(text.lastIndexOf(reveal)).toBeGreaterThan(text.lastIndexOf(hide));
    expect(text.slice(text.lastIndexOf('runs'))).toContain('\u001b[2K');
  });

  it('of a plan without a runnable cell does not divide by zero', () => {
    const output = new Captured('terminal');
    const progress = startProgress(output, [{ state: 'skipped', cell: other, reason: 'no XDP' }], 3);
    progress.ended(fakeSkipped(other, 'no XDP'));
    progress.stop();
    expect(output.text).not.toMatch(/NaN|Infinity/);
  });
});
