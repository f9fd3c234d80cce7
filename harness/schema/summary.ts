import { z } from 'zod';
import { idle, matrixPoint, scenario } from './cell.js';
import { hostFacts } from './host.js';
import { count, engine, functionId, implementation, ns, number, perSecond, ratio, text, timeOfDay } from './parts.js';
import { level, runId, version } from './run.js';

/** What a reader sees of a bench, as model/summary.ts has it. */

const figure = z
  .strictObject({
    median: number,
    low: number,
    high: number,
    confidence: ratio('Probability that low to high covers the true median; 0 of a single run, which has no interval'),
  })
  .meta({
    id: 'figure',
    description: 'A median with its interval: order statistics from 6 runs on, the range below that',
  });

const percentile = (of: string) => ns(`${of} percentile; null where fewer than 10 values lie beyond`).nullable();

const latency = z
  .strictObject({
    count: count.describe('Recorded round trips'),
    p50: percentile('50th'),
    p90: percentile('90th'),
    p99: percentile('99th'),
    p99_9: percentile('99.9th'),
    p99_99: percentile('99.99th'),
    max: ns('The largest'),
  })
  .meta({ id: 'latency' });

const capacityFigure = z
  .strictObject({
    interval: figure.describe('Requests per second; a search in which no load held counts as 0'),
    bracket: z
      .strictObject({
        low: perSecond('The highest load that held'),
        high: perSecond('The lowest that did not').nullable(),
      })
      .nullable()
      .describe('Of a single search; null of several runs'),
    bound: z.enum(['exact', 'lower']).describe('lower: the server may take more'),
    byRepeat: z.array(perSecond('What a run found; null where no load held').nullable()),
  })
  .meta({ id: 'capacityFigure' });

const repeatFigures = z
  .strictObject({
    repeat: count.describe('0-based'),
    repliesPerSecond: perSecond('Right replies').nullable(),
    ndrPerSecond: perSecond('Highest load without loss').nullable(),
    pdrPerSecond: perSecond('Highest load with a loss of at most 0.5 %').nullable(),
    latencyNs: latency.nullable(),
    cpuNsPerReply: ns('Busy time of all CPUs of the cell a reply').nullable(),
  })
  .meta({ id: 'repeatFigures', description: 'What one valid run found' });

const answer = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('peak') }),
    z.strictObject({ kind: z.literal('capacity') }),
    z.strictObject({ kind: z.literal('round-trips'), offeredPerSecond: perSecond('Offered').nullable() }),
    z.strictObject({ kind: z.literal('levels') }),
    z.strictObject({ kind: z.literal('rest') }),
  ])
  .meta({ id: 'answer', description: 'What the load is asked for, and so which figures are its answer' });

const levelSummary = z.strictObject({
  level,
  offeredPerSecond: perSecond('Offered, median of the repeats'),
  lossRatio: ratio('Lost of sent'),
  latencyNs: latency.nullable(),
});

const cellSummary = z
  .strictObject({
    id: text,
    impl: implementation,
    variant: text.describe('What was set beside the defaults: batch=64,idle=spin; blank for the defaults'),
    workNs: ns('Computation behind the function; null where none was asked about').nullable(),
    ...matrixPoint.shape,
    packetBytes: count.describe('Ethernet frame of a request without FCS, bytes'),
    functionId,
    load: text.describe('As on the command line'),
    answer,
    engine,
    state: z.enum(['completed', 'skipped', 'failed']),
    verdict: z.enum(['valid', 'invalid']).nullable(),
    reasons: z.array(text).describe('Why it is invalid, skipped or failed, or has no answer'),
    limit: z.enum(['invoker', 'generator', 'path', 'config', 'none']).nullable().describe('Which side held it back'),
    warnings: z.array(text),
    repeats: count.describe('Runs that the figures rest on'),
    repliesPerSecond: figure.nullable().describe('Right replies per second'),
    bitsPerSecond: figure.nullable().describe('Of frames that hold the replies, bit/s'),
    overloadRepliesPerSecond: figure.nullable().describe('Right replies per second under full overload'),
    generatorCeilingPerSecond: perSecond('Requests that the generator can send').nullable(),
    lossRatio: ratio('Lost of sent in the measure phase').nullable(),
    residualRatio: ratio('Requests that no counter explains, the largest of the runs').nullable(),
    idle,
    latencyNs: latency.nullable(),
    levels: z.array(levelSummary),
    ndr: capacityFigure.nullable().describe('No loss'),
    pdr: capacityFigure.nullable().describe('A loss of at most 0.5 %'),
    cpuNsPerReply: z
      .strictObject({ invoker: ns('CPUs that run invoker threads'), total: ns('All CPUs of the cell') })
      .nullable()
      .describe('Busy time a reply'),
    invokerCpuRatio: ratio('Busy share of the CPUs that run invoker threads').nullable(),
    joulesPerReply: number.nullable().describe("Of packages and memory of the server's host"),
    byRepeat: z.array(repeatFigures),
  })
  .meta({ id: 'cellSummary', description: 'A figure is null where the load does not measure it or no run completed' });

const crossingEnd = (of: string) => ns(`${of}: 0 is below the least work asked, null beyond the most`).nullable();

const workCurve = z
  .strictObject({
    impl: implementation,
    variant: text.describe('What was set beside work and defaults'),
    ...matrixPoint.shape,
    packetBytes: count,
    functionId,
    load: text,
    engine,
    points: z
      .array(
        z.strictObject({
          workNs: ns('Computation behind the function'),
          cell: text.describe('Id of the cell'),
          ratio: figure.nullable().describe('Replies per second over those of recvmmsg with as much work'),
        }),
      )
      .describe('By ascending work'),
    crossing: z
      .strictObject({
        atNs: crossingEnd('Work from which on the ratio stays below 1.1'),
        lowNs: crossingEnd('Lower end of its interval'),
        highNs: crossingEnd('Upper end'),
        confidence: ratio('Probability that lowNs to highNs covers the true one; 0 of single runs'),
      })
      .nullable()
      .describe('null of recvmmsg, and where fewer than two points have a ratio'),
  })
  .meta({ id: 'workCurve', description: 'What an implementation answers as work behind the function grows' });

export const summary = z.strictObject({
  schemaVersion: version,
  runId,
  mergedFrom: z.array(text).describe('Ids of the runs that were merged, the oldest first; empty of a run as measured'),
  scenario,
  host: hostFacts.describe('Of the server'),
  clientHosts: z.array(hostFacts).describe('Of each client; empty where the client is on the same host'),
  startedAt: timeOfDay('Begin of the bench'),
  cells: z.array(cellSummary),
  work: z.array(workCurve).describe('Empty unless work was an axis and its answer a peak'),
});
