import { describe, expect, it } from 'vitest';
import { limitOf, measureWindow, objections, reachOf, residualRatio, stolen } from '../../../harness/judge/verdict.js';
import type { CpuTime } from '../../../model/host-use.js';
import type { ImplementationId } from '../../../model/ids.js';
import type { CapacityRate, ClientTotals, CompletedRun, Counters } from '../../../model/record.js';
import { perSecond } from '../../../model/record.js';
import type { LimitLabel } from '../../../model/summary.js';
import {
  fakeCapacity,
  fakeCompleted,
  fakeCpuTime,
  fakeInvokerCounters,
  fakeLedger,
  fakeRunCell,
  fakeWindow,
} from '../../fakes/runs.js';

const saturate = { kind: 'saturate' } as const;
const closed = { kind: 'closed', connections: 4 } as const;
const none = { kind: 'none' } as const;

const saturated = (changes: Partial<CompletedRun> = {}) =>
  fakeCompleted(fakeRunCell('recvmmsg', saturate), 100_000, changes);

/** What one of several clients counted, all of it in the measure phase. */
const clientOf = (host: string, sent: number, replied: number): ClientTotals => ({
  ...{ host, window: fakeWindow('measure', sent, replied), generator: { sent, replied }, kernel: {} },
});

describe('objections', () => {
  it.each([
    ['a saturated run', saturated()],
    ['a closed loop', fakeCompleted(fakeRunCell('dgram', closed), 40_000)],
    ['an AF_XDP run in native mode', fakeCompleted(fakeRunCell('afxdp', saturate), 1e6)],
    [
      'a closed loop that left threads and queues idle',
      fakeCompleted(fakeRunCell('afxdp', closed), 9, { handledByThread: [9, 0], receivedByQueue: [9, 0] }),
    ],
    [
      'threads that cannot tell a hiccup from rest',
      saturated({ hiccups: { generator: null }, stalls: { invoker: [null] } }),
    ],
    [
      'an idle invoker that nobody asked',
      fakeCompleted(fakeRunCell('afxdp', none), 0, { handledByThread: [0], receivedByQueue: [0] }),
    ],
    ['a driver that does not count its queues', saturated({ receivedByQueue: [] })],
  ])('%s is beyond reproach', (_, run) => expect(objections(run)).toEqual([]));

  const measured = (changes: Parameters<typeof fakeWindow>[3]) => [fakeWindow('measure', 1000, 1000, changes)];
  it.each<[string, Partial<CompletedRun>, string[]]>([
    ['an idle thread', { handledByThread: [7, 0, 9] }, ['invoker thread 1 stayed idle']],
    ['an idle queue', { receivedByQueue: [0, 5, 0] }, ['RX queue 0 stayed idle', 'RX queue 2 stayed idle']],
    ['wrong replies', { ledger: fakeLedger(1e6, { wrong: 1 }) }, ['1 wrong replies']],
    [
      'a residual above a thousandth of what was measured, however much was sent besides',
      { ledger: fakeLedger(1e6, { residual: 101 }) },
      ['101 requests are unaccounted for, more than 0.1 % of those measured'],
    ],
    [
      'a negative residual',
      { ledger: fakeLedger(1e6, { residual: -101 }) },
      ['-101 requests are unaccounted for, more than 0.1 % of those measured'],
    ],
    [
      'a client of several that got no reply',
      { clients: [clientOf('h2', 500, 500), clientOf('h3', 500, 0), clientOf('h4', 0, 0)] },
      ['no reply came back to h3 in the measure phase'],
    ],
    [
      'a residual of several clients',
      { ledger: fakeLedger(1e6, { residual: 101 }), clients: [clientOf('h2', 500, 500), clientOf('h3', 500, 399)] },
      ['101 requests are unaccounted for, more than 0.1 % of those measured (without a reply: 0 of h2, 101 of h3)'],
    ],
    ['no measure phase', { windows: [fakeWindow('ramp', 9, 9)] }, ['the measure phase is missing']],
    ['silence', { windows: measured({ replied: 0, checked: 0 }) }, ['no reply came back in the measure phase']],
    ['replies that nobody checked', { windows: measured({ checked: 0 }) }, ['no reply was checked']],
    [
      'steal',
      { cpu: [fakeCpuTime(0), fakeCpuTime(3, { stealNs: 0.5e9 })] },
      ['the hypervisor took 25 % of the CPU time (more than 10 %)'],
    ],
  ])('%s', (_, changes, reasons) => expect(objections(saturated(changes))).toEqual(reasons));

  it.each([
    ['residual', saturated({ ledger: fakeLedger(1e6, { residual: 100 }) })],
    ['steal', saturated({ cpu: [fakeCpuTime(0, { stealNs: 0.1e9 }), fakeCpuTime(3, { stealNs: 0.1e9 })] })],
  ])('%s at its bound is fine', (_, run) => expect(objections(run)).toEqual([]));

  it.each([
    [400, 100, 0],
    [400, 110, 1],
    [1000, 220, 0],
    [1000, 230, 1],
  ])('steal of two CPUs in %d ms counts beyond 10 %% and a tick a CPU: %d ms', (phaseMs, stolenMs, count) => {
    const idle = fakeCpuTime(0, { idleNs: phaseMs * 1e6 });
    const cpu = [idle, fakeCpuTime(3, { idleNs: (phaseMs - stolenMs) * 1e6, stealNs: stolenMs * 1e6 })];
    const cell = fakeRunCell('recvmmsg', saturate, { durationNs: phaseMs * 1e6 });
    expect(objections(fakeCompleted(cell, 1000, { cpu }))).toHaveLength(count);
  });

  it.each<[Record<string, string>, string[]]>([
    [{ attach: 'skb', copyMode: 'copy' }, ['XDP attached in mode skb instead of native']],
    [{ attach: 'none', copyMode: 'copy' }, ['XDP attached in mode none instead of native']],
    [{ attach: 'native', copyMode: 'zero-copy' }, ['AF_XDP bound in mode zero-copy instead of copy']],
    [{}, ['XDP attached in mode undefined instead of native', 'AF_XDP bound in mode undefined instead of copy']],
  ])('AF_XDP granted %o', (granted, reasons) => {
    expect(objections(fakeCompleted(fakeRunCell('afxdp', saturate), 1e6, { granted }))).toEqual(reasons);
    expect(objections(saturated({ granted }))).toEqual([]);
  });

  it.each<[Record<string, string>, string[]]>([
    [{ attach: 'native' }, []],
    [{ attach: 'skb' }, ['XDP attached in mode skb instead of native']],
    [{}, ['XDP attached in mode undefined instead of native']],
  ])('XDP granted %o', (granted, reasons) => {
    expect(objections(fakeCompleted(fakeRunCell('xdp', saturate), 1e6, { granted }))).toEqual(reasons);
  });

  it('a queue without requests is an idle row of xdp', () => {
    const cell = fakeRunCell('xdp', saturate, { threads: 2, queues: 2 });
    expect(objections(fakeCompleted(cell, 1e6, { handledByThread: [1e6, 0] }))).toEqual([
      'invoker thread 1 stayed idle',
    ]);
  });

  /** A run of two queues whose threads share these counters. */
  const sharing = (implementation: ImplementationId, changes: Counters) => {
    const cell = fakeRunCell(implementation, saturate, { queues: 2, threads: 2 });
    const run = fakeCompleted(cell, 1e6);
    const { shared } = run.counters.invoker;
    const invoker = fakeInvokerCounters(cell, 1e6, { shared: { ...shared, ...changes } });
    return { ...run, counters: { ...run.counters, invoker } };
  };

  it.each<[string, Counters, string[]]>([
    ['no frame missing', { framesTotal: 8192, framesAccounted: 8192 }, []],
    ['a frame missing', { framesTotal: 8192, framesAccounted: 8191 }, ['1 frames of the UMEM are unaccounted for']],
    // The kernel keeps one of each queue that it took for a packet it then had to drop.
    ['a frame a queue in the kernel', { framesInKernel: 2 }, []],
    ['a frame more in the kernel', { framesInKernel: 3 }, ['the kernel keeps 3 frames of the UMEM']],
    [
      'a frame counted twice',
      { framesTotal: 8192, framesAccounted: 8193 },
      ['-1 frames of the UMEM are unaccounted for'],
    ],
    ['an invalid descriptor to receive', { xskRxInvalid: 1 }, ['1 invalid descriptors']],
    ['invalid descriptors both ways', { xskRxInvalid: 2, xskTxInvalid: 3 }, ['5 invalid descriptors']],
  ])('AF_XDP with %s', (_, shared, reasons) => {
    expect(objections(sharing('afxdp', shared))).toEqual(reasons);
    expect(objections(sharing('recvmmsg', shared))).toEqual([]);
  });

  it('a zero-copy driver keeps frames in its own ring', () => {
    const run = sharing('afxdp', { framesInKernel: 512 });
    const { cell, granted } = run;
    const zerocopy = { ...run, cell: { ...cell, settings: { copyMode: 'zerocopy' as const } } };
    expect(objections({ ...zerocopy, granted: { ...granted, copyMode: 'zerocopy' } })).toEqual([]);
  });

  it.each(['afxdp', 'xdp'] as const)('%s with requests on queues that are not served', (id) => {
    expect(objections(sharing(id, { steerUnservedQueue: 7 }))).toEqual([
      '7 requests came in on RX queues that are not served',
    ]);
  });

  it.each([closed, none])('idle threads and queues are none of load $kind', (load) => {
    const idle = { handledByThread: [9, 0], receivedByQueue: [0, 9] };
    expect(objections(fakeCompleted(fakeRunCell('recvmmsg', load), 9, idle))).toEqual([]);
  });

  it('names everything that is wrong, not the first only', () => {
    const run = saturated({
      handledByThread: [0],
      receivedByQueue: [0],
      ledger: fakeLedger(10, { wrong: 2, residual: 5 }),
    });
    expect(objections(run)).toHaveLength(4);
  });
});

describe('limitOf', () => {
  const idleInvoker = [fakeCpuTime(0), fakeCpuTime(3, { userNs: 0.5e9 })];
  const overloaded = (sent: number) => [fakeWindow('measure', 1000, 1000), fakeWindow('overload', sent, 500)];
  /** A measure phase that answered `replied` of 1000, and what the whole run dropped where. */
  const losing = (replied: number, drops: Record<string, number> = {}) => ({
    cpu: idleInvoker,
    windows: [fakeWindow('measure', 1000, replied), fakeWindow('overload', 10_000, 500)],
    ledger: fakeLedger(1000, { drops: Object.entries(drops).map(([name, count]) => ({ name, count })) }),
  });
  /** A measure phase whose generator sent so many of 1000 offered. */
  const sending = (sent: number) => ({ windows: [fakeWindow('measure', sent, sent, { offered: 1000 })] });

  /** A generator that sent 899 of 1000, of which `replied` were answered; the path lost the rest. */
  const fallingShort = (replied: number) => ({
    ...losing(0, { "server's receive ring full": 100 }),
    windows: [fakeWindow('measure', 899, replied, { offered: 1000 })],
  });
  it.each<[string, Partial<CompletedRun>, LimitLabel]>([
    ['a busy invoker', {}, 'invoker'],
    ['an invoker whose CPU is idle for a tenth', { cpu: [fakeCpuTime(3, { userNs: 0.9e9 })] }, 'none'],
    ['an invoker whose CPU nobody read', { cpu: [fakeCpuTime(0, { userNs: 1e9 })] }, 'none'],
    ['nothing in sight', { cpu: idleInvoker }, 'none'],

    ['a full XSK ring', losing(900, { 'XSK RX ring full': 100 }), 'invoker'],
    ['an empty fill ring', losing(900, { 'XSK fill ring empty or frame too long': 100 }), 'invoker'],
    ['a full socket buffer', losing(900, { 'socket buffer full': 100 }), 'invoker'],
    ['a full ring of the server', losing(900, { "server's receive ring full": 100 }), 'path'],
    ['drops of the queue of the server', losing(900, { "server's receive queue": 100 }), 'path'],
    [
      "a full ring of the client's own interface",
      losing(900, { "not taken by the client's interface": 100 }),
      'generator',
    ],
    ["a full ring of the server's interface", losing(900, { "not taken by the server's interface": 100 }), 'path'],
    ['a full ring of the client', losing(900, { "client's receive ring full": 100 }), 'path'],
    ['drops of the queue of the client', losing(900, { "client's receive queue": 100 }), 'path'],
    [
      'losses on the path that only together are the most',
      losing(900, { "server's receive ring full": 30, 'socket buffer full': 49, "client's receive queue": 20 }),
      'path',
    ],
    ['losses half on the path', losing(900, { "server's receive ring full": 50, 'socket buffer full': 50 }), 'invoker'],
    ['a loss that nobody counted', losing(900), 'invoker'],
    ['a loss of just over half a percent', losing(994, { "server's receive queue": 6 }), 'path'],
    ['a loss of half a percent', losing(995, { "server's receive queue": 5 }), 'none'],
    // What the run dropped under overload says nothing of its peak.
    ['drops outside the measure phase, path', losing(1000, { "server's receive ring full": 5000 }), 'none'],
    ['drops outside the measure phase, invoker', losing(1000, { 'socket buffer full': 5000 }), 'none'],

    ['a generator with too little headroom', { windows: overloaded(1199) }, 'generator'],
    ['a generator with just enough', { windows: overloaded(1200) }, 'invoker'],
    ['a generator that falls short', sending(899), 'generator'],
    ['a generator that just keeps up', sending(900), 'invoker'],
    // What it sent is 1.18 and 1.28 times what was answered: the one is too close to tell, the other is not.
    ['a generator that falls short, just above what is answered', fallingShort(760), 'generator'],
    ['a generator that falls short, well above what is answered', fallingShort(700), 'path'],
    ['a thread that got nothing', { handledByThread: [9, 0] }, 'config'],
    ['a thread that got nothing from a weak generator', { handledByThread: [0, 9], ...sending(1) }, 'config'],
    ['no overload phase', { windows: [fakeWindow('measure', 1000, 1000)] }, 'invoker'],
    ['no measure phase', { windows: [fakeWindow('overload', 1000, 1000)] }, 'none'],
  ])('%s', (_, changes, limit) => expect(limitOf(saturated(changes), null)).toBe(limit));

  it.each([closed, none])('load $kind has none', (load) => {
    const run = (changes: Partial<CompletedRun> = {}) => fakeCompleted(fakeRunCell('dgram', load), 1000, changes);
    expect(limitOf(run(), null)).toBe('none');
    expect(limitOf(run(losing(900, { 'socket buffer full': 100 })), null)).toBe('none');
  });

  it('of connections that do not reach every thread is the configuration, of silence nothing', () => {
    const idle = { handledByThread: [9, 0] };
    expect(limitOf(fakeCompleted(fakeRunCell('recvmmsg', closed), 9, idle), null)).toBe('config');
    expect(limitOf(fakeCompleted(fakeRunCell('recvmmsg', none), 0, idle), null)).toBe('none');
  });

  it.each(['capacity', 'latency-under-load'] as const)(
    'of %s is the generator where that bounds the search',
    (kind) => {
      type Side = CapacityRate['boundBy'];
      const rate = (boundBy: Side) => ({ perSecond: 9, failedPerSecond: 10, boundBy });
      const limit = (ndr: Side | null, pdr: Side) => {
        const capacity = fakeCapacity({ ndr: ndr && rate(ndr), pdr: rate(pdr) });
        return limitOf(fakeCompleted(fakeRunCell('recvmmsg', { kind }), 9, { capacity }), null);
      };
      expect(limit('generator', 'server')).toBe('generator');
      expect(limit('server', 'generator')).toBe('invoker');
      expect(limit(null, 'generator')).toBe('generator');
      expect(limit(null, 'server')).toBe('invoker');
    },
  );

  it('is not told by a spinning CPU, which always is busy', () => {
    const spinning = (changes: Partial<CompletedRun> = {}) =>
      limitOf(fakeCompleted(fakeRunCell('afxdp', saturate, { idle: 'spin' }), 1000, changes), null);
    expect(spinning()).toBe('none');
    expect(spinning({ windows: overloaded(1199) })).toBe('generator');
    expect(spinning({ ...losing(900, { 'XSK RX ring full': 100 }), cpu: [] })).toBe('invoker');
  });

  it('is not told by CPUs over a phase too short for ticks of 10 ms', () => {
    const cell = fakeRunCell('recvmmsg', saturate, { durationNs: 0.2e9 });
    expect(limitOf(fakeCompleted(cell, 1000), null)).toBe('none');
  });

  it("is not told by the generator's CPU either, on which XDP runs", () => {
    const placement = { ...fakeRunCell('xdp', saturate).placement, invokerCpus: [0] };
    const run = (changes: Partial<CompletedRun>) =>
      fakeCompleted(fakeRunCell('xdp', saturate, { placement }), 1000, {
        cpu: [fakeCpuTime(0, { systemNs: 1e9 })],
        ...changes,
      });
    expect(limitOf(run({}), null)).toBe('none');
    expect(limitOf(run({ windows: overloaded(1000) }), null)).toBe('generator');
    expect(limitOf(run({ windows: overloaded(1000) }), 1100)).toBe('generator');
    expect(limitOf(run({ windows: overloaded(1000) }), 5000)).toBe('none');
    expect(limitOf(run({ windows: [fakeWindow('measure', 1000, 1000)] }), 1100)).toBe('generator');
  });

  it('takes the invoker for busy only if all of its CPUs are', () => {
    const placement = { ...fakeRunCell('recvmmsg', saturate).placement, invokerCpus: [2, 3] };
    const run = (two: Partial<CpuTime>) =>
      fakeCompleted(fakeRunCell('recvmmsg', saturate, { placement }), 1000, {
        cpu: [fakeCpuTime(2, two), fakeCpuTime(3, { userNs: 1e9 })],
      });
    expect(limitOf(run({ systemNs: 0.95e9 }), null)).toBe('invoker');
    expect(limitOf(run({ systemNs: 0.5e9 }), null)).toBe('none');
  });
});

describe('reachOf', () => {
  const measured = (sent: number, offered = sent) => fakeWindow('measure', sent, sent, { offered });
  it.each<[string, number | null, ReturnType<typeof measured>[], number | null]>([
    ['nothing tells', null, [measured(1000)], null],
    ['it was seen to send more than without an invoker', 4000, [measured(1000), fakeWindow('overload', 5000, 9)], 5000],
    ['it sent more without an invoker', 6000, [measured(1000), fakeWindow('overload', 5000, 9)], 6000],
    ['it was only seen without an invoker', 6000, [measured(1000)], 6000],
    ['it fell short of its schedule', 6000, [measured(800, 1000)], 800],
  ])('where %s', (_, ceiling, windows, reach) => {
    expect(reachOf(saturated({ windows }), windows[0] as (typeof windows)[0], ceiling)).toBe(reach);
  });

  it('is not of a load that waits for replies', () => {
    const run = fakeCompleted(fakeRunCell('dgram', closed), 1000);
    expect(reachOf(run, fakeWindow('measure', 1000, 1000), 6000)).toBeNull();
  });
});

describe('residualRatio', () => {
  it.each([
    ['the measured requests', { ledger: fakeLedger(1e6, { residual: -50 }) }, 0.0005],
    ['all requests where they are fewer', { ledger: fakeLedger(1e4, { residual: 50 }) }, 0.005],
    ['all requests where none was measured', { windows: [], ledger: fakeLedger(1e6, { residual: 50 }) }, 0.00005],
    ['nothing', { windows: [], ledger: fakeLedger(0) }, 0],
  ])('is of %s', (_, changes, ratio) => expect(residualRatio(saturated(changes))).toBeCloseTo(ratio, 9));
});

describe('stolen', () => {
  it.each<[string, CpuTime[], number, number]>([
    ['of the cell only', [fakeCpuTime(0), fakeCpuTime(3), fakeCpuTime(2, { stealNs: 1e9 })], 0, 2e9],
    ['of generator and invoker', [fakeCpuTime(0, { stealNs: 0.2e9 }), fakeCpuTime(3)], 0.2e9, 2e9],
    ['without a reading', [], 0, 0],
    ['without a tick', [fakeCpuTime(3, { idleNs: 0 })], 0, 0],
  ])('%s', (_, cpu, stealNs, totalNs) => expect(stolen(saturated({ cpu }))).toMatchObject({ stealNs, totalNs }));
});

describe('measureWindow and perSecond', () => {
  it('finds the measure phase among the others', () => {
    expect(measureWindow(saturated())?.phase).toBe('measure');
    expect(measureWindow(saturated({ windows: [] }))).toBeNull();
  });

  it.each([
    [1e9, 1000, 1000],
    [0.5e9, 1000, 2000],
    [3e9, 0, 0],
  ])('a count over %d ns', (lengthNs, count, rate) => {
    expect(perSecond(fakeWindow('measure', 0, 0, { beginNs: 5e9, endNs: 5e9 + lengthNs }), count)).toBe(rate);
  });
});
