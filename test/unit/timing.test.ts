import { describe, expect, it } from 'vitest';
import { renderTiming } from '../../harness/timing.js';
import type { Run } from '../../model/record.js';
import { fakeCompleted, fakeFailed, fakeRunCell, fakeSkipped } from '../fakes/runs.js';

const cell = fakeRunCell('dgram', { kind: 'saturate' });
const took = (setupMs: number, teardownMs: number): Run =>
  fakeCompleted(cell, 1000, { timing: { setupNs: setupMs * 1e6, teardownNs: teardownMs * 1e6 } });

describe('renderTiming', () => {
  it.each<[string, Run[], string]>([
    ['no run', [], ''],
    ['no completed run', [fakeFailed(cell, 'PROBE', 'no answer'), fakeSkipped(cell, 'no XDP')], ''],
    ['one run', [took(120.4, 59.6)], 'median of 1 runs: 120 ms + 60 ms, together 180 ms.'],
    // The median of the sums is not the sum of the medians.
    ['three runs', [took(100, 90), took(10, 50), took(200, 10)], 'median of 3 runs: 100 ms + 50 ms, together 190 ms.'],
    ['others left out', [fakeSkipped(cell, 'no'), took(7, 3)], 'median of 1 runs: 7 ms + 3 ms, together 10 ms.'],
  ])('%s', (_, runs, text) => {
    expect(renderTiming(runs)).toBe(text === '' ? '' : `Set-up and tear-down of a cell, ${text}\n`);
  });
});
