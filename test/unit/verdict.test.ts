import { describe, expect, it } from 'vitest';
import type { CompletedRun, CpuTime, LedgerLine, LimitLabel } from '../../harness/model.js';
import { limitOf, measureWindow, objections, perSecond, stealRatio } from '../../harness/verdict.js';
import { fakeCompleted, fakeCpuTime, fakeLedger, fakeRunCell, fakeWindow } from '../fakes/runs.js';

const saturate = { kind: 'saturate' } as const;
const closed = { kind: 'closed', connections: 4 } as const;
const none = { kind: 'none' } as const;

const saturated = (changes: Partial<CompletedRun> = {}) =>
  fakeCompleted(fakeRunCell('recvmmsg', saturate), 100_000, changes);

describe('objections', () => {
  it.each([
    ['a saturated run', saturated()],
    ['a closed loop', fakeCompleted(fakeRunCell('dgram', closed), 40_000)],
    ['an AF_XDP run in native mode', fakeCompleted(fakeRunCell('afxdp', saturate), 1e6)],
    [
      'a closed loop that left queues idle',
      fakeCompleted(fakeRunCell('afxdp', closed), 9, { receivedByQueue: [9, 0] }),
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
    ['a residual', { ledger: fakeLedger(1e6, { residual: 1001 }) }, ['1001 of 1000000 requests are unaccounted for']],
    [
      'a negative residual',
      { ledger: fakeLedger(1e6, { residual: -1001 }) },
      ['-1001 of 1000000 requests are unaccounted for'],
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
    ['residual', saturated({ ledger: fakeLedger(1e6, { residual: 1000 }) })],
    ['steal', saturated({ cpu: [fakeCpuTime(0, { stealNs: 0.1e9 }), fakeCpuTime(3, { stealNs: 0.1e9 })] })],
  ])('%s at its bound is fine', (_, run) => expect(objections(run)).toEqual([]));

  it.each([
    [{ attach: 'skb' }, 'XDP attached in mode skb instead of native'],
    [{}, 'XDP attached in mode undefined instead of native'],
  ])('AF_XDP granted %o', (granted: Record<string, string>, reason) => {
    expect(objections(fakeCompleted(fakeRunCell('afxdp', saturate), 1e6, { granted }))).toEqual([reason]);
    expect(objections(saturated({ granted }))).toEqual([]);
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
  const drops = (...names: string[]) => {
    const lines = names.map((name): LedgerLine => ({ name, count: 1 }));
    return { cpu: idleInvoker, ledger: fakeLedger(1000, { drops: lines }) };
  };

  it.each<[string, Partial<CompletedRun>, LimitLabel]>([
    ['a busy invoker', {}, 'invoker'],
    ['an invoker whose CPU is idle for a tenth', { cpu: [fakeCpuTime(3, { userNs: 0.9e9 })] }, 'none'],
    ['a full XSK ring', drops('XSK RX ring full'), 'invoker'],
    ['an empty fill ring', drops('XSK fill ring empty or frame too long'), 'invoker'],
    ['a full socket buffer', drops('socket buffer full'), 'invoker'],
    ['the buffer of the client', drops("client's socket buffer full"), 'none'],
    ['a full ring of the wire', drops("server's receive ring full"), 'path'],
    ['drops of a receive queue', drops("client's receive queue"), 'path'],
    ['a full socket buffer behind a full ring', drops("server's receive ring full", 'socket buffer full'), 'invoker'],
    ['nothing in sight', { cpu: idleInvoker }, 'none'],
    ['a generator with too little headroom', { windows: overloaded(1199) }, 'generator'],
    ['a generator with just enough', { windows: overloaded(1200) }, 'invoker'],
    ['no overload phase', { windows: [fakeWindow('measure', 1000, 1000)] }, 'invoker'],
    ['no measure phase', { windows: [fakeWindow('overload', 1000, 1000)] }, 'none'],
  ])('%s', (_, changes, limit) => expect(limitOf(saturated(changes))).toBe(limit));

  it.each([closed, none])('load $kind has none', (load) => {
    expect(limitOf(fakeCompleted(fakeRunCell('dgram', load), 1000))).toBe('none');
  });

  it('takes the invoker for busy only if all of its CPUs are', () => {
    const placement = { ...fakeRunCell('recvmmsg', saturate).placement, invokerCpus: [2, 3] };
    const run = (two: Partial<CpuTime>) =>
      fakeCompleted(fakeRunCell('recvmmsg', saturate, { placement }), 1000, {
        cpu: [fakeCpuTime(2, two), fakeCpuTime(3, { userNs: 1e9 })],
      });
    expect(limitOf(run({ systemNs: 0.95e9 }))).toBe('invoker');
    expect(limitOf(run({ systemNs: 0.5e9 }))).toBe('none');
  });
});

describe('stealRatio', () => {
  it.each([
    ['of the cell only', [fakeCpuTime(0), fakeCpuTime(3), fakeCpuTime(2, { stealNs: 1e9 })], 0],
    ['of generator and invoker', [fakeCpuTime(0, { stealNs: 0.2e9 }), fakeCpuTime(3)], 0.1],
    ['without a reading', [], 0],
    ['without a tick', [fakeCpuTime(3, { idleNs: 0 })], 0],
  ])('%s', (_, cpu, ratio) => expect(stealRatio(saturated({ cpu }))).toBe(ratio));
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
