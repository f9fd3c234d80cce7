import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../common/cli/errors.js';
import { mergeRuns, type StoredRun } from '../../../harness/judge/merge-runs.js';
import { summarise } from '../../../harness/judge/summary.js';
import type { Cell, Scenario } from '../../../model/cell.js';
import type { HostFacts } from '../../../model/host.js';
import type { Ceiling, Prologue } from '../../../model/record.js';
import { fakeCompleted, fakePrologue, fakeSkipped, plannedPrologue } from '../../fakes/runs.js';

/** What a run left that began in an hour of one day: `rates` by repeat of every cell that its flags ask for. */
function stored(
  hour: number,
  { impls = 'recvmmsg', sizes = '200', rates = [1000, 2000] },
  changes: Partial<Prologue> = {},
): StoredRun {
  const startedAt = `2026-11-22T0${hour}:00:00.000Z`;
  const runId = `run-${hour}`;
  const flags = { impls, sizes, load: 'saturate', repeats: String(rates.length), seed: String(hour) };
  const prologue = { ...plannedPrologue(flags), runId, startedAt, ...changes };
  const runs = rates.flatMap((rate, repeat) =>
    prologue.plan.map(({ cell }) => fakeCompleted(cell, rate, { runId, repeat, startedAt })),
  );
  return { folder: `results/${runId}`, prologue, runs };
}

const [earlier, later] = [stored(1, {}), stored(2, { rates: [3000] })];

function refusalOf(...runs: StoredRun[]): string {
  try {
    mergeRuns(runs, 'merged');
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('they were merged');
}

describe('runs of one question', () => {
  it('have the repeats of all of a cell that all have, each under the id of its run', () => {
    const { prologue, runs } = mergeRuns([earlier, later], 'merged');
    expect(prologue).toMatchObject({
      runId: 'merged',
      startedAt: earlier.prologue.startedAt,
      scenario: { repeats: 3 },
    });
    expect(runs.map(({ runId, repeat }) => [runId, repeat])).toEqual([
      ['run-1', 0],
      ['run-1', 1],
      ['run-2', 2],
    ]);
    const { cells, mergedFrom } = summarise(prologue, runs);
    expect(mergedFrom).toEqual(['run-1', 'run-2']);
    expect(cells).toMatchObject([{ repeats: 3, repliesPerSecond: { median: 2000, low: 1000, high: 3000 } }]);
  });

  it('have cells beside each other that only some have, and their scenario asks for all of them', () => {
    const other = stored(2, { impls: 'afxdp', sizes: '800', rates: [5000] });
    const { prologue, runs } = mergeRuns([earlier, other], 'merged');
    expect(prologue.plan.map(({ cell }) => cell.id)).toEqual([
      'recvmmsg-1T1Q-200-reverse-saturate',
      'afxdp-1T1Q-800-reverse-saturate',
    ]);
    expect(runs.map(({ repeat }) => repeat)).toEqual([0, 1, 0]);
    expect(prologue.scenario).toMatchObject({
      implementations: ['recvmmsg', 'afxdp'],
      loads: [{ load: { kind: 'saturate' }, matrix: [{ threads: 1, queues: 1 }], sizes: [200, 800] }],
    });
  });

  it('are the same whichever is named first, and remain what they were', () => {
    const before = structuredClone([earlier, later]);
    expect(mergeRuns([later, earlier], 'merged')).toEqual(mergeRuns([earlier, later], 'merged'));
    expect([earlier, later]).toEqual(before);
  });

  it('may be merged ones', () => {
    const [a, b, c] = [earlier, later, stored(3, { rates: [4000] })];
    const halfway = { folder: 'results/merged', ...mergeRuns([a, b], 'halfway') };
    expect(mergeRuns([halfway, c], 'merged')).toEqual(mergeRuns([a, b, c], 'merged'));
  });

  it('have a cell that one of them could measure', () => {
    const skipping = stored(1, {}, {});
    const { cell } = skipping.prologue.plan[0] as { cell: Cell };
    const nowhere = { ...cell, engine: 'none' as const };
    const skipped: StoredRun = {
      ...skipping,
      prologue: { ...skipping.prologue, plan: [{ state: 'skipped', cell: nowhere, reason: 'needs root' }] },
      runs: [{ ...fakeSkipped(nowhere, 'needs root'), runId: 'run-1' }],
    };
    for (const order of [
      [skipped, later],
      [later, skipped],
    ]) {
      const { prologue, runs } = mergeRuns(order, 'merged');
      expect(prologue.plan).toEqual(later.prologue.plan);
      expect(summarise(prologue, runs).cells).toMatchObject([{ state: 'completed', repeats: 1 }]);
    }
  });

  it('have the lower ceiling of the two that answer one question', () => {
    const ceiling: Ceiling = {
      ...{ engine: 'live', packetBytes: 200, queues: 1, cpus: [[0]], timed: false, checkEvery: 64 },
      ...{ sentPerSecond: 4e6, countedPerSecond: 4e6 },
    };
    const slower = { ...ceiling, sentPerSecond: 3e6 };
    const elsewhere = { ...ceiling, packetBytes: 800 };
    const { prologue } = mergeRuns(
      [stored(1, {}, { ceilings: [ceiling] }), stored(2, {}, { ceilings: [slower, elsewhere] })],
      'merged',
    );
    expect(prologue.ceilings).toEqual([slower, elsewhere]);
  });
});

describe('what is not merged, with the difference', () => {
  const onHost = (changes: Partial<HostFacts>) => {
    const { host } = fakePrologue([]);
    return stored(2, {}, { host: { ...host, ...changes } });
  };
  const asking = (changes: Partial<Scenario>) =>
    stored(2, {}, { scenario: { ...stored(2, {}).prologue.scenario, ...changes } });
  const side = { target: 'host1', interface: 'ens4', address: '10.0.0.10', root: null, inUse: 'refuse' as const };
  const placed = (): StoredRun => {
    const other = stored(2, {});
    const { cell } = other.prologue.plan[0] as { cell: Cell };
    const moved = { ...cell, placement: { ...cell.placement, invokerCpus: [2] } };
    return { ...other, prologue: { ...other.prologue, plan: [{ state: 'runnable', cell: moved }] } };
  };
  const versions = { node: 'v20.20.2', libbpf: '1.3.0' };
  it.each<[string, StoredRun, RegExp | string]>([
    ['another host', onHost({ cpuModel: 'Example Xeon' }), /: host\.cpuModel is Example Xeon, not .*$/],
    ['another kernel', onHost({ kernel: '6.12.0' }), 'host.kernel is 6.12.0, not 6.8.0-45-generic'],
    [
      'another commit',
      onHost({ commit: 'fedc' }),
      /: host\.commit is fedc, not 0123456789abcdef0123456789abcdef01234567$/,
    ],
    [
      'other code of one commit',
      onHost({ versions: { ...versions, code: 'b' }, dirty: 'dirty' }),
      'host.versions.code is b, not missing; host.dirty is dirty, not clean',
    ],
    [
      'a changed tree of which nothing is known',
      onHost({ dirty: 'dirty' }),
      /its code is not known: commit 0123\w*, tree dirty$/,
    ],
    [
      'a second host',
      stored(2, {}, { clientHosts: [fakePrologue([]).host] }),
      /: clientHosts is \[\{.*\}\], not \[\]$/,
    ],
    ['other ends', asking({ sides: { server: side, clients: [side] } }), /: scenario\.sides is \{.*\}, not null$/],
    ['another duration', asking({ durationNs: 2e9 }), 'scenario.durationNs is 2000000000, not 1000000000'],
    ['another function', asking({ functionId: 'echo' }), 'scenario.functionId is echo, not reverse'],
    [
      'another place of the same cell',
      placed(),
      /: cell recvmmsg-1T1Q-200-reverse-saturate: placement\.invokerCpus is \[2\], not \[\d\]$/,
    ],
    ['no record', { ...later, runs: [] }, 'results/run-2 has no record: leave it out'],
    ['the same run again', earlier, 'results/run-1 is named twice: its records would count twice'],
    [
      'a copy of it',
      { ...earlier, folder: 'copy' },
      'results/run-1 and copy both have records of run run-1, which would count twice: leave one out',
    ],
    [
      'one that holds it already',
      { folder: 'results/merged', ...mergeRuns([earlier, later], 'merged') },
      /both have records of run run-1, which would count twice: leave one out$/,
    ],
  ])('%s', (_, other, message) => {
    const said = refusalOf(earlier, other);
    if (typeof message === 'string') expect(said).toContain(message);
    else expect(said).toMatch(message);
    expect(said).toContain(other.folder);
  });

  it('of many differences the first three', () => {
    const other = onHost({ cpuModel: 'a', cpuCount: 1, kernel: 'b', governor: 'c', hypervisor: 'd' });
    expect(refusalOf(earlier, other)).toMatch(
      /^results\/run-2 is not to be merged with results\/run-1: host\.cpuModel is a, .*; host\.cpuCount is 1, .*; .*; and 2 more$/,
    );
  });
});
