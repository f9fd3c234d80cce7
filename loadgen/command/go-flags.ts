/**
 * Command lines as Go's `flag` package reads them: `-name value`, `-name=value`, one dash or two, switches without a
 * value, a later value over an earlier one.
 */
import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';

/** What Go answers with the usage: a line of which `message` is the first. */
export class GoFlagError extends UsageError {}

/** An option of the command line. */
export interface GoFlag {
  /** Without dashes. */
  name: string;
  /** What the help calls the value. */
  type: 'string' | 'int' | 'duration' | 'bool';
  /** As a user would write it; empty for a string that is empty unless given. */
  fallback: string;
  help: string;
}

/** The text of every flag, given or fallback; `true` or `false` for a switch. */
export type GoValues = Map<string, string>;

const truths: Record<string, string> = Object.fromEntries([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, 'true']),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, 'false']),
]);

/** Reads a command line, or tells that it asks for help; GoFlagError for what Go refuses, and for stray arguments. */
export function readGoFlags(flags: readonly GoFlag[], argv: readonly string[]): GoValues | 'help' {
  const values: GoValues = new Map(flags.map(({ name, fallback }) => [name, fallback]));
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--' || !/^-./.test(word)) {
      const stray = word === '--' ? rest.shift() : word;
      if (stray === undefined) break;
      throw new GoFlagError(`${quote(stray)}: stray argument, every choice is a flag (see -h)`);
    }
    const match = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(word);
    if (!match) throw new GoFlagError(`bad flag syntax: ${quote(word)}`);
    const [, name = '', text] = match;
    const flag = flags.find((candidate) => candidate.name === name);
    if (!flag && (name === 'h' || name === 'help')) return 'help';
    if (!flag) throw new GoFlagError(`flag provided but not defined: -${name.slice(0, 60)}`);
    values.set(name, flag.type === 'bool' ? truth(name, text ?? 'true') : argumentOf(flag, text ?? rest.shift()));
  }
  return values;
}

function truth(name: string, text: string): string {
  const value = truths[text];
  if (value === undefined) throw new GoFlagError(`invalid boolean value ${quote(text)} for -${name}`);
  return value;
}

/** What the types of Go's flags take. */
const forms: Record<GoFlag['type'], RegExp> = {
  bool: /^/,
  string: /^/,
  int: /^[+-]?(0x(_?[\da-f])+|0b(_?[01])+|0o?(_?[0-7])+|0|[1-9](_?\d)*)$/i,
  duration: /^[+-]?(0|((\d+(\.\d*)?|\.\d+)(h|ms|m|s|us|µs|μs|ns))+)$/,
};

function argumentOf({ name, type }: GoFlag, text: string | undefined): string {
  if (text === undefined) throw new GoFlagError(`flag needs an argument: -${name}`);
  if (!forms[type].test(text)) throw new GoFlagError(`invalid value ${quote(text)} for flag -${name}: parse error`);
  return type === 'int' ? decimal(text) : text;
}

/** A literal of Go in decimal digits: `0x4b0`, `0b11`, `0o17`, `017`, `1_200`, `+5`. */
function decimal(text: string): string {
  const digits = text.replace(/_|^[+-]/g, '').replace(/^0(?=\d)/, '0o');
  return `${text.startsWith('-') ? '-' : ''}${BigInt(digits)}`;
}

/** The help, as Go prints it. */
export function goUsage(flags: readonly GoFlag[]): string {
  const entries = [...flags]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, fallback, help }) => {
      const named = type === 'bool' ? `-${name}` : `-${name} ${type}`;
      const shown = type === 'string' ? JSON.stringify(fallback) : fallback;
      const byDefault = fallback === '' || fallback === 'false' ? '' : ` (default ${shown})`;
      return `  ${named}\n    \t${help}${byDefault}\n`;
    });
  return `Usage of loadgen:\n${entries.join('')}`;
}

const unitsNs: Record<string, number> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, μs: 1e3, ns: 1 };

/** Nanoseconds from Go's `20m`, `1h30m`, `1.5s`; UsageError below 1 ms or above 1000 h. */
export function parseGoDuration(option: string, text: string): number {
  const unsigned = text.replace(/^\+/, '');
  const parts = [...unsigned.matchAll(/(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|μs|ns)/gy)];
  const read = parts.map(([whole]) => whole).join('');
  const ns = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (unitsNs[unit ?? ''] ?? Number.NaN), 0);
  if (read !== unsigned || read === '' || ns < 1e6 || ns > 1000 * 3600e9)
    throw new UsageError(`${option}: ${quote(text)} is not a time from 1ms to 1000h, such as 20m or 1.5s`);
  return Math.round(ns);
}
