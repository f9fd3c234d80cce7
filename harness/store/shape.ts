import { z } from 'zod';
import { engineIds, functionIds, implementationIds } from '../../model/ids.js';

/**
 * What a record must have for the judges to read it. Loose about what is large or has names of its own (counters,
 * samples, histograms), so that reading stays fast, and about what a record has beside that.
 */

const number = z.number();
const count = z.number().min(0);
const list = z.array(z.unknown());
const table = z.record(z.string(), z.unknown());

const placement = z.looseObject({
  clients: z.array(z.looseObject({ generatorCpus: z.array(count), housekeepingCpu: count })).min(1),
  invokerCpus: z.array(count),
  housekeepingCpu: count,
  warnings: z.array(z.string()),
});

const load = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.enum(['saturate', 'capacity', 'latency-under-load', 'none']) }),
  z.looseObject({ kind: z.literal('rate'), perSecond: number }),
  z.looseObject({ kind: z.literal('closed'), connections: number }),
]);

const runError = z.looseObject({ code: z.string(), message: z.string() });

const cell = z.looseObject({
  id: z.string(),
  implementation: z.enum(implementationIds),
  threads: count,
  queues: count,
  packetBytes: count,
  functionId: z.enum(functionIds),
  load,
  engine: z.enum([...engineIds, 'none']),
  idle: z.string(),
  settings: table,
  tuning: table,
  variant: z.string(),
  placement,
});

const base = { schemaVersion: number, runId: z.string(), cell, repeat: count, startedAt: z.string() };

const window = z.looseObject({
  phase: z.string(),
  offeredPerSecond: number.nullable(),
  beginNs: number,
  endNs: number,
  sent: number,
  replied: number,
  checked: number,
  wrong: number,
});

const capacityRate = z.looseObject({
  perSecond: number,
  failedPerSecond: number.nullable(),
  boundBy: z.enum(['server', 'generator']),
});

const capacity = z.looseObject({
  ndr: capacityRate.nullable(),
  pdr: capacityRate.nullable(),
  trials: count,
  pieces: count,
  piecesRepeated: count,
  timedOut: z.boolean(),
});

const level = z.looseObject({
  level: z.string(),
  offeredPerSecond: number,
  sent: count,
  replied: number,
  histogram: list,
});

const cpuTime = z.looseObject({
  cpu: count,
  userNs: number,
  systemNs: number,
  softirqNs: number,
  idleNs: number,
  stealNs: number,
});

const hiccups = z.looseObject({ count, maxNs: count, totalNs: count }).nullable();

/** A line of runs.ndjson. */
export const runShape = z.discriminatedUnion('state', [
  z.looseObject({
    ...base,
    state: z.literal('completed'),
    timing: z.looseObject({ setupNs: number, teardownNs: number }),
    granted: table,
    windows: z.array(window),
    samples: list,
    timeline: z.looseObject({ roundTrips: list, hosts: list }),
    cpu: z.array(cpuTime),
    ledger: z.looseObject({
      sent: count,
      handled: count,
      replied: count,
      right: number,
      wrong: count,
      drops: z.array(z.looseObject({ name: z.string(), count: number })),
      residual: number,
    }),
    histogram: list,
    capacity: capacity.nullable(),
    levels: z.array(level),
    handledByThread: z.array(count),
    receivedByQueue: z.array(count),
    hiccups: z.looseObject({ generator: hiccups }),
    stalls: z.looseObject({ invoker: z.array(count.nullable()) }),
    foreign: z.array(z.looseObject({ cpu: count, ns: count })),
    quota: z.looseObject({ cpus: number, throttledNs: count }).nullable(),
    energy: z.array(z.looseObject({ host: z.string(), domain: z.string(), joules: number })),
    counters: z.looseObject({
      invoker: z.looseObject({ threads: list, shared: table, kernel: table }),
      generator: table,
      client: table,
    }),
    clients: z.array(z.looseObject({ host: z.string(), window: window.nullable(), generator: table, kernel: table })),
  }),
  z.looseObject({ ...base, state: z.literal('skipped'), reason: z.string() }),
  z.looseObject({
    ...base,
    state: z.literal('failed'),
    error: runError,
  }),
]);

/** The document in host.json. */
export const prologueShape = z.looseObject({
  schemaVersion: number,
  runId: z.string(),
  startedAt: z.string(),
  scenario: z.looseObject({ name: z.string(), implementations: list, loads: list, variants: list, repeats: count }),
  plan: z.array(
    z.discriminatedUnion('state', [
      z.looseObject({ state: z.literal('runnable'), cell }),
      z.looseObject({ state: z.literal('skipped'), cell, reason: z.string() }),
    ]),
  ),
  host: z.looseObject({ cpuModel: z.string(), versions: table }),
  clientHosts: z.array(z.looseObject({ cpuModel: z.string(), versions: table })),
  ceilings: list,
});

/** The document in pair.json. */
export const pairShape = z.looseObject({
  schemaVersion: number,
  runId: z.string(),
  startedAt: z.string(),
  question: z.looseObject({
    candidates: z.tuple([z.looseObject({ name: z.string() }), z.looseObject({ name: z.string() })]),
    sizes: z.array(count),
    load,
    turns: count,
    controls: count,
  }),
  host: z.looseObject({ cpuModel: z.string(), versions: table }),
});

const turnBase = {
  schemaVersion: number,
  runId: z.string(),
  startedAt: z.string(),
  packetBytes: count,
  control: count.nullable(),
  turn: count,
  side: z.literal([0, 1]),
};

/** A line of turns.ndjson, of one of the project's own implementations. */
export const turnShape = z.looseObject({ ...turnBase, run: runShape });

/** A line of turns.ndjson, of a program that is no part of the project. */
export const programTurnShape = z.looseObject({
  ...turnBase,
  run: z.discriminatedUnion('state', [
    z.looseObject({
      state: z.literal('completed'),
      windows: z.array(window),
      histogram: list,
      capacity: capacity.nullable(),
      counters: z.looseObject({ generator: table, client: table }),
    }),
    z.looseObject({ state: z.literal('failed'), error: runError }),
  ]),
});

/**
 * The first thing that a value lacks, as `ledger.sent: expected number, received string`; null where it has the shape.
 */
export function faultIn(shape: z.ZodType, value: unknown): string | null {
  const { success, error } = shape.safeParse(value);
  if (success) return null;
  const issue = error.issues[0];
  const path = issue?.path.join('.') ?? '';
  const message = (issue?.message ?? '').replace(/^Invalid input: /, '');
  return path === '' ? message : `${path}: ${message}`;
}
