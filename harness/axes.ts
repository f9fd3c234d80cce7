/**
 * Parsers of the values a user may write, on the command line and in scenario files alike. Each takes the name to use
 * in its message (`--sizes`, `scenario quick.yaml: sizes`) and throws a UsageError that names option, rule and value.
 */

import { UsageError } from './errors.js';
import {
  type FunctionId,
  functionIds,
  type ImplementationId,
  implementationIds,
  type Load,
  type MatrixPoint,
  maxPacketBytes,
  minPacketBytes,
  type TopologyId,
  topologyIds,
} from './model.js';
import { matrixLabel } from './units.js';

const defaultStepBytes = 200;
const maxSizes = 64;
const maxThreads = 64;
const maxConnections = 1024;
const maxRate = 100e6;
const maxRepeats = 1000;
const maxSeed = 2 ** 32 - 1;

const rateUnits: Record<string, number> = { k: 1e3, M: 1e6 };
const unitNs: Record<string, number> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

/** Frame sizes in bytes from `200..1400` (step 200), `200..1400:100`, `200,800` or a mix; a range ends at its last step. */
export function parseSizes(option: string, text: string): number[] {
  const sizes = splitList(option, text).flatMap((part) => parseSizeRange(option, part));
  if (sizes.length > maxSizes)
    throw new UsageError(`${option}: ${text} makes ${sizes.length} sizes, more than ${maxSizes}`);
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
        throw new UsageError(`${option}: ${part}: ${what} must be 1 to ${maxThreads}`);
    }
    if (threads % queues !== 0)
      throw new UsageError(`${option}: ${part}: the queues of a point must divide its threads`);
    return { threads, queues };
  });
  refuseTwice(option, points.map(matrixLabel));
  return points;
}

/** Loads from `saturate,rate=100k,closed=4,none`. */
export function parseLoads(option: string, text: string): Load[] {
  const loads = splitList(option, text).map((part): Load => {
    if (part === 'saturate' || part === 'none') return { kind: part };
    if (part === 'closed') throw new UsageError(`${option}: closed needs a number of connections, as in closed=4`);
    if (part === 'rate') throw new UsageError(`${option}: rate needs requests a second, as in rate=100k`);
    const rate = /^rate=(.*)$/.exec(part);
    if (rate) return { kind: 'rate', perSecond: parseRate(option, part, rate[1] ?? '') };
    const match = /^closed=(.*)$/.exec(part);
    if (!match) throw new UsageError(`${option}: ${quote(part)} is not one of saturate, rate=N, closed=N, none`);
    const connections = match[1] ?? '';
    if (!isWhole(connections) || Number(connections) < 1 || Number(connections) > maxConnections) {
      throw new UsageError(`${option}: ${part}: connections must be a whole number from 1 to ${maxConnections}`);
    }
    return { kind: 'closed', connections: Number(connections) };
  });
  refuseTwice(option, loads.map(formatLoad));
  return loads;
}

/** Requests a second from `100000`, `100k`, `1.5M`. */
function parseRate(option: string, part: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text);
  const perSecond = Math.round(Number(match?.[1]) * (rateUnits[match?.[2] ?? ''] ?? 1));
  if (perSecond >= 1 && perSecond <= maxRate) return perSecond;
  throw new UsageError(
    `${option}: ${part}: requests a second must be a number from 1 to ${maxRate / 1e6}M, such as 100k`,
  );
}

/** Nanoseconds, rounded, from `2s`, `500ms`, `1m`, `1.5s` or `0`; both bounds are allowed values. */
export function parseDuration(option: string, text: string, bounds: { minNs: number; maxNs: number }): number {
  const match = /^(\d+(?:\.\d+)?)(h|m|s|ms|us|ns)$/.exec(text.trim() === '0' ? '0s' : text.trim());
  if (!match) throw new UsageError(`${option}: ${quote(text)} is not a time such as 2s, 500ms or 1m`);
  const valueNs = Math.round(Number(match[1]) * (unitNs[match[2] ?? ''] ?? Number.NaN));
  if (valueNs < bounds.minNs)
    throw new UsageError(`${option}: ${text} is below the least, ${formatDuration(bounds.minNs)}`);
  if (valueNs > bounds.maxNs)
    throw new UsageError(`${option}: ${text} is above the most, ${formatDuration(bounds.maxNs)}`);
  return valueNs;
}

/** Implementation ids from `dgram,afxdp`, or `all`. */
export function parseImplementations(option: string, text: string): ImplementationId[] {
  if (text.trim() === 'all') return [...implementationIds];
  const ids = splitList(option, text).map((part) => parseChoice(option, part, implementationIds));
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
  return parseWithin(option, text, 1, maxRepeats);
}

/** An unsigned 32-bit seed. */
export function parseSeed(option: string, text: string): number {
  return parseWithin(option, text, 0, maxSeed);
}

/** One of `choices`, spelt exactly. */
export function parseChoice<Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text.trim());
  if (found !== undefined) return found;
  const rule = choices.length === 1 ? choices[0] : `one of ${choices.join(', ')}`;
  throw new UsageError(`${option}: ${quote(text)} is not ${rule}`);
}

/** A load as a user writes it: `saturate`, `rate=100000`, `closed=4`, `none`. */
export function formatLoad(load: Load): string {
  if (load.kind === 'closed') return `closed=${load.connections}`;
  return load.kind === 'rate' ? `rate=${load.perSecond}` : load.kind;
}

/** A time as a user writes it, exact, in the largest unit that gives a whole number: `1500ms`. */
export function formatDuration(durationNs: number): string {
  if (durationNs === 0) return '0s';
  const unit = Object.entries(unitNs).find(([, ns]) => durationNs % ns === 0);
  return unit ? `${durationNs / unit[1]}${unit[0]}` : `${durationNs}ns`;
}

/** A user's value as a message shows it: one line, shortened, in quotes where it is blank or has spaces. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return short === '' || /\s/.test(short) ? JSON.stringify(short) : short;
}

function parseSizeRange(option: string, part: string): number[] {
  if (!part.includes('..')) return [parsePacketBytes(option, part)];
  const match = /^(.+?)\.\.([^:]+)(?::(.+))?$/.exec(part);
  if (!match) throw new UsageError(`${option}: ${quote(part)} is not a range such as 200..1400 or 200..1400:100`);
  const [first, last] = [parsePacketBytes(option, match[1] ?? ''), parsePacketBytes(option, match[2] ?? '')];
  const stepText = match[3] ?? String(defaultStepBytes);
  const step = isWhole(stepText) ? Number(stepText) : 0;
  if (step < 1)
    throw new UsageError(`${option}: ${part}: the step must be a whole number of 1 or more, not ${quote(stepText)}`);
  if (first > last) throw new UsageError(`${option}: ${part} runs backwards, write ${last}..${first}`);
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

function parsePacketBytes(option: string, text: string): number {
  if (!/^-?\d+$/.test(text)) throw new UsageError(`${option}: ${quote(text)} is not a whole number of bytes`);
  const packetBytes = Number(text);
  if (packetBytes < minPacketBytes) {
    throw new UsageError(
      `${option}: ${text} is below ${minPacketBytes}, the smallest frame that holds the headers and a stamp`,
    );
  }
  if (packetBytes > maxPacketBytes) {
    throw new UsageError(`${option}: ${text} is above ${maxPacketBytes}, the largest frame of an MTU of 1500`);
  }
  return packetBytes;
}

function parseWithin(option: string, text: string, least: number, most: number): number {
  const value = isWhole(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option}: ${quote(text)} is not a whole number from ${least} to ${most}`);
}

function isWhole(text: string): boolean {
  return /^\d+$/.test(text);
}

function splitList(option: string, text: string): string[] {
  if (text.trim() === '') throw new UsageError(`${option}: needs at least one value, not ${quote(text)}`);
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes('')) throw new UsageError(`${option}: ${quote(text)} has a blank beside a comma`);
  return parts;
}

function refuseTwice(option: string, names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`${option}: ${twice} is named twice`);
}
