import { expect, it } from 'vitest';
import { outcomeOf } from '../../../harness/far/wire-trial.js';
import type { CompletedRun, Run } from '../../../model/record.js';
import { fakeLedger, fakeRunCell } from '../../fakes/runs.js';

const cell = fakeRunCell('recvfrom', { kind: 'closed', connections: 1 }, { queues: 2 });
const answered = (right: number) =>
  ({ state: 'completed', cell, ledger: fakeLedger(9, { right }) }) as CompletedRun as Run;

it.each<[string, Run, object]>([
  [
    'answered all',
    answered(9),
    { level: 'fine', state: '9 of 9 requests answered through 2 RX queues, frames of 200 bytes' },
  ],
  ['lost some', answered(8), { level: 'not-trusted', remedy: expect.stringContaining('ethtool -S') }],
  ['answered none', answered(0), { level: 'cannot-run', remedy: expect.stringContaining('firewall') }],
  [
    'failed',
    { state: 'failed', cell, error: { code: 'TOPOLOGY', message: 'host1: ens4 is down' } } as Run,
    { level: 'cannot-run', state: 'host1: ens4 is down', remedy: null },
  ],
  [
    'was refused by a host',
    { state: 'skipped', cell, reason: 'no XDP there' } as Run,
    { level: 'cannot-run', state: 'no XDP there' },
  ],
])('a cell that %s', (_, run, finding) => {
  expect(outcomeOf(run, 'wire/recvfrom-closed', 'because')).toMatchObject({ id: 'wire/recvfrom-closed', ...finding });
});
