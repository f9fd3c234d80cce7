import { z } from 'zod';
import { schemaVersion } from '../../model/record.js';
import { cell } from './cell.js';
import { count, counters, histogram, hostSide, ns, number, perSecond, text, timeOfDay } from './parts.js';

/** What is stored of a run, as model/record.ts has it. */

export const version: z.ZodType<number> = z
  .literal(schemaVersion)
  .describe('Of these shapes: a field that is added makes a new version');
export const runId = text.describe('Of the bench that the run is of: its folder');

const phase = z.enum(['warmup', 'ramp', 'search', 'measure', 'level', 'overload', 'drain']);

export const level = z.enum(['10%', '50%', '90%', 'equal']).meta({
  id: 'level',
  description: "A share of the implementation's own capacity, or a rate that is equal for all",
});

const monotonic = (of: string) => ns(`${of}, CLOCK_MONOTONIC`);

const window = z
  .strictObject({
    phase,
    offeredPerSecond: perSecond('Rate asked of the generator; null when it was not paced').nullable(),
    beginNs: monotonic('Begin'),
    endNs: monotonic('End'),
    offered: number.describe('Requests that the schedule asked for'),
    sent: number.describe('Requests that left the generator'),
    replied: number.describe('Replies that came back'),
    checked: number.describe('Replies whose content was checked'),
    wrong: number.describe('Replies of the wrong length or content'),
  })
  .meta({ id: 'window', description: "What happened between two readings of the generator's counters" });

const cpuTime = z
  .strictObject({
    host: hostSide,
    cpu: count,
    userNs: ns('User'),
    systemNs: ns('System'),
    softirqNs: ns('Soft interrupts'),
    idleNs: ns('Idle'),
    stealNs: ns('Stolen by the hypervisor'),
  })
  .meta({ id: 'cpuTime', description: 'Of one CPU, from /proc/stat' });

const foreignTime = z
  .strictObject({ host: hostSide, cpu: count, ns: ns('At least so much') })
  .meta({ id: 'foreignTime', description: "CPU time of processes that are not the benchmark's" });

const energyUse = z
  .strictObject({ host: hostSide, domain: text.describe('package-0, package-0/dram'), joules: number })
  .meta({ id: 'energyUse', description: 'What a part of a host used' });

const capacityRate = z
  .strictObject({
    perSecond: perSecond('The highest load that held'),
    failedPerSecond: perSecond('The lowest above it that did not; null where none failed').nullable(),
    boundBy: z.enum(['server', 'generator']).describe('What failed there'),
  })
  .meta({ id: 'capacityRate' });

const capacity = z
  .strictObject({
    ndr: capacityRate.nullable().describe('No loss; null where no load held'),
    pdr: capacityRate.nullable().describe('A loss of at most 0.5 %'),
    trials: count,
    pieces: count.describe('Of those trials, each of up to a quarter of a second'),
    piecesRepeated: count,
    timedOut: z.boolean(),
  })
  .meta({ id: 'capacity', description: 'What a search found' });

const hiccups = z
  .strictObject({ count: count.describe('Gaps over 1 ms'), maxNs: ns('The longest'), totalNs: ns('All') })
  .meta({ id: 'hiccups', description: 'Gaps between two turns of a loop that never rests' });

const ledger = z
  .strictObject({
    sent: number,
    handled: number,
    replied: number,
    right: number.describe('Right replies seen by the client'),
    wrong: number,
    drops: z.array(z.strictObject({ name: text, count: number })).describe('Named places of loss'),
    residual: number.describe('What no counter explains'),
  })
  .meta({ id: 'ledger', description: 'Of the whole run: sent = right + wrong + drops + residual' });

const timeline = z
  .strictObject({
    roundTrips: z.array(z.strictObject({ beginNs: monotonic('Begin'), endNs: monotonic('End'), histogram })),
    hosts: z.array(
      z.strictObject({
        host: hostSide,
        beginNs: ns("Begin, by the host's own clock"),
        endNs: ns('End, by the same'),
        cpu: z.array(cpuTime),
        foreign: z.array(foreignTime),
      }),
    ),
  })
  .meta({
    id: 'timeline',
    description: 'The measure phase in pieces of about a second; empty where nothing was recorded',
  });

const base = {
  schemaVersion: version,
  runId,
  cell,
  repeat: count.describe('0-based'),
  startedAt: timeOfDay('Begin of the run'),
};

const completed = z.strictObject({
  ...base,
  state: z.literal('completed'),
  timing: z.strictObject({ setupNs: ns('Set-up'), teardownNs: ns('Tear-down') }),
  granted: z.record(text, text).describe('What the invoker says it was granted'),
  windows: z.array(window),
  samples: z
    .array(z.strictObject({ source: z.enum(['generator', 'invoker']), atNs: monotonic('Reading'), counters }))
    .describe('Readings of counters: rates are their differences'),
  timeline,
  cpu: z.array(cpuTime).describe('Over the measure phase'),
  foreign: z.array(foreignTime),
  quota: z
    .strictObject({ host: hostSide, cpus: number, throttledNs: ns('How long it was held back') })
    .nullable()
    .describe('A limit of CPU time; null without one'),
  energy: z
    .array(energyUse)
    .describe('Over the measure phase, from RAPL; empty where no host has counters that may be read'),
  ledger,
  histogram: histogram.describe('Round trips of the measure phase; empty unless the load measures them'),
  capacity: capacity.nullable(),
  levels: z.array(
    z.strictObject({ level, offeredPerSecond: perSecond('Offered'), sent: number, replied: number, histogram }),
  ),
  handledByThread: z.array(number).describe('Requests of each invoker thread'),
  receivedByQueue: z.array(number).describe('Packets of each RX queue of the server'),
  hiccups: z.strictObject({ generator: hiccups.nullable() }),
  stalls: z.strictObject({
    invoker: z.array(ns('A thread was ready and did not run; null where nobody counts it').nullable()),
  }),
  counters: z
    .strictObject({
      invoker: z.strictObject({ threads: z.array(counters), shared: counters, kernel: counters }),
      generator: counters,
      client: counters,
    })
    .describe('As they stood at the end'),
  clients: z
    .array(z.strictObject({ host: text, window: window.nullable(), generator: counters, kernel: counters }))
    .describe('Of several clients, what each counted; else empty'),
});

const runError = z.strictObject({
  code: text,
  message: text,
  call: z.exactOptional(text.describe('The failed system or library call')),
  errno: z.exactOptional(number.describe('Positive, as in C')),
  stderr: z.exactOptional(z.array(text).describe('Last lines of the process that failed')),
});

export const run = z.discriminatedUnion('state', [
  completed,
  z.strictObject({ ...base, state: z.literal('skipped'), reason: text }),
  z.strictObject({ ...base, state: z.literal('failed'), error: runError }),
]);
