/**
 * Parsers of the values on command lines and in scenario files. Each takes the option's name for its message and throws a
 * UsageError that names option, rule and value in one line.
 */
import { isIPv4 } from 'node:net';
import { maxPacketBytes, minPacketBytes } from '../../model/frame.js';
import { UsageError } from './errors.js';
import { quote } from './text.js';

const maxRate = 100e6;
const rateUnits: Record<string, number> = { k: 1e3, M: 1e6 };
const unitNs: Record<string, number> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

/** One of `choices`, spelt exactly. */
export function parseChoice<Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text.trim());
  if (found !== undefined) return found;
  const rule = choices.length === 1 ? choices[0] : `one of ${choices.join(', ')}`;
  throw new UsageError(`${option}: ${quote(text)} is not ${rule}`);
}

/** A whole number; both bounds are allowed. */
export function parseWhole(option: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`${option}: ${quote(text)} is not a whole number from ${least} to ${most}`);
}

export function parsePowerOfTwo(option: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number >= least && number <= most && Number.isInteger(Math.log2(number))) return number;
  throw new UsageError(`${option}: ${quote(text)} is not a power of two from ${least} to ${most}`);
}

const units: Record<string, number> = { '': 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 };

/** A number of bytes from `4096`, `256k`, `4M` or `1G`; both bounds are allowed. */
export function parseBytes(option: string, text: string, least: number, most: number): number {
  const match = /^(\d+)([kmg]?)$/i.exec(text);
  const bytes = Number(match?.[1]) * (units[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN);
  if (bytes >= least && bytes <= most) return bytes;
  const range = `from ${formatBytes(least)} to ${formatBytes(most)}`;
  throw new UsageError(`${option}: ${quote(text)} is not a number of bytes ${range}, such as 4M, 256k or 65536`);
}

/** The inverse of parseBytes, in the largest unit that gives a whole number. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of Object.entries({ G: 1 << 30, M: 1 << 20, k: 1 << 10 })) {
    if (bytes > 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

/** A dotted quad. */
export function parseAddress(option: string, text: string): string {
  if (!isIPv4(text)) throw new UsageError(`${option}: ${quote(text)} is not an IPv4 address such as 10.0.0.1`);
  return text;
}

/** Where a TCP server listens. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** `HOST:PORT`, an IPv6 host in brackets or not. */
export function parseListenAddress(option: string, text: string): ListenAddress {
  const match = /^\[?(.*?)\]?:([^:]*)$/.exec(text);
  if (!match?.[1] || !match[2]) throw new UsageError(`${option}: ${quote(text)} is not HOST:PORT`);
  return { host: match[1], port: parseWhole(option, match[2], 1, 65535) };
}

/** A name that the kernel may have given to an interface. */
export function parseInterface(option: string, text: string): string {
  if (/^[^\s/]{1,15}$/.test(text) && text !== '.' && text !== '..') return text;
  const rule = 'up to 15 characters, no blank, no slash (ip link show tells the name behind an alternative one)';
  throw new UsageError(`${option}: ${quote(text)} is no name of an interface: ${rule}`);
}

/** Text without a blank. */
export function parseWord(option: string, text: string): string {
  if (/^\S+$/.test(text)) return text;
  throw new UsageError(`${option}: ${quote(text)} has a blank`);
}

/** Requests a second from `100000`, `100k`, `1.5M`. */
export function parseRate(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text);
  const asked = Number(match?.[1]) * (rateUnits[match?.[2] ?? ''] ?? 1);
  const perSecond = Math.round(asked);
  // 1.1k is 1100.0000000000001 here, and a whole number to its user.
  if (perSecond >= 1 && perSecond <= maxRate && Math.abs(asked - perSecond) < 1e-6) return perSecond;
  throw new UsageError(
    `${option}: ${quote(text)} is not a whole number of requests a second from 1 to ${maxRate / 1e6}M, such as 100k`,
  );
}

/** Nanoseconds, rounded, from `2s`, `500ms`, `1m`, `1.5s` or `0`; both bounds are allowed values. */
export function parseDuration(option: string, text: string, bounds: { minNs: number; maxNs: number }): number {
  const match = /^(\d+(?:\.\d+)?)(h|m|s|ms|us|ns)$/.exec(text.trim() === '0' ? '0s' : text.trim());
  if (!match) throw new UsageError(`${option}: ${quote(text)} is not a time such as 2s, 500ms or 1m`);
  const valueNs = Math.round(Number(match[1]) * (unitNs[match[2] ?? ''] ?? Number.NaN));
  if (valueNs < bounds.minNs)
    throw new UsageError(`${option}: ${quote(text)} is below the least, ${formatDuration(bounds.minNs)}`);
  if (valueNs > bounds.maxNs)
    throw new UsageError(`${option}: ${quote(text)} is above the most, ${formatDuration(bounds.maxNs)}`);
  return valueNs;
}

/** A time as a user writes it, exact, in the largest unit that gives a whole number: `1500ms`. */
export function formatDuration(durationNs: number): string {
  if (durationNs === 0) return '0s';
  const unit = Object.entries(unitNs).find(([, ns]) => durationNs % ns === 0);
  return unit ? `${durationNs / unit[1]}${unit[0]}` : `${durationNs}ns`;
}

/** Bytes of an Ethernet frame that holds the headers and a stamp and fits an MTU of 1500. */
export function parsePacketBytes(option: string, text: string): number {
  if (!/^-?\d+$/.test(text)) throw new UsageError(`${option}: ${quote(text)} is not a whole number of bytes`);
  const packetBytes = Number(text);
  if (packetBytes < minPacketBytes) {
    throw new UsageError(
      `${option}: ${quote(text)} is below ${minPacketBytes}, the smallest frame that holds the headers and a stamp`,
    );
  }
  if (packetBytes > maxPacketBytes) {
    throw new UsageError(`${option}: ${quote(text)} is above ${maxPacketBytes}, the largest frame of an MTU of 1500`);
  }
  return packetBytes;
}

/** The path of a file or folder: not blank, which would be the folder that a command is called in, or nothing. */
export function parsePath(option: string, text: string, what: 'file' | 'folder'): string {
  if (text.trim() === '') throw new UsageError(`${option}: needs the path of a ${what}, not ${quote(text)}`);
  return text;
}

/** The parts of a comma-separated list, trimmed, none of them blank. */
export function splitList(option: string, text: string): string[] {
  if (text.trim() === '') throw new UsageError(`${option}: needs at least one value, not ${quote(text)}`);
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes('')) throw new UsageError(`${option}: ${quote(text)} has a blank beside a comma`);
  return parts;
}

/** Throws for a name that stands in a list twice. */
export function refuseTwice(option: string, names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`${option}: ${quote(twice)} is named twice`);
}
