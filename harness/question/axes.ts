/**
 * Parsers of the values a user may write, on the command line and in scenario files alike. Each takes the name to use
 * in its message (`--sizes`, `scenario quick.yaml: sizes`) and throws a UsageError that names option, rule and value.
 */

import { UsageError } from '../../common/cli/errors.js';
import { settingFlags, settingKeys } from '../../common/cli/settings.js';
import { quote } from '../../common/cli/text.js';
import { parseTuning } from '../../common/cli/tuning.js';
import {
  parseChoice,
  parsePacketBytes,
  parseRate,
  parseWhole,
  refuseTwice,
  splitList,
} from '../../common/cli/values.js';
import { formatLoad, type Load, type MatrixPoint, matrixLabel } from '../../model/cell.js';
import {
  datapathIds,
  type FunctionId,
  functionIds,
  type ImplementationId,
  implementationIds,
  type TopologyId,
  topologyIds,
} from '../../model/ids.js';
import { runtimeIds } from '../../model/runtimes.js';
import { formatVariant, idleModes, noVariant, type Variant } from '../../model/settings.js';
import type { Tuning } from '../../model/tuning.js';

const defaultStepBytes = 200;
const maxSizes = 64;
const maxThreads = 64;
const maxConnections = 1024;
const maxRepeats = 1000;
const maxSeed = 2 ** 32 - 1;

/** Frame sizes in bytes from `200..1400` (step 200), `200..1400:100`, `200,800` or a mix; a range ends at its last step. */
export function parseSizes(option: string, text: string): number[] {
  const sizes = splitList(option, text).flatMap((part) => parseSizeRange(option, part));
  if (sizes.length > maxSizes)
    throw new UsageError(`${option}: ${quote(text)} makes ${sizes.length} sizes, more than ${maxSizes}`);
  refuseTwice(option, sizes.map(String));
  return sizes;
}

/** Matrix points from `1T1Q,2T2Q`, in any case: threads and queues from 1 to 64, threads a multiple of queues. */
export function parseMatrix(option: string, text: string): MatrixPoint[] {
  const points = splitList(option, text).map((part) => {
    const match = /^(\d+)T(\d+)Q$/i.exec(part);
    if (!match) throw new UsageError(`${option}: ${quote(part)} is not a number of threads and queues such as 2T1Q`);
    const [threads, queues] = [Number(match[1]), Number(match[2])];
    for (const [what, value] of [['threads', threads] as const, ['queues', queues] as const]) {
      if (value < 1 || value > maxThreads)
        throw new UsageError(`${option}: ${quote(part)}: ${what} must be 1 to ${maxThreads}`);
    }
    if (threads % queues !== 0)
      throw new UsageError(`${option}: ${quote(part)}: the queues of a point must divide its threads`);
    return { threads, queues };
  });
  refuseTwice(option, points.map(matrixLabel));
  return points;
}

/** Loads that have no parameter. */
const plainLoads = ['saturate', 'capacity', 'latency-under-load', 'none'] as const;

/** Loads from `saturate,capacity,latency-under-load,rate=100k,closed=4,none`. */
export function parseLoads(option: string, text: string): Load[] {
  const loads = splitList(option, text).map((part): Load => {
    const plain = plainLoads.find((kind) => kind === part);
    if (plain !== undefined) return { kind: plain };
    if (part === 'closed') throw new UsageError(`${option}: closed needs a number of connections, as in closed=4`);
    if (part === 'rate') throw new UsageError(`${option}: rate needs requests a second, as in rate=100k`);
    const rate = /^rate=(.*)$/.exec(part);
    if (rate) return { kind: 'rate', perSecond: parseRate(`${option}: rate`, rate[1] ?? '') };
    const match = /^closed=(.*)$/.exec(part);
    if (!match)
      throw new UsageError(
        `${option}: ${quote(part)} is not one of saturate, capacity, latency-under-load, rate=N, closed=N, none`,
      );
    const connections = match[1] ?? '';
    if (!/^\d+$/.test(connections) || Number(connections) < 1 || Number(connections) > maxConnections) {
      throw new UsageError(`${option}: ${quote(part)}: connections must be a whole number from 1 to ${maxConnections}`);
    }
    return { kind: 'closed', connections: Number(connections) };
  });
  refuseTwice(option, loads.map(formatLoad));
  return loads;
}

/** An axis of settings from `batch=8,64`, `idle=spin,poll` or `channels=1,2`: one variant a value. */
export function parseAxis(option: string, text: string): Variant[] {
  const [, name = '', values = ''] = /^([^=]*)=(.*)$/.exec(text.trim()) ?? [];
  if (name === '') throw new UsageError(`${option}: ${quote(text)} is not NAME=VALUE,VALUE such as batch=8,64`);
  const parts = splitList(`${option}: ${name}`, values);
  const variants = parts.map((part) => parseSetting(option, name, part));
  refuseTwice(option, variants.map(formatVariant));
  return variants;
}

/** One setting of a variant, of an implementation or of host and interface, by its name in the records. */
export function parseSetting(option: string, name: string, text: string): Variant {
  const at = `${option}: ${name}`;
  if (name === 'idle') return { ...noVariant, idle: parseChoice(at, text, idleModes) };
  const key = settingKeys.find((known) => known === name);
  if (key !== undefined) return { ...noVariant, settings: { [key]: settingFlags[key].parse(at, text) } };
  const tuning = parseTuning(option, name, text);
  if (tuning !== null) return { ...noVariant, tuning };
  throw new UsageError(
    `${option}: ${quote(name)} is not one of ${[...settingKeys, 'idle'].join(', ')}, nor one of docs/tuning.md`,
  );
}

/** Settings of host and interface from a mapping of names to values. */
export function parseTunings(option: string, values: Readonly<Record<string, string>>): Tuning {
  const parts = Object.entries(values).map(([name, text]): Tuning => {
    const one = parseTuning(option, name, text);
    if (one === null)
      throw new UsageError(`${option}: ${quote(name)} is no setting of host or interface (docs/tuning.md has them)`);
    return one;
  });
  return Object.assign({}, ...parts);
}

/** Every combination of a value of each axis; the defaults alone where there is no axis. */
export function combine(axes: readonly Variant[][]): Variant[] {
  return axes.reduce<Variant[]>(
    (variants, axis) =>
      variants.flatMap(({ idle, settings, tuning }) =>
        axis.map((next) => ({
          idle: next.idle ?? idle,
          settings: { ...settings, ...next.settings },
          tuning: { ...tuning, ...next.tuning },
        })),
      ),
    [noVariant],
  );
}

/** Words that stand for several implementations. */
const many = new Map<string, readonly ImplementationId[]>([
  ['all', datapathIds],
  ['runtimes', runtimeIds],
]);

/** Implementation ids from `dgram,afxdp`; `all` are the datapaths, `runtimes` the programs of runtimes/. */
export function parseImplementations(option: string, text: string): ImplementationId[] {
  const ids = splitList(option, text).flatMap((part) => many.get(part) ?? parseChoice(option, part, implementationIds));
  refuseTwice(option, ids);
  return ids;
}

/** A function id. */
export function parseFunction(option: string, text: string): FunctionId {
  return parseChoice(option, text, functionIds);
}

/** A topology id. */
export function parseTopology(option: string, text: string): TopologyId {
  return parseChoice(option, text, topologyIds);
}

/** A number of repeats from 1 to 1000. */
export function parseRepeats(option: string, text: string): number {
  return parseWhole(option, text.trim(), 1, maxRepeats);
}

/** An unsigned 32-bit seed. */
export function parseSeed(option: string, text: string): number {
  return parseWhole(option, text.trim(), 0, maxSeed);
}

function parseSizeRange(option: string, part: string): number[] {
  if (!part.includes('..')) return [parsePacketBytes(option, part)];
  const match = /^(.+?)\.\.([^:]+)(?::(.+))?$/.exec(part);
  if (!match) throw new UsageError(`${option}: ${quote(part)} is not a range such as 200..1400 or 200..1400:100`);
  const [first, last] = [parsePacketBytes(option, match[1] ?? ''), parsePacketBytes(option, match[2] ?? '')];
  const stepText = match[3] ?? String(defaultStepBytes);
  const step = /^\d+$/.test(stepText) ? Number(stepText) : 0;
  if (step < 1)
    throw new UsageError(
      `${option}: ${quote(part)}: the step must be a whole number of 1 or more, not ${quote(stepText)}`,
    );
  if (first > last) throw new UsageError(`${option}: ${quote(part)} runs backwards, write ${last}..${first}`);
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}
