import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import { parseChoice } from '../../common/cli/values.js';
import { cannotRun, variantOf } from '../../impls/abilities.js';
import { functionIds, type ImplementationId, implementationIds } from '../../model/ids.js';
import type { Build, Candidate, ServerProgram } from '../../model/pair.js';
import { formatVariant, noVariant, type Variant } from '../../model/settings.js';
import { combine, parseSetting } from './axes.js';

/** Where a program serves, as its command may name it. */
export const placeholders = ['interface', 'address', 'port'] as const;

/** The commit that a revision names, as git reads it; throws UsageError, which names the option. */
export type ResolveRevision = (option: string, revision: string) => Build;

export type ImplementationCandidate = Extract<Candidate, { kind: 'implementation' }>;

/**
 * Two candidates from `afxdp/recvmmsg`, `afxdp:batch=8/afxdp:batch=64,function=echo`, `afxdp@main~3/afxdp` or the name of
 * a program.
 */
export function parsePair(
  option: string,
  text: string,
  programs: ReadonlyMap<string, ServerProgram>,
  resolve: ResolveRevision,
): [Candidate, Candidate] {
  const known = [...implementationIds, ...programs.keys()];
  const parts = splitPair(text, known).map((part) => parseCandidate(option, part.trim(), programs, resolve));
  const [first, second] = parts;
  if (!first || !second || parts.length > 2)
    throw new UsageError(`${option}: ${quote(text)} is not two candidates such as afxdp/recvmmsg`);
  const unused = [...programs.keys()].find((name) => !parts.some((part) => part.name === name));
  if (unused !== undefined)
    throw new UsageError(`--server: ${unused} is not one of the candidates of ${option} ${quote(text)}`);
  return [first, second];
}

/** At its slashes, but for those within a revision, which no candidate's name follows. */
function splitPair(text: string, known: readonly string[]): string[] {
  const parts: string[] = [];
  for (const part of text.split('/')) {
    const before = parts.at(-1);
    const isWithin = before?.includes('@') && !known.some((name) => name === /^[^@:]*/.exec(part)?.[0]);
    if (isWithin) parts[parts.length - 1] = `${before}/${part}`;
    else parts.push(part);
  }
  return parts;
}

function parseCandidate(
  option: string,
  text: string,
  programs: ReadonlyMap<string, ServerProgram>,
  resolve: ResolveRevision,
): Candidate {
  const [, name = '', revision, choices] = readCandidate(text);
  const program = programs.get(name);
  if (program === undefined) return parseImplementation(option, text, [...programs.keys()], resolve);
  if (choices !== undefined) throw new UsageError(`${option}: ${quote(text)}: a program of --server has no settings`);
  if (revision !== undefined) throw new UsageError(`${option}: ${quote(text)}: a program of --server has no commits`);
  return { kind: 'program', name, program };
}

/** `afxdp`, `afxdp@main~3:batch=64`: name, revision, choices. */
const readCandidate = (text: string) => /^([^:@]*)(?:@([^:]*))?(?::(.*))?$/.exec(text) ?? [];

/** An implementation from `afxdp` or `afxdp@main~3:batch=64,function=echo`. `others`: what else might have been meant. */
function parseImplementation(
  option: string,
  text: string,
  others: readonly string[],
  resolve: ResolveRevision,
): ImplementationCandidate {
  const [, name = '', revision, choices] = readCandidate(text);
  const implementation = implementationIds.find((id) => id === name);
  if (implementation === undefined)
    throw new UsageError(
      `${option}: ${quote(name)} is not one of ${[...implementationIds, ...others].join(', ')} (--server adds a program)`,
    );
  const pairs = choices === undefined ? [] : choices.split(',').map((choice) => parseAssignment(option, choice));
  const names = pairs.map(([key]) => key);
  const twice = names.find((key, index) => names.indexOf(key) !== index);
  if (twice !== undefined) throw new UsageError(`${option}: ${quote(text)}: ${twice} is given twice`);
  const functionText = pairs.find(([key]) => key === 'function')?.[1] ?? 'reverse';
  const functionId = parseChoice(`${option}: ${name}: function`, functionText, functionIds);
  const refusal = cannotRun(implementation, functionId);
  if (refusal !== null) throw new UsageError(`${option}: ${quote(text)}: ${refusal}`);
  const settings = pairs.filter(([key]) => key !== 'function');
  const variant = parseVariant(option, text, implementation, settings);
  const build = revision === undefined ? null : resolve(option, revision);
  return { kind: 'implementation', name: text, implementation, functionId, variant, build };
}

/** Settings of an implementation, which must have them all. `text`: where they stand. */
export function parseVariant(
  option: string,
  text: string,
  implementation: ImplementationId,
  settings: readonly (readonly [key: string, value: string])[],
): Variant {
  const axes = settings.map(([key, value]) => [parseSetting(`${option}: ${implementation}`, key, value)]);
  for (const [asked] of axes) {
    if (asked && formatVariant(variantOf(implementation, asked)) === '')
      throw new UsageError(`${option}: ${quote(text)}: ${implementation} has no ${formatVariant(asked)}`);
  }
  return combine(axes)[0] ?? noVariant;
}

export function parseAssignment(option: string, text: string): [key: string, value: string] {
  const [, key, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (!key || !value) throw new UsageError(`${option}: ${quote(text)} is not NAME=VALUE such as batch=64`);
  return [key, value];
}

/** Programs by name, from `NAME[:TRAITS]=COMMAND` each, where traits are a function, `pass` and `unswapped`. */
export function parsePrograms(option: string, texts: readonly string[]): Map<string, ServerProgram> {
  const programs = new Map<string, ServerProgram>();
  for (const text of texts) {
    const [, name, traits = '', command = ''] = /^([a-z][a-z0-9-]*)(?::([^=]*))?=(.*)$/s.exec(text) ?? [];
    if (!name)
      throw new UsageError(`${option}: ${quote(text)} is not NAME=COMMAND such as mine='./server {interface} {port}'`);
    if (implementationIds.some((id) => id === name) || programs.has(name))
      throw new UsageError(`${option}: ${name}: the name is taken`);
    programs.set(name, { command: parseCommand(option, name, command), ...parseTraits(`${option}: ${name}`, traits) });
  }
  return programs;
}

function parseCommand(option: string, name: string, command: string): string {
  if (command.trim() === '') throw new UsageError(`${option}: ${name}: the command is missing`);
  const unknown = [...command.matchAll(/\{([a-z]+)\}/g)].find(
    ([, word]) => !placeholders.some((known) => known === word),
  );
  if (unknown)
    throw new UsageError(
      `${option}: ${name}: ${unknown[0]} is not one of ${placeholders.map((word) => `{${word}}`).join(', ')}`,
    );
  return command.trim();
}

function parseTraits(option: string, text: string): Omit<ServerProgram, 'command'> {
  const known = ['pass', 'unswapped', ...functionIds] as const;
  const traits = text === '' ? [] : text.split(',').map((trait) => parseChoice(option, trait, known));
  const functions = functionIds.filter((id) => traits.includes(id));
  if (functions.length > 1)
    throw new UsageError(`${option}: a program has one function, not ${functions.join(' and ')}`);
  return {
    functionId: functions[0] ?? 'reverse',
    replyAddresses: traits.includes('unswapped') ? 'unchanged' : 'swapped',
    receivePath: traits.includes('pass') ? 'pass' : 'own',
  };
}
