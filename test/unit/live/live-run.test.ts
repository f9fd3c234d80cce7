import { describe, expect, it } from 'vitest';
import { ceilingQuestions } from '../../../harness/plan/ceilings.js';
import type { PlannedCell } from '../../../model/cell.js';
import { FakeLive } from '../../fakes/live.js';
import { fakeCompleted, fakeCpuTime, fakeFailed, fakeLedger, fakeRunCell, fakeSkipped } from '../../fakes/runs.js';

const cell = fakeRunCell('dgram', { kind: 'saturate' });
const other = fakeRunCell('recvfrom', { kind: 'saturate' }, { packetBytes: 800, id: 'other' });
const skipped = fakeRunCell('xdp', { kind: 'saturate' });
const plan: PlannedCell[] = [
  { state: 'runnable', cell },
  { state: 'runnable', cell: other },
  { state: 'skipped', cell: skipped, reason: 'no XDP' },
];
const marks = (fake: FakeLive) => fake.live.state().matrix.rows.map(({ name, cells }) => `${name} ${cells.join('|')}`);

describe('the matrix', () => {
  it('has a row an implementation, and blanks where the plan has no cell', () => {
    const { matrix } = new FakeLive(plan).live.state();
    expect(matrix.groups).toEqual([{ load: 'saturate', point: '1T1Q', sizes: [200, 800] }]);
    expect(marks(new FakeLive(plan))).toEqual(['dgram · ', 'recvfrom  ·', 'xdp – ']);
  });

  it('fills as runs end, and marks what is measured until the next one begins', () => {
    const fake = new FakeLive(plan, 2).run(fakeSkipped(skipped, 'no XDP'));
    fake.tell({ type: 'began', cell, repeat: 0 });
    expect(marks(fake)[0]).toBe('dgram > ');
    fake.tell({ type: 'ended', run: fakeCompleted(cell, 100) });
    expect(marks(fake)[0]).toBe('dgram > ');
    fake.tell({ type: 'began', cell: other, repeat: 0 });
    expect(marks(fake).slice(0, 2)).toEqual(['dgram ▄ ', 'recvfrom  >']);
    fake.run(fakeCompleted(cell, 100, { repeat: 1 }));
    fake.live.end('finished');
    expect(marks(fake)[0]).toBe('dgram █ ');
  });

  it('keeps the worst that was found of a cell', () => {
    const wrong = fakeCompleted(cell, 100, { ledger: fakeLedger(100, { wrong: 3 }) });
    const fake = new FakeLive(plan, 3).run(wrong).run(fakeCompleted(cell, 100));
    fake.tell({ type: 'began', cell: other, repeat: 0 });
    expect(marks(fake)[0]).toBe('dgram ! ');
    fake.run(fakeFailed(cell, 'PROBE', 'no answer')).run(fakeSkipped(other, 'no zero-copy'));
    fake.live.end('finished');
    expect(marks(fake)).toEqual(['dgram × ', 'recvfrom  –', 'xdp – ']);
    expect(fake.live.state().cells).toMatchObject({ failed: 1, skipped: 2, running: 0 });
  });
});

describe('how far it is', () => {
  it('counts what was measured before it was gone on with, whose times nobody knows', () => {
    const fake = new FakeLive(plan, 2);
    const { secondsLeft } = fake.live.state();
    const runs = [fakeSkipped(skipped, 'no XDP'), fakeSkipped(other, 'no queue'), fakeSkipped(other, 'no queue')];
    fake.tell({ type: 'resumed', runs: [...runs, fakeCompleted(cell, 100)] });
    const after = fake.live.state();
    expect(after.runs).toEqual({ done: 3, planned: 4 });
    expect(after.cells).toMatchObject({ partly: 1, skipped: 2, waiting: 0 });
    expect(after.secondsLeft).toBeLessThan(secondsLeft / 2);
    expect(after.secondsSpent).toBe(0);
  });

  it('counts runs, and tells the time left by what they took', () => {
    const fake = new FakeLive(plan, 2);
    const { runs, secondsLeft } = fake.live.state();
    expect(runs).toEqual({ done: 0, planned: 4 });
    fake.run(fakeCompleted(cell, 100), 30);
    const after = fake.live.state();
    expect(after.runs.done).toBe(1);
    expect(after.secondsSpent).toBe(30);
    expect(after.secondsLeft).toBeGreaterThan(secondsLeft);
    fake.live.end('interrupted');
    expect(fake.live.state()).toMatchObject({ ended: 'interrupted', current: null, secondsLeft: 0 });
  });

  it('of a plan without a runnable cell does not divide by zero', () => {
    const fake = new FakeLive([{ state: 'skipped', cell: skipped, reason: 'no XDP' }]);
    fake.run(fakeSkipped(skipped, 'no XDP'));
    expect(fake.live.state()).toMatchObject({ secondsLeft: 0, runs: { done: 0, planned: 0 } });
  });

  it('names what is measured and its phase', () => {
    const fake = new FakeLive(plan, 2);
    const [question] = ceilingQuestions(plan);
    if (!question) throw new Error('the plan needs no ceiling');
    fake.tell({ type: 'calibrating', question });
    expect(fake.live.state().current).toMatchObject({ kind: 'ceiling', name: 'ceiling of live at 200 bytes' });
    fake.tell({ type: 'calibrated', question, error: new Error('no live frames') });
    fake.tell({ type: 'began', cell, repeat: 1 }).tell({ type: 'phase', phase: 'measure' }, 2e9);
    expect(fake.live.state()).toMatchObject({
      current: { kind: 'cell', name: cell.id, repeat: 2, repeats: 2, phase: 'measure', seconds: 2 },
      warnings: ['live at 200 bytes cannot be measured: no live frames'],
      warningCount: 1,
    });
  });
});

describe('rates', () => {
  it('are those of the generator, each cell from its own start, with a gap between two', () => {
    const fake = new FakeLive(plan, 2).tell({ type: 'began', cell, repeat: 0 });
    fake.samples('generator', { sent: 100, replied: 50 }, { sent: 300, replied: 150 });
    fake.tell({ type: 'began', cell: other, repeat: 0 });
    fake.samples('generator', { sent: 0, replied: 0 }, { sent: 20, replied: 10 });
    expect(fake.live.state().traces).toMatchObject({
      source: 'generator',
      sentPerSecond: [1000, null, 100],
      repliesPerSecond: [500, null, 50],
    });
  });

  it('are those of the invoker where generators tell none', () => {
    const client = { generatorCpus: [0], housekeepingCpu: 1 };
    const placement = { ...cell.placement, clients: [client, client] };
    const fake = new FakeLive(plan).tell({ type: 'began', cell: { ...cell, placement }, repeat: 0 });
    fake.samples('invoker', { handled: 0, replied: 0 }, { handled: 40, replied: 40 });
    expect(fake.live.state().traces).toMatchObject({ source: 'invoker', repliesPerSecond: [200] });
  });

  it('come with the round trips that were recorded', () => {
    const fake = new FakeLive(plan).tell({ type: 'began', cell, repeat: 0 });
    fake.tell({ type: 'recorded', piece: { beginNs: 0, endNs: 1e9, histogram: [[16_000, 50]] } });
    fake.tell({ type: 'recorded', piece: { beginNs: 0, endNs: 1e9, histogram: [] } });
    expect(fake.live.state().traces.roundTrips).toEqual(
      [{ p50: 16_007, p99: null }].map((trip) => ({ ...trip, p50: expect.closeTo(trip.p50, -2) })),
    );
  });
});

it('counts by implementation, once, what samples and records say', () => {
  const fake = new FakeLive(plan, 2).tell({ type: 'began', cell, repeat: 0 });
  fake.samples('generator', { sent: 10, replied: 5, hiccupMaxNs: 9 }, { sent: 30, replied: 15, hiccupMaxNs: 9 });
  fake.samples('invoker', { handled: 7, replied: 7, 'handled.0': 7 });
  const run = fakeCompleted(cell, 100, {
    ledger: fakeLedger(100, { drops: [{ name: 'socketDropped', count: 4 }] }),
    counters: {
      invoker: {
        threads: [
          { handled: 60, replied: 60 },
          { handled: 40, replied: 38 },
        ],
        shared: {},
        kernel: {},
      },
      generator: { sent: 101, replied: 98 },
      client: {},
    },
    cpu: [fakeCpuTime(3, { systemNs: 0.75e9 }), fakeCpuTime(0, { userNs: 1e9 }), fakeCpuTime(2)],
  });
  fake.tell({ type: 'ended', run });
  const { counted, cpu } = fake.live.state();
  expect(counted).toEqual([
    {
      implementation: 'dgram',
      generator: { sent: 101, replied: 98 },
      invoker: { handled: 100, replied: 98 },
      lost: { socketDropped: 4 },
    },
  ]);
  expect(cpu).toMatchObject([
    { cpu: 3, busy: 'invoker', system: 0.75, idle: 0.25 },
    { cpu: 0, busy: 'generator', user: 1 },
  ]);
});
