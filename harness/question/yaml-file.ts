import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../../common/cli/errors.js';
import { parsePath } from '../../common/cli/values.js';

/** A value that stays text: it is parsed just as that of a flag. */
export const scalar = z.union([z.string(), z.number()], { error: 'text or a number' }).transform(String);
/** Several such values, joined as a flag has them. */
export const list = z
  .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))], { error: 'text or a list of values' })
  .transform((value) => (Array.isArray(value) ? value.join(',') : String(value)));

/**
 * Reads a file that a flag `--WHAT FILE` names and checks its shape; throws UsageError that names file, key or line.
 * `keysAt` has the keys of the mapping that these keys and indexes lead to.
 */
export function readYamlFile<Shape extends z.ZodType>(
  what: string,
  path: string,
  readFile: (path: string) => string,
  shape: Shape,
  keysAt: (at: readonly PropertyKey[]) => string[],
): z.infer<Shape> {
  const where = `${what} ${path}`;
  const raw = parseYaml(where, readText(what, path, readFile));
  const result = shape.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (!issue) throw new UsageError(`${where}: is not valid`);
  const at = (keys: readonly PropertyKey[]) => `${where}${keys.length > 0 ? `: ${pathText(keys)}` : ''}`;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path).join(', ');
    throw new UsageError(`${at([...issue.path, issue.keys[0] ?? ''])}: unknown key, not one of ${known}`);
  }
  throw new UsageError(`${at(issue.path)}: must be ${issue.message}, not ${show(valueAt(raw, issue.path))}`);
}

function readText(what: string, path: string, readFile: (path: string) => string): string {
  parsePath(`--${what}`, path, 'file');
  try {
    return readFile(path);
  } catch (error) {
    throw new UsageError(`--${what}: ${path} cannot be read (${oneLine(error)})`);
  }
}

function parseYaml(where: string, text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) {
    const said = problem.code === 'MULTIPLE_DOCS' ? 'a second document begins here' : oneLine(problem);
    throw new UsageError(`${where}: line ${lines.linePos(problem.pos[0]).line}: ${said}`);
  }
  try {
    return document.toJS();
  } catch (error) {
    throw new UsageError(`${where}: ${oneLine(error)}`);
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
