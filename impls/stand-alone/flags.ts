import { parseArgs } from 'node:util';
import { UsageError } from '../../common/cli/errors.js';
import { settingFlags } from '../../common/cli/settings.js';
import { quote } from '../../common/cli/text.js';
import { functionIds, implementationIds } from '../../model/ids.js';
import { idleModes } from '../../model/settings.js';
import { abilities } from '../abilities.js';
import { portOf } from '../functions.js';

/** An option of the command line. */
export interface Flag {
  /** Without the dashes. */
  name: string;
  /** What stands for the value in the help; null for a switch. */
  value: string | null;
  help: string;
}

const scaled = implementationIds.filter((id) => abilities[id].threads === 'scaled').join(', ');
const waits = idleModes.map((mode) => {
  const having = implementationIds.filter((id) => abilities[id].idle.includes(mode));
  return `${mode} (${having.join(', ')})`;
});

/** Every option but the implementations' settings. */
export const flags: readonly Flag[] = [
  { name: 'impl', value: 'NAME', help: implementationIds.join(', ') },
  {
    name: 'interface',
    value: 'IF',
    help: 'where requests come in (default all; afpacket, afxdp, tc and xdp need one)',
  },
  { name: 'address', value: 'A.B.C.D', help: 'that is served (default any of this host)' },
  { name: 'function', value: 'NAME', help: `${functionIds.join(', ')} (default reverse)` },
  { name: 'port', value: 'N', help: `UDP port (default the function's own, reverse: ${portOf('reverse')})` },
  { name: 'threads', value: 'N', help: 'in all, a multiple of --queues (default 1; tc, xdp: one a queue)' },
  {
    name: 'functions',
    value: 'LIST',
    help: 'several at once, PORT=NAME or PORT=NAME:THREADS_A_QUEUE, as in 1232=reverse:2,1300=echo',
  },
  {
    name: 'queues',
    value: 'N',
    help: 'RX queues of the interface that are served, from the first, each by threads of its own (default all, shared by the threads)',
  },
  {
    name: 'cpus',
    value: 'LIST',
    help: 'a CPU a thread, function by function, in it queue by queue: 2,3 (default not pinned); then those of added threads',
  },
  {
    name: 'max-threads',
    value: 'N',
    help: `of a function a queue, that it may be scaled to (${scaled}: 4, or the most asked for)`,
  },
  { name: 'idle', value: 'MODE', help: `how threads wait for requests, by default poll: ${waits.join(', ')}` },
  { name: 'metrics', value: 'HOST:PORT', help: 'serve Prometheus metrics at http://HOST:PORT/metrics (default off)' },
  { name: 'stats', value: null, help: 'print a line with rates once a second (default off)' },
  { name: 'json', value: null, help: 'print JSON lines: ready, stats, scaled, totals (default text)' },
  { name: 'help', value: null, help: 'print this' },
];

const known = new Map([...flags, ...Object.values(settingFlags)].map(({ name, value }) => [name, value]));

/**
 * Reads a command line: the text of each option that was given, empty for a switch. Throws UsageError for what is
 * unknown, stray, blank or given twice.
 */
export function readFlags(argv: readonly string[]): Map<string, string> {
  const options = Object.fromEntries(
    [...known].map(([name, value]) => [name, { type: value === null ? 'boolean' : 'string' } as const]),
  );
  const given = new Map<string, string>();
  // The tokens, as the parser's own messages neither fit a line nor name the rule.
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      throw new UsageError(`${quote(token.value)}: stray argument, every choice is an option (see --help)`);
    }
    const option = `--${token.name}`;
    if (!known.has(token.name)) throw new UsageError(`${printable(token.rawName)}: unknown option (see --help)`);
    const text = known.get(token.name) === null ? switchText(option, token.value) : valueText(option, token.value);
    const before = given.get(token.name);
    if (before !== undefined) {
      const which = text === '' ? '' : `, ${quote(before)} and ${quote(text)}`;
      throw new UsageError(`${option}: given twice${which}`);
    }
    given.set(token.name, text);
  }
  return given;
}

function switchText(option: string, value: string | undefined): string {
  if (value !== undefined) throw new UsageError(`${option}: takes no value, not ${quote(value)}`);
  return '';
}

function valueText(option: string, value: string | undefined): string {
  if (value === undefined || value.trim() === '') throw new UsageError(`${option}: needs a value`);
  if (value.startsWith('--')) throw new UsageError(`${option}: needs a value, but ${quote(value)} follows`);
  return value;
}

function printable(name: string): string {
  return /^[\w-]{1,60}$/.test(name) ? name : quote(name);
}
