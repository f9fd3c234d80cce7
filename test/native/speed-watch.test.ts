import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readCpus } from '../../common/process/cpus.js';
import { SpeedWatch } from '../../native/index.js';

const nowNs = () => Number(process.hrtime.bigint());

describe('SpeedWatch', () => {
  it('looks at each CPU again and again until it is stopped', async () => {
    const cpus = readCpus((path) => readFileSync(path, 'utf8')).cpus;
    const beganNs = nowNs();
    const watch = new SpeedWatch(cpus);
    const looks = cpus.map(() => [] as number[]);
    while (looks.some((own) => own.length < 5)) {
      await sleep(20);
      for (const [i, own] of watch.take().entries()) {
        for (const { atNs, tookNs } of own) {
          expect(tookNs).toBeGreaterThan(0);
          expect(atNs - tookNs).toBeGreaterThan(looks[i]?.at(-1) ?? beganNs);
          looks[i]?.push(atNs);
        }
      }
    }
    expect(looks).toHaveLength(cpus.length);
    watch.stop();
    watch.take();
    await sleep(50);
    expect(watch.take()).toEqual(cpus.map(() => []));
    watch.stop();
  });

  it('watches none', () => {
    const watch = new SpeedWatch([]);
    expect(watch.take()).toEqual([]);
    watch.stop();
  });

  it('says which CPU it cannot be pinned to', () => {
    expect(() => new SpeedWatch([0, 4095])).toThrow(/cannot pin a thread to CPU 4095: pthread_setaffinity_np/);
  });
});
