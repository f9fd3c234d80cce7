import { z } from 'zod';
import { engineIds } from '../../model/ids.js';
import { cell, scenario } from './cell.js';
import { hostFacts } from './host.js';
import { count, cpus, perSecond, text, timeOfDay } from './parts.js';
import { runId, version } from './run.js';

const ceiling = z
  .strictObject({
    engine: z.enum(engineIds),
    packetBytes: count.describe('Bytes'),
    queues: count,
    cpus: z.array(cpus('Of a client, one a generator thread')),
    timed: z.boolean().describe('Whether requests are sent for their round trips'),
    checkEvery: count.describe('The whole content of one in so many was compared; 0: none was checked'),
    sentPerSecond: perSecond('Requests sent'),
    countedPerSecond: perSecond('Requests that a program at the end of the wire counted'),
  })
  .meta({ id: 'ceiling', description: 'What an engine can send over a wire without an invoker' });

export const prologue = z.strictObject({
  schemaVersion: version,
  runId,
  startedAt: timeOfDay('Begin of the bench'),
  scenario,
  plan: z.array(
    z.discriminatedUnion('state', [
      z.strictObject({ state: z.literal('runnable'), cell }),
      z.strictObject({ state: z.literal('skipped'), cell, reason: text }),
    ]),
  ),
  host: hostFacts.describe('Of the server'),
  clientHosts: z.array(hostFacts).describe('Of each client; empty where the client is on the same host'),
  ceilings: z.array(ceiling),
});
