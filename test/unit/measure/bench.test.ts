import { expect, it } from 'vitest';
import { BenchError } from '../../../common/cli/errors.js';
import type { TopologyKind } from '../../../common/wire/topology.js';
import { allowedCpus } from '../../../harness/measure/affinity.js';
import { measure } from '../../../harness/measure/bench.js';
import { unobserved } from '../../../harness/measure/events.js';
import { vethTestbed } from '../../../harness/measure/testbed.js';
import { schedule } from '../../../harness/plan/plan.js';
import type { HostState } from '../../../harness/state/host-state.js';
import type { RunStore } from '../../../harness/store/store.js';
import type { PlannedCell } from '../../../model/cell.js';
import type { Run } from '../../../model/record.js';
import { fakeRunCell } from '../../fakes/runs.js';

const site = { interface: 'none', address: '', mac: '', driver: '', enter: [], node: process.execPath, root: '/' };
const wire: TopologyKind = {
  id: 'veth',
  build: async () => ({ server: site, clients: [site], facts: {}, check: async () => {}, destroy: async () => {} }),
};

/** Three repeats of a cell whose tuning rejects; resolves to their records and to how it ended. `states` are read of the host. */
async function measured(code: string, states: HostState[] = [{ settings: {}, ours: [] }]) {
  const runs: Run[] = [];
  const { placement, ...cell } = fakeRunCell('recvfrom', { kind: 'closed', connections: 1 });
  const housekeepingCpu = Number(/^\d+/.exec(allowedCpus())?.[0]);
  const plan: PlannedCell[] = [{ state: 'runnable', cell: { ...cell, placement: { ...placement, housekeepingCpu } } }];
  const last = states.at(-1) ?? null;
  const testbed = {
    ...vethTestbed,
    topology: wire,
    tune: () => Promise.reject(new BenchError(code, 'eth1: why')),
    watch: () => ({ read: async () => states.shift() ?? last, end: async () => {} }),
  };
  const marks: string[] = [];
  const store = {
    begin: async (id: string, repeat: number) => void marks.push(`${id} ${repeat} begun after ${runs.length}`),
    append: async (run: Run) => void runs.push(run),
  } as unknown as RunStore;
  const ending = await measure(
    { turns: schedule(plan, 3, 1), runId: 'r', testbed },
    store,
    unobserved,
    new AbortController().signal,
  ).catch((error: BenchError) => `${error.code}: ${error.message}`);
  return { ending, states: runs.map(({ state }) => state), marks };
}

it('measures nothing with a setting that stays', async () => {
  expect(await measured('TUNING_STAYS')).toMatchObject({
    ending: 'TUNING_STAYS: nothing more is measured with what stays set: eth1: why',
    states: ['failed'],
  });
});

it('stops where the host is another one after a run, and says which run of how many that was', async () => {
  const set = (value: string): HostState => ({ settings: { 'sysctl net.core.busy_poll': value }, ours: [] });
  expect(await measured('TUNING_LINK', [set('0'), set('0'), set('50')])).toMatchObject({
    ending:
      'HOST_CHANGED: while run 2 of 3 (recvfrom-1T1Q-200-reverse-closed) ran, it or others changed: ' +
      'sysctl net.core.busy_poll 0 -> 50 (sysctl -w net.core.busy_poll=0)',
    states: ['failed', 'failed'],
  });
}, 20_000);

it('goes on after a cell that failed otherwise', async () => {
  expect(await measured('TUNING_LINK')).toMatchObject({ ending: 'finished', states: ['failed', 'failed', 'failed'] });
});

it('marks each attempt before it is made', async () => {
  const { marks } = await measured('TUNING_LINK');
  expect(marks).toEqual([0, 1, 2].map((n) => `recvfrom-1T1Q-200-reverse-closed ${n} begun after ${n}`));
});
