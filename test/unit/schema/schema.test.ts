import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { packageRoot } from '../../../common/process/paths.js';
import { summarise } from '../../../harness/judge/summary.js';
import { documentNames, jsonSchema } from '../../../harness/schema/documents.js';
import type { prologue } from '../../../harness/schema/prologue.js';
import type { run } from '../../../harness/schema/run.js';
import type { summary } from '../../../harness/schema/summary.js';
import { implementationIds } from '../../../model/ids.js';
import type { CompletedRun, Prologue, Run } from '../../../model/record.js';
import type { Summary } from '../../../model/summary.js';
import { faultsIn } from '../../fakes/json-schema.js';
import { fakeCapacity, fakeCompleted, fakeFailed, fakeSkipped, fakeWindow, plannedPrologue } from '../../fakes/runs.js';
import { fakeCapacityCell, fakeLevelsCell, fakeSummary, searchedOnce } from '../../fakes/summary.js';

const folder = join(packageRoot(), 'docs/schema');

describe('docs/schema', () => {
  it('is what npm run schemas makes', () => {
    expect(readdirSync(folder).sort()).toEqual(documentNames.map((name) => `${name}.schema.json`));
    for (const name of documentNames)
      expect(readFileSync(join(folder, `${name}.schema.json`), 'utf8'), 'run: npm run schemas').toBe(jsonSchema(name));
  });

  it('has the types of the model, no less and no more', () => {
    expectTypeOf<z.infer<typeof run>>().toExtend<Run>();
    expectTypeOf<Run>().toExtend<z.infer<typeof run>>();
    expectTypeOf<z.infer<typeof prologue>>().toExtend<Prologue>();
    expectTypeOf<Prologue>().toExtend<z.infer<typeof prologue>>();
    expectTypeOf<z.infer<typeof summary>>().toExtend<Summary>();
    expectTypeOf<Summary>().toExtend<z.infer<typeof summary>>();
  });

  it('says of every time and rate what it is counted in', () => {
    const unsaid: string[] = [];
    const visit = (node: unknown, name: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const { type, description } = node as { type?: unknown; description?: string };
      if (
        type === 'number' &&
        /Ns$|PerSecond$|Ratio$/.test(name) &&
        !/nanoseconds|per second|share/.test(description ?? '')
      )
        unsaid.push(name);
      for (const [key, value] of Object.entries(node)) visit(value, /^\d+$|^(anyOf|items)$/.test(key) ? name : key);
    };
    for (const name of documentNames) visit(JSON.parse(jsonSchema(name)), name);
    expect(unsaid).toEqual([]);
  });
});

const loads = ['saturate', 'capacity', 'rate=1000', 'closed=2', 'latency-under-load', 'none'];
const planned = loads.map((load) =>
  plannedPrologue({
    load,
    impls: 'all,dpdk,dpdk-packet,runtimes',
    sizes: '200,1400',
    matrix: '1T1Q,2T2Q',
    axis: ['batch=8,64'],
    repeats: '2',
  }),
);
const cells = planned.flatMap(({ plan }) => plan.map(({ cell }) => cell));

const rich = (completed: CompletedRun): CompletedRun => ({
  ...completed,
  capacity: fakeCapacity(),
  levels: [{ level: '10%', offeredPerSecond: 100.5, sent: 100, replied: 99, histogram: [[20_015, 99]] }],
  samples: [{ source: 'generator', atNs: 1e9, counters: { sent: 1 } }],
  timeline: {
    roundTrips: [{ beginNs: 1, endNs: 2, histogram: [[20_015, 99]] }],
    hosts: [{ host: 'client 2', beginNs: 1, endNs: 2, cpu: completed.cpu, foreign: [{ host: 'one', cpu: 1, ns: 5 }] }],
  },
  quota: { host: 'server', cpus: 1.5, throttledNs: 0 },
  stalls: { invoker: [null, 5] },
  clients: [{ host: 'bench@b', window: fakeWindow('measure', 1, 1), generator: {}, kernel: { x: 1 } }],
});

describe('a record', () => {
  it.each<[string, (cell: (typeof cells)[number]) => Run]>([
    ['completed', (cell) => fakeCompleted(cell, 1000)],
    ['completed with all there is', (cell) => rich(fakeCompleted(cell, 1000))],
    ['skipped', (cell) => fakeSkipped(cell, 'no XDP here')],
    ['failed', (cell) => fakeFailed(cell, 'PROBE', 'no answer')],
    [
      'failed in a call',
      (cell) => {
        const failed = fakeFailed(cell, 'XDP_BIND', 'busy');
        return { ...failed, error: { ...failed.error, call: 'bind', errno: 16, stderr: ['x'] } };
      },
    ],
  ])('that %s has the shape that is promised', (_, make) => {
    expect(cells.length).toBeGreaterThan(100);
    expect(new Set(cells.map(({ implementation }) => implementation))).toEqual(new Set(implementationIds));
    for (const cell of cells) expect(faultsIn('run', make(cell)), cell.id).toEqual([]);
  });

  const one = fakeCompleted(cells[0] as (typeof cells)[number], 1000);
  it.each<[string, Record<string, unknown>]>([
    ['of another version', { schemaVersion: 10 }],
    ['with a field of its own', { extra: 1 }],
    ['of another state', { state: 'done' }],
    ['with a name for a number', { repeat: 'first' }],
    ['with half a repeat', { repeat: 0.5 }],
    ['without a time', { startedAt: 'yesterday' }],
    ['of another host', { quota: { host: 'client x', cpus: 1, throttledNs: 0 } }],
    ['without its samples', { samples: undefined }],
  ])('%s has not', (_, changes) => {
    expect(faultsIn('run', one)).toEqual([]);
    expect(faultsIn('run', JSON.parse(JSON.stringify({ ...one, ...changes })))).not.toEqual([]);
  });
});

describe('a document', () => {
  it('of what was planned has the shape that is promised', () => {
    for (const document of planned) expect(faultsIn('host', document)).toEqual([]);
    const sided = plannedPrologue({ load: 'saturate', cpus: '0-3', sizes: '200' });
    expect(faultsIn('host', { ...sided, host: { ...sided.host, cpuQuota: 1.5 }, clientHosts: [sided.host] })).toEqual(
      [],
    );
    expect(faultsIn('host', { ...sided, host: null })).toEqual(['/host must be object']);
  });

  it('of figures has the shape that is promised', () => {
    for (const document of planned) {
      const runs = document.plan.flatMap(({ cell }) =>
        [0, 1].map((repeat) => ({ ...fakeCompleted(cell, 1000), repeat })),
      );
      expect(faultsIn('summary', summarise(document, runs))).toEqual([]);
      expect(faultsIn('summary', summarise(document, []))).toEqual([]);
    }
    const cells = [fakeLevelsCell('afxdp'), fakeCapacityCell('afxdp', 200, { ndr: searchedOnce(1, null) })];
    for (const document of [fakeSummary(), fakeSummary({ cells, mergedFrom: ['a', 'b'] })])
      expect(faultsIn('summary', document)).toEqual([]);
  });
});
