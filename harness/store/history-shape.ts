/** What lines of a history must have to be read, whoever wrote them. */

import { z } from 'zod';
import { metricIds } from '../../model/comparison.js';
import { implementationIds, topologyIds } from '../../model/ids.js';
import { runIdForm } from './out-folder.js';

const number = z.number();
const positive = z.number().positive();
const count = z.number().int().nonnegative();
const metric = z.enum(metricIds);
const iso = z.iso.datetime();
const ratio = z.looseObject({ median: positive, low: positive, high: positive, confidence: number });

export const runIdShape = z.string().regex(runIdForm);

export const nightShape = z.looseObject({
  kind: z.literal('night'),
  runId: runIdShape,
  startedAt: iso,
  machine: z.string(),
  bootId: z.string().nullable(),
  profile: z.string(),
  topology: z.enum(topologyIds),
  commit: z.string(),
  dirty: z.enum(['clean', 'dirty', 'unknown']),
  facts: z.record(z.string(), z.string()),
  state: z.enum(['complete', 'partial']),
  report: z.string().nullable(),
  cells: count,
  pairs: count,
});

const figure = z.looseObject({
  ...{ metric, values: z.array(positive).min(1), level: positive },
  ...{ median: positive, low: positive, high: positive, bound: z.enum(['exact', 'lower']) },
});

const cell = z.looseObject({
  kind: z.literal('cell'),
  cell: z.string(),
  impl: z.enum(implementationIds),
  variant: z.string(),
  threads: count,
  queues: count,
  packetBytes: count,
  functionId: z.string(),
  load: z.string(),
  engine: z.string(),
  state: z.enum(['measured', 'skipped', 'failed', 'invalid']),
  reason: z.string().nullable(),
  figures: z.array(figure),
});

const pair = z.looseObject({
  kind: z.literal('pair'),
  ...{ cell: z.string(), metric, against: z.string(), ratio, p: number, nullSpread: number, attempt: count },
  verdict: z.enum(['better', 'worse', 'unclear', 'unstable']),
});

/** A line below the first one of a night. */
export const nightLineShape = z.discriminatedUnion('kind', [cell, pair]);

const change = z.looseObject({
  ...{ cell: z.string(), metric, firstNight: z.string(), lastGoodNight: z.string(), ratio, p: number },
  ...{ kind: z.enum(['step', 'spike', 'drift']), direction: z.enum(['better', 'worse']), threshold: number },
  ...{
    commits: z.looseObject({ good: z.string(), bad: z.string() }),
    facts: z.array(z.looseObject({ fact: z.string() })),
  },
});

const event = { at: iso, reason: z.string() };

/** A line of events.ndjson. */
export const eventShape = z.discriminatedUnion('kind', [
  z.looseObject({ ...event, kind: z.literal('withdrawn'), runId: z.string() }),
  z.looseObject({ ...event, kind: z.literal('raised'), alert: count, changes: z.array(change) }),
  z.looseObject({ ...event, kind: z.enum(['cleared', 'acknowledged']), alert: count }),
]);
