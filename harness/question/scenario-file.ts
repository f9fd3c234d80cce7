import { z } from 'zod';
import { list, readYamlFile, scalar } from './yaml-file.js';

/** The shape of a scenario file. Values stay text here: axes.ts parses them just as it does the flags. */

/** `+` joins a list of CPUs within one value, where a comma parts the values of an axis. */
const tuningValue = z
  .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))], { error: 'text, a number or a list' })
  .transform((value) => (Array.isArray(value) ? value.join('+') : String(value)));
const loadEntry = z.preprocess(
  (value) => (typeof value === 'string' ? { load: value } : value),
  z.strictObject(
    { load: scalar, sizes: list.optional(), matrix: list.optional() },
    { error: 'a load such as saturate, or a mapping with the keys load, sizes, matrix' },
  ),
);
const name = z
  .string({ error: 'text' })
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: 'up to 40 small letters, digits and dashes' });
const scenarioFile = z.strictObject(
  {
    name: name.optional(),
    implementations: list.optional(),
    function: scalar.optional(),
    sizes: list.optional(),
    matrix: list.optional(),
    axes: z.record(z.string(), list, { error: 'a mapping such as batch: [8, 64]' }).optional(),
    tuning: z.record(z.string(), tuningValue, { error: 'a mapping such as channels: 4' }).optional(),
    loads: z.array(loadEntry, { error: 'a list of loads' }).min(1, { error: 'a list of one load or more' }).optional(),
    topology: scalar.optional(),
    server: scalar.optional(),
    client: z.union([scalar, z.array(scalar)], { error: 'an end, or a list of ends' }).optional(),
    cpus: list.optional(),
    duration: scalar.optional(),
    warmup: scalar.optional(),
    repeats: scalar.optional(),
    seed: scalar.optional(),
  },
  { error: 'a mapping with keys such as sizes and matrix' },
);
export type ScenarioFile = z.infer<typeof scenarioFile>;

/** Reads and checks a scenario file; throws UsageError that names file, key or line. */
export function readScenarioFile(path: string, readFile: (path: string) => string): ScenarioFile {
  const keysAt = (depth: number) => Object.keys(depth === 0 ? scenarioFile.shape : loadEntry.out.shape);
  return readYamlFile('scenario', path, readFile, scenarioFile, keysAt);
}
