import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../../common/cli/errors.js';

/** The shape of a scenario file. Values stay text here: axes.ts parses them just as it does the flags. */

const scalar = z.union([z.string(), z.number()], { error: 'text or a number' }).transform(String);
const list = z
  .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))], { error: 'text or a list of values' })
  .transform((value) => (Array.isArray(value) ? value.join(',') : String(value)));
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
    cpus: list.optional(),
    generatorCpus: list.optional(),
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
  const raw = parseYaml(path, readText(path, readFile));
  const result = scenarioFile.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (!issue) throw new UsageError(`scenario ${path}: is not valid`);
  const at = (keys: readonly PropertyKey[]) => `scenario ${path}${keys.length > 0 ? `: ${pathText(keys)}` : ''}`;
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(issue.path.length === 0 ? scenarioFile.shape : loadEntry.out.shape);
    throw new UsageError(`${at([...issue.path, issue.keys[0] ?? ''])}: unknown key, not one of ${known.join(', ')}`);
  }
  throw new UsageError(`${at(issue.path)}: must be ${issue.message}, not ${show(valueAt(raw, issue.path))}`);
}

function readText(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    throw new UsageError(`--scenario: ${path} cannot be read (${oneLine(error)})`);
  }
}

function parseYaml(path: string, text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) {
    const said = problem.code === 'MULTIPLE_DOCS' ? 'a second document begins here' : oneLine(problem);
    throw new UsageError(`scenario ${path}: line ${lines.linePos(problem.pos[0]).line}: ${said}`);
  }
  try {
    return document.toJS();
  } catch (error) {
    throw new UsageError(`scenario ${path}: ${oneLine(error)}`);
  }
}

function pathText(keys: readonly PropertyKey[]): string {
  return keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

function show(value: unknown): string {
  const text = asText(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
}

/** A value for a message; a YAML alias may make it contain itself. */
function asText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'absent';
  } catch {
    return 'a value that contains itself';
  }
}
