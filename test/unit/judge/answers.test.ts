import { describe, expect, it } from 'vitest';
import { answers } from '../../../harness/judge/answers.js';
import type { Load } from '../../../model/cell.js';
import type { Answer } from '../../../model/summary.js';

describe('answers', () => {
  it.each<[Load, Answer]>([
    [{ kind: 'saturate' }, { kind: 'peak' }],
    [{ kind: 'capacity' }, { kind: 'capacity' }],
    [
      { kind: 'rate', perSecond: 5 },
      { kind: 'round-trips', offeredPerSecond: 5 },
    ],
    [
      { kind: 'closed', connections: 4 },
      { kind: 'round-trips', offeredPerSecond: null },
    ],
    [{ kind: 'latency-under-load' }, { kind: 'levels' }],
    [{ kind: 'none' }, { kind: 'rest' }],
  ])('of %j', (load, answer) => expect(answers(load)).toEqual(answer));
});
