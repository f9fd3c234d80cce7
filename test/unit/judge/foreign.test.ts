import { describe, expect, it } from 'vitest';
import { foreignObjections, foreignRemarks } from '../../../harness/judge/foreign.js';
import { objections } from '../../../harness/judge/verdict.js';
import type { ForeignTime, HostSide, Quota } from '../../../model/host-use.js';
import { fakeCompleted, fakeCpuTime, fakeRunCell } from '../../fakes/runs.js';

const cell = fakeRunCell('recvmmsg', { kind: 'saturate' }); // generator on CPU 0, invoker on CPU 3, harness on CPU 1
const ms = (count: number) => count * 1e6;
/** A run with a measure phase of a second; CPU 0 was busy half of it with user and system time, CPU 3 all of it. */
const run = (foreign: ForeignTime[], quota: Quota | null = null) =>
  fakeCompleted(cell, 1000, {
    ...{ foreign, quota },
    cpu: [fakeCpuTime(0, { userNs: ms(500) }), fakeCpuTime(3, { userNs: ms(1000) })],
  });

describe('others on a CPU of the cell', () => {
  it.each<[string, ForeignTime[], string[], string[]]>([
    ['nobody', [], [], []],
    ['a touch on a busy CPU', [{ host: 'one', cpu: 3, ns: ms(50) }], [], []],
    ['more on a busy CPU', [{ host: 'one', cpu: 3, ns: ms(51) }], [], ['others used more than 5 % of CPU 3']],
    ['as much on a CPU of which less is known', [{ host: 'one', cpu: 0, ns: ms(140) }], [], []],
    ['more there', [{ host: 'one', cpu: 0, ns: ms(160) }], [], ['others used more than 5 % of CPU 0']],
    ['a fifth of the invoker', [{ host: 'one', cpu: 3, ns: ms(200) }], [], ['others used more than 5 % of CPU 3']],
    [
      'half of the invoker',
      [{ host: 'one', cpu: 3, ns: ms(484) }],
      ['others used 48 % of CPU 3 (see top)'],
      ['others used more than 5 % of CPU 3'],
    ],
    ['half of the generator', [{ host: 'one', cpu: 0, ns: ms(500) }], [], ['others used more than 5 % of CPU 0']],
  ])('%s', (_, foreign, reasons, remarks) => {
    expect(foreignObjections(run(foreign))).toEqual(reasons);
    expect(foreignRemarks(run(foreign))).toEqual(remarks);
  });

  it('objects only beyond what samples leave open', () => {
    const halfBusy = (ns: number) => ({
      ...run([{ host: 'one', cpu: 3, ns }]),
      cpu: [fakeCpuTime(3, { userNs: ms(500) })],
    });
    // Two deviations of 100 looks at a CPU that is busy in half of them: 100 ms.
    expect(foreignObjections(halfBusy(ms(299)))).toEqual([]);
    expect(foreignObjections(halfBusy(ms(301)))).toEqual(['others used 30 % of CPU 3 (see top)']);
  });

  it('makes a run invalid', () => {
    expect(objections(run([{ host: 'one', cpu: 3, ns: ms(900) }]))).toEqual(['others used 90 % of CPU 3 (see top)']);
  });
});

describe('a quota', () => {
  it.each<[string, Quota, string[], string[]]>([
    ['of as many CPUs as are used', { host: 'one', cpus: 3, throttledNs: 0 }, [], []],
    [
      'below what is used',
      { host: 'one', cpus: 1.5, throttledNs: ms(120) },
      [],
      ['a quota of 1.5 CPUs, of 3 used, held its processes back for 120 ms of the measure phase'],
    ],
    [
      'that held them back',
      { host: 'one', cpus: 1, throttledNs: ms(900) },
      ['a CPU quota held its processes back for 30 % of the time'],
      ['a quota of 1 CPUs, of 3 used, held its processes back for 900 ms of the measure phase'],
    ],
  ])('%s', (_, quota, reasons, remarks) => {
    expect(foreignObjections(run([], quota))).toEqual(reasons);
    expect(foreignRemarks(run([], quota))).toEqual(remarks);
  });
});

describe('of a server and several clients', () => {
  const placement = {
    ...cell.placement,
    clients: [
      { generatorCpus: [0], housekeepingCpu: 1 },
      { generatorCpus: [2], housekeepingCpu: 2 },
    ],
  };
  const of = (changes: Parameters<typeof fakeCompleted>[2]) => fakeCompleted({ ...cell, placement }, 1000, changes);

  it('the one is named whose CPU it is', () => {
    const foreign: ForeignTime[] = [{ host: 'client 2', cpu: 2, ns: ms(900) }];
    expect(foreignRemarks(of({ foreign }))).toEqual(['others used more than 5 % of CPU 2 of client 2']);
  });

  it('a quota holds for the CPUs of the one that has it', () => {
    const quota = (host: HostSide) => of({ quota: { host, cpus: 0.5, throttledNs: ms(20) } });
    const remark = (host: HostSide) => foreignRemarks(quota(host))[0];
    expect(remark('client 1')).toMatch(/^a quota of 0.5 CPUs of client 1, of 2 used,/);
    expect(remark('client 2')).toMatch(/^a quota of 0.5 CPUs of client 2, of 1 used,/);
    expect(remark('server')).toMatch(/^a quota of 0.5 CPUs of the server, of 2 used,/);
  });
});

describe('of two hosts', () => {
  it('names the one whose CPU it is', () => {
    const times: ForeignTime[] = [
      { host: 'server', cpu: 3, ns: ms(900) },
      { host: 'client', cpu: 3, ns: ms(900) },
      { host: 'client', cpu: 0, ns: ms(900) },
    ];
    expect(foreignObjections(run(times))).toEqual(['others used 90 % of CPU 3 of the server (see top)']);
    expect(foreignRemarks(run(times))).toEqual([
      'others used more than 5 % of CPU 3 of the server',
      'others used more than 5 % of CPU 3 of the client',
      'others used more than 5 % of CPU 0 of the client',
    ]);
  });

  it.each<[Quota['host'], string]>([
    // Invoker on CPU 3 and the agent on CPU 1, the generator on CPU 0 and the agent on CPU 1.
    ['server', 'a quota of 1 CPUs of the server, of 2 used, held its processes back for 600 ms of the measure phase'],
    ['client', 'a quota of 1 CPUs of the client, of 2 used, held its processes back for 600 ms of the measure phase'],
  ])('a quota holds back what runs at the %s', (host, remark) => {
    const held = run([], { host, cpus: 1, throttledNs: ms(600) });
    expect(foreignRemarks(held)).toEqual([remark]);
    expect(foreignObjections(held)).toEqual([
      `a CPU quota of the ${host} held its processes back for 30 % of the time`,
    ]);
  });
});
