import { describe, expect, it } from 'vitest';
import { ceilingOf } from '../../../harness/judge/ceilings.js';
import type { Ceiling } from '../../../model/record.js';
import { fakeRunCell } from '../../fakes/runs.js';

describe('ceilingOf', () => {
  const cell = fakeRunCell('afxdp', { kind: 'saturate' });
  const ceiling: Ceiling = {
    ...{ engine: 'live', packetBytes: 200, queues: 1, cpus: [[0]], timed: false, checkEvery: 64 },
    ...{ sentPerSecond: 4e6, countedPerSecond: 4e6 },
  };
  it('is that of the same engine, size, queues and CPUs', () => {
    expect(ceilingOf([ceiling], cell)).toBe(ceiling);
    const others = [
      { engine: 'afxdp' },
      { packetBytes: 800 },
      { queues: 2 },
      { cpus: [[1]] },
      { cpus: [[0], [0]] },
      { timed: true },
    ] as Partial<Ceiling>[];
    expect(
      ceilingOf(
        others.map((other) => ({ ...ceiling, ...other })),
        cell,
      ),
    ).toBeNull();
  });
});
