import { describe, expect, it, vi } from 'vitest';
import type { LoadContext } from '../../../common/process/protocol.js';
import type { PacedEngine } from '../../../loadgen/engines/paced.js';
import { latencyUnderLoad } from '../../../loadgen/loads/levels.js';
import { closed, openLoop } from '../../../loadgen/loads/plain.js';
import { ownPacedTraffic, ownTraffic } from '../../../loadgen/traffic/own.js';
import { checkEvery, checkEveryAt, type PhaseName, type Window } from '../../../model/record.js';
import { PacedServer } from '../../fakes/paced-server.js';

const clock = vi.hoisted(() => ({ ns: 0, passed: (_ns: number) => {} }));
vi.mock('../../../loadgen/engines/clock.js', () => ({
  nowNs: () => clock.ns,
  pause: async (ns: number) => {
    clock.ns += ns;
    clock.passed(ns);
  },
}));

const context = { warmupNs: 100e6, durationNs: 1e9, sharing: 'exclusive', cpus: [0] } as unknown as LoadContext;

/** Of a server that stands from a moment on for a while, as its queue is deep. */
async function offered(load: typeof openLoop | typeof closed, stands: { atNs: number; forNs: number }) {
  const isUp = (ns: number) => ns <= stands.atNs || ns > stands.atNs + stands.forNs;
  const server = new PacedServer({ takes: (ns) => (isUp(ns) ? 100_000 : 0), queue: 1e9 });
  clock.passed = (ns) => {
    // In small steps, as a stretch is long.
    for (let left = ns; left > 0; left -= 1e6) server.passed(Math.min(left, 1e6));
  };
  const phases: PhaseName[] = [];
  const windows: Window[] = [];
  const told: string[] = [];
  const events = {
    phase: (name: PhaseName) => phases.push(name),
    window: (one: Window) => {
      windows.push(one);
      told.push('window');
    },
  };
  const engine: PacedEngine = {
    ...server.engine,
    quiesce: () => {
      told.push('quiesce');
      server.engine.quiesce();
    },
  };
  if (load === openLoop) await openLoop(ownPacedTraffic(engine, context), context, 10_000, events);
  else {
    server.engine.setRate(10_000);
    await closed(ownTraffic(engine, context), context, events);
  }
  return { recorded: server.recorded, window: windows[0], phases, told };
}

describe.each([
  ['an open loop', openLoop],
  ['a closed loop', closed],
] as const)('%s', (_, load) => {
  it('records the round trips of its window', async () => {
    const { recorded, window, phases } = await offered(load, { atNs: 9e9, forNs: 0 });
    expect(recorded).toBe(window?.sent);
    expect(phases).toEqual(['warmup', 'measure']);
  });

  it('tells of its window before it ends the sending, as the host is read at that word', async () => {
    expect((await offered(load, { atNs: 9e9, forNs: 0 })).told).toEqual(['window', 'quiesce']);
  });

  it('records those that are under way when the window ends', async () => {
    const { recorded, window } = await offered(load, { atNs: 1.0e9, forNs: 0.4e9 });
    expect(window?.replied ?? 0).toBeLessThan(0.95 * (window?.sent ?? 0));
    expect(recorded).toBe(window?.sent);
  });
});

describe('a level', () => {
  it('has the replies to its own requests, and none to those that the level before left in a queue', async () => {
    // At 90 % of its capacity the server falls behind, as it gets slower then, and has a deep queue.
    let phase: PhaseName = 'warmup';
    const server = new PacedServer({ takes: () => (phase === 'level' ? 80_000 : 100_000), queue: 20_000 });
    clock.passed = (ns) => server.passed(ns);
    const events = {
      phase: (name: PhaseName) => {
        phase = name;
      },
      window: () => {},
    };
    const { levels } = await latencyUnderLoad(ownPacedTraffic(server.engine, context), context, events);
    expect(levels[2]?.offeredPerSecond).toBeGreaterThan(85_000);
    expect(levels.map(({ level }) => level)).toEqual(['10%', '50%', '90%', 'equal']);
    for (const { sent, replied, histogram } of levels) {
      const recorded = histogram.reduce((sum, [, count]) => sum + count, 0);
      expect(replied).toBe(sent);
      expect(recorded).toBe(sent);
    }
  });
});

describe('a level of a generator that loses its CPU while it switches the recording', () => {
  it('counts the requests that it has the replies to', async () => {
    const server = new PacedServer({ takes: () => 100_000 });
    clock.passed = (ns) => server.passed(ns);
    const engine: PacedEngine = {
      ...server.engine,
      record: (on) => {
        server.passed(5e6);
        server.engine.record(on);
      },
    };
    const { levels } = await latencyUnderLoad(ownPacedTraffic(engine, context), context, {
      phase: () => {},
      window: () => {},
    });
    expect(levels.map(({ sent, replied }) => replied - sent)).toEqual([0, 0, 0, 0]);
  });
});

describe('replies of which the content is compared', () => {
  it.each([
    [1, 1],
    [20, 1],
    [9_999, 1],
    [10_000, checkEvery],
    [1e6, checkEvery],
    [null, checkEvery],
  ])('at %s/s are one in %i', (perSecond, every) => expect(checkEveryAt(perSecond)).toBe(every));
});
