import { readdirSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { applyTuning } from '../../../harness/tuning/apply.js';
import { temporaryFolder } from '../../fakes/folder.js';
import { FakeHost } from '../../fakes/tuning-host.js';

const slept = vi.hoisted(() => ({ ms: 0 }));
vi.mock('node:timers/promises', () => ({
  async setTimeout(ms: number) {
    slept.ms += ms;
  },
}));

const napi = '/sys/class/net/eth1/napi_defer_hard_irqs';
const carrier = '/sys/class/net/eth1/carrier';

it('a link that does not come up again is waited for once, and told as what it is', async () => {
  const [host, folder] = [new FakeHost(), temporaryFolder()];
  host.onWrite = () => host.files.set(carrier, '0');
  slept.ms = 0;
  await expect(applyTuning({ napiDeferHardIrqs: '2' }, host, folder)).rejects.toMatchObject({
    code: 'TUNING_LINK',
    message: 'eth1 has no carrier 30 s after it was tuned',
  });
  expect(slept.ms).toBe(30_000);
  expect([host.files.get(napi), readdirSync(folder)]).toEqual(['0', []]);
});

it('a link that stays down after a refusal is told with it', async () => {
  const [host, folder] = [new FakeHost(), temporaryFolder()];
  host.onWrite = () => host.files.set(carrier, '0');
  await expect(applyTuning({ napiDeferHardIrqs: '2', rxRing: '512' }, host, folder)).rejects.toMatchObject({
    code: 'TUNING_LINK',
    message: expect.stringMatching(/^eth1 .* refuses rxRing=512: .*; eth1 has no carrier 30 s/),
  });
  expect([host.files.get(napi), readdirSync(folder)]).toEqual(['0', []]);
});
