import { describe, expect, it } from 'vitest';
import { type Ends, onVeth } from '../../../harness/plan/placement.js';
import { expectedNs, expectedTotalNs, planCells, schedule } from '../../../harness/plan/plan.js';
import { readScenario, type ScenarioFlags } from '../../../harness/question/scenario.js';
import { cannot, variantOf } from '../../../impls/abilities.js';
import { type PlannedCell, type Scenario, wireQueues } from '../../../model/cell.js';
import { type FunctionId, functionIds } from '../../../model/ids.js';
import { plainHost } from '../../fakes/hosts.js';

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const host = (count: number) => plainHost(range(count));
const portOf = (functionId: FunctionId) => 1232 + functionIds.indexOf(functionId);
const known = { portOf, cannot, variantOf };

function scenarioOf(flags: ScenarioFlags): Scenario {
  return readScenario({ seed: '1', ...flags }, { readFile: () => '{}', randomSeed: () => 0 });
}

const plan = (flags: ScenarioFlags, cpuCount = 2) => planCells(scenarioOf(flags), onVeth(host(cpuCount)), known);
const idsOf = (cells: readonly PlannedCell[]) => cells.map(({ cell }) => cell.id);

describe('planCells', () => {
  it('has a cell a variant, and one where an implementation lacks the axis', () => {
    const flags = { impls: 'recvfrom,recvmmsg', sizes: '200', load: 'saturate', axis: ['batch=8,64'] };
    expect(idsOf(plan(flags))).toEqual([
      'recvfrom-1T1Q-200-reverse-saturate',
      'recvmmsg-1T1Q-200-reverse-saturate-batch=8',
      'recvmmsg-1T1Q-200-reverse-saturate-batch=64',
    ]);
    expect(plan(flags).map(({ cell }) => cell.settings)).toEqual([{}, { batch: 8 }, { batch: 64 }]);
  });

  it('has a cell a number of channels: sockets take any, XDP serves each queue by itself', () => {
    const cells = plan({ impls: 'recvfrom,afxdp', sizes: '200', load: 'saturate', axis: ['channels=2,1'] });
    expect(cells.map(({ state, cell }) => [state, cell.id, cell.placement.clients[0]?.generatorCpus.length])).toEqual([
      ['runnable', 'recvfrom-1T1Q-200-reverse-saturate-channels=2', 2],
      ['runnable', 'recvfrom-1T1Q-200-reverse-saturate-channels=1', 1],
      ['skipped', 'afxdp-1T1Q-200-reverse-saturate-channels=2', 0],
      ['runnable', 'afxdp-1T1Q-200-reverse-saturate-channels=1', 1],
    ]);
    const [reason] = cells.flatMap((planned) => (planned.state === 'skipped' ? [planned.reason] : []));
    expect(reason).toBe('afxdp serves each RX queue by itself: 2 channels and 1 queue must be the same');
    expect(cells.map(({ cell }) => wireQueues(cell))).toEqual([2, 1, 2, 1]);
  });

  it('looks a placement up by the point, whatever queues the wire has', () => {
    const file = '- { matrix: 1T1Q, invoker: [5] }';
    const flags = { impls: 'recvfrom', sizes: '200', load: 'saturate', axis: ['channels=2,1'], placement: 'mine.yaml' };
    const scenario = readScenario({ seed: '1', ...flags }, { readFile: () => file, randomSeed: () => 0 });
    const cells = planCells(scenario, onVeth(host(6)), known);
    expect(cells.map(({ cell }) => cell.placement.invokerCpus)).toEqual([[5], [5]]);
  });

  describe('interrupts', () => {
    const nic = (interrupts: 'placed' | 'nameless'): Ends => ({
      ...{ server: host(6), clients: [host(6)], nic: { node: null, interrupts } },
    });
    const told = (flags: ScenarioFlags, ends: Ends) =>
      planCells(
        scenarioOf({ impls: 'recvmmsg', matrix: '2T2Q', sizes: '200', load: 'saturate', ...flags }),
        ends,
        known,
      ).map(({ cell: { placement, tuning } }) => [placement.irqCpus, tuning.irqAffinity, tuning.irqbalance]);

    it.each<[ScenarioFlags, number[], string]>([
      [{}, [0, 1], '0+1'],
      [{ cpus: 'irq=3-4' }, [3, 4], '3+4'],
      [{ cpus: 'irq=3' }, [3, 3], '3+3'],
      [{ axis: ['irqAffinity=5'] }, [5, 5], '5'],
    ])('are tuned to where they are placed: %j', (flags, irqCpus, irqAffinity) => {
      expect(told(flags, nic('placed'))).toEqual([[irqCpus, irqAffinity, 'paused']]);
    });

    it('are not said to be placed where they cannot be', () => {
      expect(told({ cpus: 'irq=3' }, nic('nameless'))).toEqual([[[], undefined, undefined]]);
      expect(told({ cpus: 'irq=3' }, onVeth(host(6)))).toEqual([[[], undefined, undefined]]);
    });
  });

  it('waits as the axis says, where the implementation has that way', () => {
    const cells = plan({ impls: 'dgram,afxdp', sizes: '200', load: 'saturate', axis: ['idle=spin,poll'] });
    expect(cells.map(({ cell }) => [cell.implementation, cell.variant, cell.idle])).toEqual([
      ['dgram', '', 'poll'],
      ['afxdp', 'idle=spin', 'spin'],
      ['afxdp', 'idle=poll', 'poll'],
    ]);
  });

  it('resolves every value of a cell', () => {
    expect(plan({ impls: 'afxdp', matrix: '2T2Q', sizes: '200', function: 'echo', load: 'saturate' })).toEqual([
      {
        state: 'runnable',
        cell: {
          id: 'afxdp-2T2Q-200-echo-saturate',
          implementation: 'afxdp',
          threads: 2,
          queues: 2,
          packetBytes: 200,
          functionId: 'echo',
          port: 1233,
          load: { kind: 'saturate' },
          engine: 'live',
          topology: 'veth',
          idle: 'poll',
          placement: {
            clients: [{ generatorCpus: [0, 1], housekeepingCpu: 0 }],
            invokerCpus: [1, 0],
            irqCpus: [],
            housekeepingCpu: 0,
            nodes: [],
            sharing: 'shared',
            cores: 'own',
            warnings: [
              'Busy threads share CPUs: CPU 0 runs generator thread 0, invoker thread 1; CPU 1 runs generator thread 1, invoker thread 0.',
            ],
          },
          durationNs: 1e9,
          warmupNs: 0.5e9,
          settings: {},
          tuning: {},
          variant: '',
        },
      },
    ]);
  });

  it('goes load by load, then by implementation, point and size', () => {
    expect(idsOf(plan({ impls: 'recvmmsg,dgram', matrix: '1T1Q,2T1Q', sizes: '800,60' }))).toEqual([
      'recvmmsg-1T1Q-800-reverse-saturate',
      'recvmmsg-1T1Q-60-reverse-saturate',
      'recvmmsg-2T1Q-800-reverse-saturate',
      'recvmmsg-2T1Q-60-reverse-saturate',
      'dgram-1T1Q-800-reverse-saturate',
      'dgram-1T1Q-60-reverse-saturate',
      'dgram-2T1Q-800-reverse-saturate',
      'dgram-2T1Q-60-reverse-saturate',
      'recvmmsg-1T1Q-800-reverse-closed=4',
      'dgram-1T1Q-800-reverse-closed=4',
    ]);
  });

  it('plans the main command: recvfrom runs at 1T1Q only, and its other points are skipped with the reason', () => {
    const cells = plan({ matrix: '1T1Q,2T2Q,4T4Q' });
    expect(cells).toHaveLength(4 * 3 * 7 + 4);
    const skipped = cells.filter(({ state }) => state === 'skipped');
    expect(idsOf(skipped)).toEqual(idsOf(cells).filter((id) => /^recvfrom-[24]/.test(id)));
    expect(skipped).toHaveLength(2 * 7);
    expect(expectedTotalNs(cells, 6)).toBeLessThan(30 * 60e9);
  });

  it('skips recvfrom where it would need several threads', () => {
    const cells = plan({ impls: 'recvfrom', matrix: '2T2Q,4T4Q', sizes: '200', load: 'saturate' });
    expect(idsOf(cells)).toEqual(['recvfrom-2T2Q-200-reverse-saturate', 'recvfrom-4T4Q-200-reverse-saturate']);
    for (const planned of cells) {
      expect(planned).toMatchObject({
        state: 'skipped',
        reason: `recvfrom has one thread a function, not ${planned.cell.threads}`,
        cell: { engine: 'none', placement: { clients: [{ generatorCpus: [] }], invokerCpus: [] } },
      });
    }
  });

  it('skips the points where xdp would need threads of its own', () => {
    const at = (matrix: string) => plan({ impls: 'xdp', matrix, sizes: '200', load: 'saturate' });
    expect(at('1T1Q,2T1Q,2T2Q,4T2Q').map(({ state, cell }) => `${cell.id} ${state}`)).toEqual([
      'xdp-1T1Q-200-reverse-saturate runnable',
      'xdp-2T1Q-200-reverse-saturate skipped',
      'xdp-2T2Q-200-reverse-saturate runnable',
      'xdp-4T2Q-200-reverse-saturate skipped',
    ]);
    expect(at('2T1Q')).toMatchObject([{ reason: expect.stringMatching(/^xdp has no threads of its own: /) }]);
  });

  it.each<[FunctionId, string | undefined]>([
    ['reverse', undefined],
    ['echo', undefined],
    ['expand', 'expand is not available inside eBPF'],
    ['upper', 'upper is not available inside eBPF'],
  ])('%s on xdp', (functionId, reason) => {
    const cells = plan({ impls: 'xdp', function: functionId, matrix: '1T1Q,2T2Q', sizes: '200', load: 'closed=1' });
    expect(cells).toHaveLength(2);
    for (const planned of cells) expect('reason' in planned ? planned.reason : undefined).toBe(reason);
  });

  it('leaves a refusal to who knows: its words are the reason', () => {
    const refusing = { portOf, cannot: () => 'no', variantOf };
    const cells = planCells(scenarioOf({ impls: 'dgram', sizes: '60', load: 'none' }), onVeth(host(2)), refusing);
    expect(cells).toMatchObject([{ state: 'skipped', reason: 'no' }]);
  });

  it('skips everything on one CPU', () => {
    const cells = planCells(scenarioOf({}), onVeth(plainHost([5])), known);
    expect(cells).not.toHaveLength(0);
    for (const planned of cells) {
      expect(planned.state === 'skipped' && planned.reason).toMatch(/^this process may use only CPU 5,/);
    }
    expect(expectedTotalNs(cells, 3)).toBe(0);
  });

  it('plans a cell once', () => {
    const scenario = scenarioOf({ impls: 'dgram', sizes: '60,200', load: 'none' });
    const [load] = scenario.loads;
    const twice = { ...scenario, loads: load ? [load, { ...load, sizes: [200, 800] }] : [] };
    expect(idsOf(planCells(twice, onVeth(host(2)), known))).toEqual(
      [60, 200, 800].map((size) => `dgram-1T1Q-${size}-reverse-none`),
    );
  });

  it('feeds all implementations of a point by the same engine', () => {
    for (const count of [2, 3, 4, 8]) {
      const engines = new Map<string, Set<string>>();
      for (const { state, cell } of plan({ matrix: '1T1Q,2T2Q,4T4Q', load: 'saturate' }, count)) {
        if (state === 'skipped') continue;
        const point = `${cell.threads}T${cell.queues}Q`;
        engines.set(point, (engines.get(point) ?? new Set()).add(cell.engine));
      }
      expect([...engines.values()].map((set) => set.size)).toEqual([1, 1, 1]);
    }
  });
});

describe('schedule', () => {
  const cells = plan({ impls: 'recvfrom,afxdp,dgram', matrix: '2T2Q,4T4Q', sizes: '200..1400' });
  const skipped = cells.filter(({ state }) => state === 'skipped');
  const runnable = cells.filter(({ state }) => state === 'runnable');

  it('has skipped cells once in front, then each round all the others', () => {
    const turns = schedule(cells, 3, 99);
    expect(skipped.length).toBeGreaterThan(0);
    expect(turns).toHaveLength(skipped.length + 3 * runnable.length);
    expect(turns.slice(0, skipped.length)).toEqual(skipped.map((planned) => ({ repeat: 0, planned })));
    for (const repeat of range(3)) {
      const round = turns.slice(skipped.length + repeat * runnable.length).slice(0, runnable.length);
      expect(round.every((turn) => turn.repeat === repeat)).toBe(true);
      expect(idsOf(round.map(({ planned }) => planned)).sort()).toEqual(idsOf(runnable).sort());
    }
  });

  it('is the same for a seed, another for another, and another in each round', () => {
    const order = (seed: number) => schedule(runnable, 2, seed).map(({ planned }) => planned.cell.id);
    expect(order(7)).toEqual(order(7));
    expect(order(7)).not.toEqual(order(8));
    expect(order(7).slice(0, runnable.length)).not.toEqual(order(7).slice(runnable.length));
  });

  it('puts every cell first about equally often', () => {
    const three = runnable.slice(0, 3);
    const firsts = range(3000).map((seed) => schedule(three, 1, seed)[0]?.planned.cell.id);
    for (const id of idsOf(three)) expect(firsts.filter((first) => first === id).length).toBeGreaterThan(850);
  });

  it('keeps to one order for ever: a recorded seed must stay worth something', () => {
    const five = runnable.slice(0, 5);
    const order = schedule(five, 2, 1).map(({ planned }) => five.indexOf(planned));
    expect(order).toMatchInlineSnapshot(`
      [
        4,
        2,
        1,
        0,
        3,
        0,
        2,
        3,
        1,
        4,
      ]
    `);
  });

  it.each([
    [[], 3, 0],
    [runnable.slice(0, 1), 2, 2],
  ] as const)('takes few cells', (few, repeats, turns) => {
    expect(schedule(few, repeats, 0)).toHaveLength(turns);
  });
});

describe('expectedNs', () => {
  it.each([
    ['saturate', '500ms', 0.5e9 + 0.5e9 + 1.4e9 + 1e9 + 0.3e9 + 0.1e9],
    ['saturate', '3s', 0.5e9 + 3e9 + 1.4e9 + 1e9 + 0.3e9 + 0.1e9],
    ['closed=4', '500ms', 0.5e9 + 0.5e9 + 1e9 + 0.1e9],
    ['none', '0', 0.5e9 + 1e9 + 0.1e9],
  ])('%s after %s', (load, warmup, ns) => {
    const [planned] = plan({ impls: 'dgram', sizes: '60', load, warmup });
    expect(planned && expectedNs(planned.cell)).toBe(ns);
  });
});
