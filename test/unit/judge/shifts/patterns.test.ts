import { describe, expect, it } from 'vitest';
import { prepare, type Shift, shiftsOf, spikesOf } from '../../../../harness/judge/shifts/shifts.js';
import { median } from '../../../../model/median.js';
import { realRepeats } from '../../../fakes/nights.js';
import { seededRandom } from '../../../fakes/random.js';

/** What is known of a series of 120 nights: what happened, and in which night. */
interface Truth {
  kind: 'step' | 'spike' | 'drift' | 'variance' | 'quiet';
  at: number;
}

const length = 120;
const kinds = ['step', 'spike', 'drift', 'variance', 'quiet'] as const;

/** Sixty series a kind, ten of each real noise. */
const labelled = kinds.flatMap((kind, row) =>
  Array.from({ length: 60 }, (_, number) => {
    const chance = seededRandom(1000 * row + number + 1);
    const at = 40 + Math.floor(chance() * 40);
    const size = 0.05 + 0.05 * chance();
    const noises = Array.from({ length }, () => {
      const repeats = realRepeats(number, chance).sort((a, b) => b - a);
      return Math.log(median(repeats.slice(0, 4)));
    });
    const middle = noises.reduce((sum, noise) => sum + noise, 0) / length;
    const values = noises.map((noise, night) => {
      if (kind === 'step') return noise + (night >= at ? Math.log(1 - size) : 0);
      if (kind === 'spike') return noise + (night === at ? Math.log(1 - 4 * size) : 0);
      if (kind === 'drift') return noise + Math.max(0, night - at) * Math.log(0.999);
      return kind === 'variance' && night >= at ? middle + 2 * (noise - middle) : noise;
    });
    return { truth: { kind, at }, values };
  }),
);

/** As one of sixty series of a night is judged. */
function judged(values: readonly number[]): Shift[] {
  const shifts = shiftsOf(prepare(values), 0.05 / 60);
  return [...shifts, ...spikesOf(values, shifts)];
}

const isRight = ({ kind, at }: Truth, shift: Shift) => {
  if (shift.kind !== kind) return false;
  // A slope of a tenth of a per cent begins where it is out of the noise.
  return Math.abs(shift.at - at) <= (kind === 'drift' ? 30 : kind === 'step' ? 2 : 0);
};

describe('patterns whose truth is known', () => {
  const results = labelled.map(({ truth, values }) => ({ truth, found: judged(values) }));
  const recall = (kind: Truth['kind']) =>
    results.filter(({ truth, found }) => truth.kind === kind && found.some((shift) => isRight(truth, shift))).length /
    60;

  it.each([
    ['step', 0.95],
    ['spike', 0.9],
    ['drift', 0.95],
  ] as const)('%s: at least %d of them are found', (kind, share) => expect(recall(kind)).toBeGreaterThanOrEqual(share));

  it('nine in ten of the steps and drifts that are named are there', () => {
    const named = results.flatMap(({ truth, found }) =>
      found.filter(({ kind }) => kind !== 'spike').map((shift) => isRight(truth, shift)),
    );
    expect(named.filter(Boolean).length / named.length).toBeGreaterThanOrEqual(0.9);
  });

  it('a scatter that doubles is no step', () => {
    const wrong = results.filter(
      ({ truth, found }) => truth.kind === 'variance' && found.some(({ kind }) => kind !== 'spike'),
    );
    expect(wrong.length).toBeLessThanOrEqual(6);
  });

  it('quiet ones are quiet', () => {
    const wrong = results.filter(
      ({ truth, found }) => truth.kind === 'quiet' && found.some(({ kind }) => kind !== 'spike'),
    );
    expect(wrong.length).toBeLessThanOrEqual(3);
  });
});
