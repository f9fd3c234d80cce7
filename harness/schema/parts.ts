import { z } from 'zod';
import type { HostSide } from '../../model/host-use.js';
import { engineIds, functionIds, implementationIds, topologyIds } from '../../model/ids.js';

/** A number of things. */
export const count = z.int().min(0);
export const number = z.number();
export const text = z.string();

export const ns = (of: string) => number.describe(`${of}, nanoseconds`);
export const perSecond = (of: string) => number.describe(`${of}, per second`);
export const ratio = (of: string) => number.describe(`${of}, a share from 0 to 1`);
export const cpus = (of: string) => z.array(count).describe(`${of}: CPU numbers as the kernel's`);
export const timeOfDay = (of: string) => z.iso.datetime().describe(`${of}, ISO 8601, UTC`);

export const implementation = z.enum(implementationIds).meta({ id: 'implementation' });
export const functionId = z.enum(functionIds).meta({ id: 'function', description: 'What is done with each payload' });
export const engine = z
  .enum([...engineIds, 'none'])
  .meta({ id: 'engine', description: 'What sends requests; none: nothing is sent' });
export const topology = z.enum(topologyIds).meta({ id: 'topology' });

/** Counters by name. */
export const counters = z
  .record(text, number)
  .meta({ id: 'counters', description: 'Monotonic counters by name, since their process started' });

export const histogram = z.array(z.tuple([count, count])).meta({
  id: 'histogram',
  description:
    'Round-trip times, ascending: pairs of [ns, the highest equivalent value of the bucket, to 3 digits; count]',
});

export const hostSide: z.ZodType<HostSide> = z
  .union([z.enum(['one', 'server', 'client']), z.templateLiteral(['client ', z.int().min(1)])])
  .meta({
    id: 'hostSide',
    description: 'one: the host that is server and client; several clients are numbered from 1: "client 2"',
  });
