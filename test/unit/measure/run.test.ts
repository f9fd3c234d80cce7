import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { BenchError } from '../../../common/cli/errors.js';
import type { Site, TopologyKind } from '../../../common/wire/topology.js';
import { allowedCpus, keepTo } from '../../../harness/measure/affinity.js';
import { runCell } from '../../../harness/measure/run.js';
import { vethTestbed } from '../../../harness/measure/testbed.js';
import { expectedNs } from '../../../harness/plan/plan.js';
import { fakeRunCell } from '../../fakes/runs.js';

const script = fileURLToPath(new URL('../../fakes/cell-side.mjs', import.meta.url));

const intact = async () => {};

/** A wire of nothing, on whose sides a script speaks as the processes of a cell do. */
function fakeVeth(server: 'invoker' | 'dies', destroy: () => Promise<void>, check = intact): TopologyKind {
  const site = (role: string): Site => ({
    ...{ interface: 'none', address: '10.0.0.1', mac: '02:00:00:00:00:01', driver: 'veth' },
    ...{ enter: [process.execPath, script, role], node: process.execPath, root: '/' },
  });
  return {
    id: 'veth',
    build: async () => ({
      server: site(server),
      clients: [site('generator')],
      facts: { wire: 'none' },
      check,
      destroy,
    }),
  };
}

const busy = () => Promise.reject(new BenchError('TEARDOWN', 'cannot delete the namespaces ivb-1', { call: 'ip' }));
const cell = () => {
  const { placement, ...rest } = fakeRunCell('recvfrom', { kind: 'closed', connections: 1 });
  const housekeepingCpu = Number(/^\d+/.exec(before)?.[0]);
  return { ...rest, placement: { ...placement, housekeepingCpu } };
};
const attempt = (kind: TopologyKind, interrupt = new AbortController().signal) =>
  runCell({ runId: 'r', cell: cell(), repeat: 0 }, { ...vethTestbed, topology: kind }, interrupt);

let before = '';
beforeEach(() => {
  before = allowedCpus();
});
afterEach(() => keepTo(before));

describe('a cell', () => {
  it('is completed when both sides have said all', async () => {
    const run = await attempt(fakeVeth('invoker', async () => {}));
    expect(run).toMatchObject({ state: 'completed', granted: { wire: 'none' }, handledByThread: [10] });
  });

  it('keeps what each RX queue received and how often the generator did not run', async () => {
    const run = await attempt(fakeVeth('invoker', async () => {}));
    expect(run).toMatchObject({ receivedByQueue: [7, 3], hiccups: { generator: { count: 2, maxNs: 0, totalNs: 5 } } });
  });

  it('that takes three times as long as planned and a minute more has failed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    let destroyed = 0;
    const kind = fakeVeth('invoker', async () => {
      destroyed++;
    });
    let ending: Promise<unknown> | null = null;
    await new Promise<void>((built) => {
      const build: TopologyKind['build'] = (queues) => {
        built();
        return kind.build(queues);
      };
      ending = attempt({ ...kind, build });
    });
    const limitMs = (3 * expectedNs(cell())) / 1e6 + 60_000;
    vi.advanceTimersByTime(limitMs);
    const message = `the run hangs: no end after ${Math.round(limitMs / 1000)} s`;
    expect(await ending).toMatchObject({ state: 'failed', error: { code: 'TIMEOUT', message } });
    expect(destroyed).toBe(1);
  });

  it('whose wire was lost meanwhile has failed, with the cause', async () => {
    const lost = () => Promise.reject(new BenchError('TOPOLOGY', 'h2: ens5 has no carrier (is the cable in?)'));
    const run = await attempt(fakeVeth('invoker', async () => {}, lost));
    const message = 'h2: ens5 has no carrier (is the cable in?)';
    expect(run).toMatchObject({ state: 'failed', error: { code: 'TOPOLOGY', message } });
  });

  it('whose wire cannot be taken down has failed, with the cause', async () => {
    const run = await attempt(fakeVeth('invoker', busy));
    const message = 'cannot delete the namespaces ivb-1';
    expect(run).toMatchObject({ state: 'failed', error: { code: 'TEARDOWN', message, call: 'ip' } });
  });

  it('that failed and cannot be taken down says both, its own cause first', async () => {
    const run = await attempt(fakeVeth('dies', busy));
    const message = 'the recvfrom invoker ended: code 7; cannot delete the namespaces ivb-1';
    expect(run).toMatchObject({ state: 'failed', error: { code: 'CHILD_ENDED', message } });
  });

  it('that leaves a setting says so by its code, whatever failed before', async () => {
    const undo = () => Promise.reject(new BenchError('TUNING_STAYS', 'not restored: governor'));
    const tune = async () => ({ applied: [], undo });
    const testbed = { ...vethTestbed, topology: fakeVeth('dies', async () => {}), tune };
    const run = await runCell({ runId: 'r', cell: cell(), repeat: 0 }, testbed, new AbortController().signal);
    const message = 'the recvfrom invoker ended: code 7; not restored: governor';
    expect(run).toMatchObject({ state: 'failed', error: { code: 'TUNING_STAYS', message } });
  });

  it('that is interrupted rejects with the reason, and takes its wire down', async () => {
    const interrupt = new AbortController();
    let destroyed = 0;
    const kind = fakeVeth('invoker', async () => {
      destroyed++;
    });
    const build: TopologyKind['build'] = (queues) => {
      interrupt.abort(new Error('enough'));
      return kind.build(queues);
    };
    const ending = attempt({ ...kind, build }, interrupt.signal);
    await expect(ending).rejects.toThrow('enough');
    expect(destroyed).toBe(1);
  });
});
