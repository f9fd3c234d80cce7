/**
 * Parsers of the values on the stand-alone invoker's command line. Each takes the option's name for its message and
 * throws a UsageError that names option, rule and value in one line.
 */
import { isIPv4 } from 'node:net';
import { UsageError } from '../harness/errors.js';

const longest = 60;

/** A user's text as a message shows it: in quotes, on one line, shortened. */
export function quote(text: string): string {
  return JSON.stringify(text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
}

export function parseChoice<Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`${option}: ${quote(text)} is not one of ${choices.join(', ')}`);
  return found;
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
export interface Endpoint {
  host: string;
  port: number;
}

/** `HOST:PORT`, an IPv6 host in brackets or not. */
export function parseEndpoint(option: string, text: string): Endpoint {
  const match = /^\[?(.*?)\]?:([^:]*)$/.exec(text);
  if (!match?.[1] || !match[2]) throw new UsageError(`${option}: ${quote(text)} is not HOST:PORT`);
  return { host: match[1], port: parseWhole(option, match[2], 1, 65535) };
}

/** A name that the kernel may have given to an interface. */
export function parseInterface(option: string, text: string): string {
  if (/^[^\s/]{1,15}$/.test(text) && text !== '.' && text !== '..') return text;
  throw new UsageError(`${option}: ${quote(text)} is no name of an interface: up to 15 characters, no blank, no slash`);
}

/** `1 thread`, `2 threads`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
