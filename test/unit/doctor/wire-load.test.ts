import { describe, expect, it } from 'vitest';
import type { Link } from '../../../common/wire/link.js';
import type { WireEnd } from '../../../harness/doctor/wire.js';
import {
  checkAttach,
  checkFlood,
  checkPauses,
  checkQueuesReached,
  type Flood,
} from '../../../harness/doctor/wire-load.js';
import type { CompletedRun, Run } from '../../../model/record.js';
import { fakeLedger } from '../../fakes/runs.js';

const end = (number: number, speed: number | null = 25_000): WireEnd => ({
  host: `host${number}`,
  link: { interface: `ens${number}`, rxQueues: 4, speed } as Link,
  address: `10.0.0.${number}`,
  route: null,
});
const sent: Flood = {
  ...{ engine: 'live', packetBytes: 1400, queues: 4, cpus: [[1]], timed: true, checkEvery: 64 },
  ...{ sentPerSecond: 812_345, countedPerSecond: 81_234 },
};

it('a program that an end refuses is told in the words of the refusal', () => {
  const refused = 'cannot attach an XDP program to ens20: Operation not supported';
  expect(checkAttach('client', end(20), refused)).toMatchObject({ level: 'cannot-run', state: refused, remedy: null });
  expect(checkAttach('server', end(10), null)).toMatchObject({ id: 'wire/attach-server', level: 'fine' });
});

describe('requests on each queue', () => {
  const run = (handledByThread: number[], right = 40) =>
    ({ state: 'completed', handledByThread, ledger: fakeLedger(40, { right }) }) as CompletedRun as Run;

  it.each<[string, Run | null, object]>([
    ['came', run([11, 9, 10, 10]), { level: 'fine', state: 'requests by RX queue: 11, 9, 10, 10', remedy: null }],
    [
      'came on one alone',
      run([40, 0, 0, 0]),
      {
        level: 'cannot-run',
        state: 'requests by RX queue: 40, 0, 0, 0',
        remedy: 'on host10: ethtool -N ens10 rx-flow-hash udp4 sdfn; ethtool -X ens10 equal 4',
      },
    ],
    ['came on none', run([0, 0, 0, 0], 0), { level: 'not-told', state: 'not told: see wire/afxdp-rate' }],
    ['were not sent', null, { level: 'not-told', state: 'not told: see wire/afxdp-rate' }],
  ])('%s', (_, of, told) => expect(checkQueuesReached(end(10), of)).toMatchObject(told));
});

describe('what the generator sends', () => {
  const of = (flood: Flood, speed: number | null = 25_000) => checkFlood(end(10), end(20, speed), flood);

  it('is told beside what the wire could carry', () => {
    expect(of(sent)).toMatchObject([
      { id: 'wire/live-frames', level: 'fine', state: 'they leave ens20 and arrive at ens10' },
      {
        id: 'wire/generator',
        level: 'fine',
        state:
          '812 thousand frames/s of 1400 bytes (9098 of 25000 Mbit/s), of which 81.2 thousand were counted at the server',
      },
    ]);
    expect(of(sent, null)[1]?.state).toContain('(9098 Mbit/s)');
  });

  it('and what of it never arrives', () => {
    expect(of({ ...sent, countedPerSecond: 0 })[0]).toMatchObject({
      level: 'cannot-run',
      remedy: expect.stringContaining('ethtool -S'),
    });
  });

  it('is no live frames where another engine sends', () => {
    expect(of({ ...sent, engine: 'afxdp' })).toMatchObject([{ level: 'not-told' }, { level: 'fine' }]);
  });

  it.each([
    [{ error: 'cannot run XDP live frames' }, 'cannot-run', 'cannot run XDP live frames'],
    [{ skipped: 'not tried' }, 'not-told', 'not tried'],
  ] as const)('is nothing: %j', (flood, level, state) => {
    expect(of(flood)).toMatchObject([{ level, state, remedy: null }, { level: 'not-told' }]);
    expect(checkPauses([], flood)).toMatchObject({ level: 'not-told', state: 'not told: see wire/live-frames' });
  });
});

describe('pause frames', () => {
  const off = (number: number) => `on host${number}: ethtool -A ens${number} autoneg off rx off tx off`;
  it.each([
    [{ sent: 0, received: 0 }, { sent: 0, received: 0 }, 'fine', null],
    [{ sent: 7, received: 0 }, { sent: 0, received: 5 }, 'not-trusted', `${off(10)}; ${off(20)}`],
    [null, { sent: 0, received: 5 }, 'not-trusted', `${off(10)}; ${off(20)}`],
    [null, { sent: 0, received: 0 }, 'fine', null],
    [null, null, 'not-told', null],
  ])('%j at the server, %j at the client', (server, client, level, remedy) => {
    const ends = [
      { end: end(10), frames: server },
      { end: end(20), frames: client },
    ];
    expect(checkPauses(ends, sent)).toMatchObject({ level, remedy });
  });

  it('are counted by end', () => {
    const ends = [{ end: end(10), frames: { sent: 7, received: 1 } }];
    expect(checkPauses(ends, sent).state).toBe('ens10 of host10 sent 7 and received 1');
  });
});
