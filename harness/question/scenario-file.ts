import { z } from 'zod';
import { UsageError } from '../../common/cli/errors.js';
import { parseChoice } from '../../common/cli/values.js';
import { list, readYamlFile, scalar } from './yaml-file.js';

/** The shape of a scenario file. Values stay text here: axes.ts parses them just as it does the flags. */

/** `+` joins a list of CPUs within one value, where a comma parts the values of an axis. */
const tuningValue = z
  .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))], { error: 'text, a number or a list' })
  .transform((value) => (Array.isArray(value) ? value.join('+') : String(value)));
const axes = z.record(z.string(), list, { error: 'a mapping such as batch: [8, 64]' });
const loadEntry = z.preprocess(
  (value) => (typeof value === 'string' ? { load: value } : value),
  z.strictObject(
    {
      load: scalar,
      sizes: list.optional(),
      matrix: list.optional(),
      implementations: list.optional(),
      axes: axes.optional(),
    },
    { error: 'a load such as saturate, or a mapping with keys such as load and sizes' },
  ),
);
const name = z
  .string({ error: 'text' })
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: 'up to 40 small letters, digits and dashes' });
/** How much of a question is asked: what stands here wins over the same keys of the file. */
const profile = z.strictObject(
  {
    sizes: list.optional(),
    matrix: list.optional(),
    duration: scalar.optional(),
    warmup: scalar.optional(),
    repeats: scalar.optional(),
  },
  { error: 'a mapping with keys such as duration and repeats' },
);
const scenarioFile = z.strictObject(
  {
    name: name.optional(),
    implementations: list.optional(),
    function: scalar.optional(),
    sizes: list.optional(),
    matrix: list.optional(),
    axes: axes.optional(),
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
    profiles: z.record(name, profile, { error: 'a mapping of names such as quick' }).optional(),
  },
  { error: 'a mapping with keys such as sizes and matrix' },
);
type Whole = z.infer<typeof scenarioFile>;
/** A scenario file with one of its profiles, or none, applied. */
export type ScenarioFile = Omit<Whole, 'profiles'>;

/**
 * Reads and checks a scenario file; throws UsageError that names file, key or line. `placeOf` names the place of a key in
 * messages, which may be in the profile.
 */
export function readScenarioFile(
  path: string,
  readFile: (path: string) => string,
  profileName: string | undefined,
): { file: ScenarioFile; placeOf(key: string): string } {
  const keysAt = ([key]: readonly PropertyKey[]) =>
    Object.keys(key === undefined ? scenarioFile.shape : key === 'profiles' ? profile.shape : loadEntry.out.shape);
  const { profiles = {}, ...file } = readYamlFile('scenario', path, readFile, scenarioFile, keysAt);
  const placeOf = (key: string) => `scenario ${path}: ${key}`;
  if (profileName === undefined) return { file, placeOf };
  const known = Object.keys(profiles);
  if (known.length === 0) throw new UsageError(`--profile: ${path} has none`);
  const chosen = profiles[parseChoice('--profile', profileName, known)] ?? {};
  return {
    file: { ...file, ...chosen },
    placeOf: (key) => placeOf(key in chosen ? `profiles.${profileName}.${key}` : key),
  };
}
