import { describe, expect, it } from 'vitest';
import { allowedCpus } from '../../harness/measure/affinity.js';
import { compute, measureSteps, workStepsOf } from '../../impls/work.js';
import { measureStep, compute as nativeCompute } from '../../native/index.js';
import { randomBytes } from '../fakes/random.js';

const [cpu = 0] = allowedCpus().split(/[-,]/).map(Number);

describe('work', () => {
  it('comes to the same in JavaScript and in C++', () => {
    const cases = Array.from({ length: 100 }, (_, length) => [length, (length * 7) % 53] as const);
    const wrong = [...cases, [158, 100_000] as const, [1472, 12_345] as const].filter(([length, steps]) => {
      const payload = randomBytes(length, length);
      return compute(payload, steps) !== nativeCompute(payload, steps);
    });
    expect(wrong).toEqual([]);
  });

  it('is FNV-1a over words: by hand for two steps', () => {
    const payload = Buffer.from([1, 2, 3, 4, 0xff, 0xfe, 0xfd, 0xfc]);
    const step = (hash: bigint, word: bigint) => ((hash ^ word) * 16777619n) % 2n ** 32n;
    const expected = step(step(2166136261n, 0x04030201n), 0xfcfdfeffn);
    expect(compute(payload, 2)).toBe(Number(expected));
  });

  it('depends on every word that it reads and on the number of steps', () => {
    const payload = randomBytes(64);
    const digests = new Set([compute(payload, 16), compute(payload, 17)]);
    for (let i = 0; i < 64; i += 4) {
      const changed = Buffer.from(payload);
      changed[i] = (changed[i] as number) ^ 1;
      digests.add(compute(changed, 16));
    }
    expect(digests.size).toBe(18);
  });

  it('of a time has as many steps as fit it, within a factor of two of each measurement', () => {
    const steps = workStepsOf({ settings: { workNs: 1e6 }, cpus: [cpu] });
    const ratio = (steps * measureStep(cpu)) / 1e6;
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
    expect(workStepsOf({ settings: {}, cpus: [cpu] })).toBe(0);
    expect(workStepsOf({ settings: { workNs: 1 }, cpus: [] })).toBeGreaterThanOrEqual(1);
  });

  it('cannot be measured on a CPU that is not there', () => {
    expect(() => measureSteps([8000])).toThrow(expect.objectContaining({ code: 'PIN' }));
  });
});
