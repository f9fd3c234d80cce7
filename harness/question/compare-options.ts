import { Command, Option } from 'commander';
import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import { parseDuration, parsePath, parseWhole } from '../../common/cli/values.js';
import { abilities } from '../../impls/abilities.js';
import type { Candidate, PairQuestion } from '../../model/pair.js';
import { listed, once, readArguments } from './arguments.js';
import { parseLoads, parseSizes } from './axes.js';
import { parsePair, parsePrograms, type ResolveRevision } from './candidates.js';
import { defaultOut } from './options.js';

/** How a comparison is printed. */
export type OutputFormat = 'tables' | 'json' | 'markdown';

/** What the command line asks for. */
export type CompareRequest =
  | {
      kind: 'runs';
      /** Folders of two runs. */
      old: string;
      new: string;
      /** The share (0..1) that a figure may be worse by; null: however much. */
      mostWorse: number | null;
      format: OutputFormat;
      /** A file that gets the comparison as a page; null: none. */
      html: string | null;
    }
  | {
      kind: 'pair';
      question: PairQuestion;
      out: string;
      busy: 'refuse' | 'wait';
      /** The share (0..1) that the second may be worse by than the first; null: however much. */
      mostWorse: number | null;
      format: OutputFormat;
    }
  /** The report of turns that were taken before, from their folder. */
  | { kind: 'turns'; folder: string; format: OutputFormat }
  | { kind: 'help'; text: string };

interface Flags {
  failOn?: string;
  pair?: string;
  sizes?: string;
  turns?: string;
  load?: string;
  server?: string[];
  aa?: string;
  plant?: string;
  duration?: string;
  warmup?: string;
  out?: string;
  wait?: true;
  json?: true;
  markdown?: true;
  html?: string;
}

export const pairDefaults = {
  ...{ sizes: '200', turns: '12', load: 'saturate', controls: '0', duration: '400ms', warmup: '200ms' },
};
export const maxTurns = 200;
const maxControls = 200;
/** From so many turns on a difference can be told. */
export const fewestTurnsToTell = 6;

const pairOnly = ['sizes', 'turns', 'load', 'server', 'aa', 'plant', 'duration', 'warmup', 'out', 'wait'] as const;

const epilogue = `
A candidate is an implementation, with settings and a function after a colon, or a program:
  recvmmsg    afxdp:batch=64,ringSize=4096    afxdp:idle=spin,function=echo
After @ it may name a commit, whose build then serves: afxdp@main~3, afxdp@v1.2:batch=64. Harness
and generator are this tree's.

A program of --server is whatever answers on the wire. Its command goes to a shell; {interface},
{address} and {port} stand for where it serves. Traits after its name and a colon:
  reverse, echo, ...  the function it has (default reverse)
  pass                attach an XDP program that lets everything through: it has none of its own
  unswapped           its replies are the frames as they came, addresses and ports included

Examples:
  npm run compare -- results/20261128-020000-51aa results/latest --fail-on regression=5%
  npm run compare -- --pair afxdp/recvmmsg --sizes 200,1400 --turns 12
  npm run compare -- --pair afxdp:batch=8/afxdp:batch=64 --load closed=4 --aa 5
  npm run compare -- --pair afxdp@main~3/afxdp --fail-on regression=5%
  npm run compare -- --pair mine/recvmmsg --server mine:pass='./server {interface} {port}'

Exit codes:
  0    compared; with --fail-on: nothing is worse by more than that
  1    a turn failed or is invalid, or a commit cannot be built; with --fail-on: a figure was
       lost, too few repeats to tell, or chance alone makes more (unstable)
  2    wrong usage; nothing was touched
  3    --fail-on: a figure is worse
  130  interrupted; the turns that were taken are kept
`;

/** Reads the arguments after the script's name; throws UsageError, prints nothing. */
export function parseCompareOptions(args: readonly string[], resolve: ResolveRevision): CompareRequest {
  const program = defineProgram();
  const printed = readArguments(program, args);
  if (printed !== null) return { kind: 'help', text: printed.text };
  const flags = program.opts<Flags>();
  if (flags.json && flags.markdown) throw new UsageError('--json and --markdown: one of them');
  const format = flags.json ? 'json' : flags.markdown ? 'markdown' : 'tables';
  return flags.pair === undefined
    ? runsRequest(program.args, flags, format)
    : pairRequest(program.args, flags, format, resolve);
}

function runsRequest(folders: readonly string[], flags: Flags, format: OutputFormat): CompareRequest {
  const lonely = pairOnly.find((name) => flags[name] !== undefined);
  if (lonely !== undefined) throw new UsageError(`--${lonely}: goes with --pair`);
  const [old, now, ...rest] = folders;
  if (old === undefined) throw new UsageError('RUN_A RUN_B: the folders of two runs are missing, or --pair A/B');
  if (rest.length > 0) throw new UsageError(`RUN_A RUN_B: two folders, not also ${rest.map(quote).join(' ')}`);
  const mostWorse = flags.failOn === undefined ? null : parseFailOn('--fail-on', flags.failOn);
  const html = flags.html === undefined ? null : parsePath('--html', flags.html, 'file');
  parsePath('RUN_A', old, 'folder');
  if (now !== undefined) parsePath('RUN_B', now, 'folder');
  if (now !== undefined) return { kind: 'runs', old, new: now, mostWorse, format, html };
  if (mostWorse !== null) throw new UsageError('--fail-on: needs two runs, RUN_A RUN_B, or --pair A/B');
  if (html !== null) throw new UsageError('--html: needs two runs, RUN_A RUN_B');
  return { kind: 'turns', folder: old, format };
}

function pairRequest(
  folders: readonly string[],
  flags: Flags,
  format: OutputFormat,
  resolve: ResolveRevision,
): CompareRequest {
  if (flags.html !== undefined) throw new UsageError('--html: goes with two runs, not with --pair');
  const [stray] = folders;
  if (stray !== undefined) throw new UsageError(`${quote(stray)}: stray argument beside --pair`);
  const [load, ...others] = parseLoads('--load', flags.load ?? pairDefaults.load);
  if (!load || others.length > 0 || !['saturate', 'closed', 'capacity'].includes(load.kind))
    throw new UsageError(`--load: ${quote(flags.load ?? '')} is not one of saturate, closed=N, capacity`);
  const programs = parsePrograms('--server', flags.server ?? []);
  const candidates = parsePair('--pair', flags.pair ?? '', programs, resolve);
  const unasked = candidates.find((one) => one.kind === 'program' && one.program.replyAddresses === 'unchanged');
  if (unasked && load.kind === 'closed')
    throw new UsageError(`--load: closed=N asks through sockets, which ${unasked.name} (unswapped) does not answer`);
  const [first, second] = candidates;
  const planted = flags.plant === undefined ? second : plant('--plant', flags.plant, second);
  const question: PairQuestion = {
    candidates: [first, planted],
    sizes: parseSizes('--sizes', flags.sizes ?? pairDefaults.sizes),
    load,
    point: { threads: 1, queues: 1 },
    turns: parseWhole('--turns', flags.turns ?? pairDefaults.turns, 1, maxTurns),
    controls: parseWhole('--aa', flags.aa ?? pairDefaults.controls, 0, maxControls),
    ...parsePhases(flags),
  };
  const mostWorse = flags.failOn === undefined ? null : parseFailOn('--fail-on', flags.failOn);
  if (mostWorse !== null && question.turns < fewestTurnsToTell)
    throw new UsageError(`--fail-on: needs --turns ${fewestTurnsToTell} or more, not ${question.turns}`);
  return { kind: 'pair', question, out: parseOut(flags), busy: flags.wait ? 'wait' : 'refuse', mostWorse, format };
}

/** Lengths of the phases of every attempt; throws UsageError. */
export function parsePhases(flags: Pick<Flags, 'duration' | 'warmup'>): Pick<PairQuestion, 'durationNs' | 'warmupNs'> {
  const time = (name: 'duration' | 'warmup', minNs: number, maxNs: number) =>
    parseDuration(`--${name}`, flags[name] ?? pairDefaults[name], { minNs, maxNs });
  return { durationNs: time('duration', 50e6, 3600e9), warmupNs: time('warmup', 0, 600e9) };
}

/** The folder of records; throws UsageError. */
export function parseOut({ out = defaultOut }: Pick<Flags, 'out'>): string {
  return parsePath('--out', out, 'folder');
}

/** The candidate with a busy delay a request: does the comparison see a difference whose size is known? */
function plant(option: string, text: string, candidate: Candidate): Candidate {
  const [, delay] = /^delay=(.*)$/.exec(text) ?? [];
  if (delay === undefined) throw new UsageError(`${option}: ${quote(text)} is not delay=TIME such as delay=200ns`);
  const delayNs = parseDuration(`${option}: delay`, delay, { minNs: 1, maxNs: 1e6 });
  if (candidate.kind === 'program')
    throw new UsageError(`${option}: ${candidate.name} is a program; only an implementation can be delayed`);
  const { settings } = candidate.variant;
  if (!abilities[candidate.implementation].settings.includes('delayNs'))
    throw new UsageError(`${option}: ${candidate.implementation} cannot be delayed`);
  return {
    ...candidate,
    name: `${candidate.name}+${delay}`,
    variant: { ...candidate.variant, settings: { ...settings, delayNs } },
  };
}

/** The share (0..1) of `regression=5%`. */
function parseFailOn(option: string, text: string): number {
  const [, percent] = /^regression=(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  if (percent === undefined || Number(percent) >= 100)
    throw new UsageError(
      `${option}: ${quote(text)} is not regression=PERCENT from 0% to below 100%, such as regression=5%`,
    );
  return Number(percent) / 100;
}

function defineProgram(): Command {
  const valued: [flags: string, description: string][] = [
    ['--fail-on <rule>', 'regression=5%: exit 3 if the newer (B) is worse by more, not by chance'],
    ['--html <file>', 'writes the comparison of two runs as a page, too (default none)'],
    ['--pair <a/b>', 'two candidates that take turns: the ratio within each turn'],
    ['--sizes <list>', `frame bytes: 200,1400 (default ${pairDefaults.sizes})`],
    ['--turns <n>', `1 to ${maxTurns}; ${fewestTurnsToTell} or more for 95 % (default ${pairDefaults.turns})`],
    ['--load <load>', `saturate: peak; closed=N: round trip; capacity: NDR (default ${pairDefaults.load})`],
    ['--server <name=command>', 'a program that may be a candidate, name[:traits]=command'],
    ['--aa <n>', `compare A with itself n times, too: the false alarms (default ${pairDefaults.controls})`],
    ['--plant <delay=time>', 'delay=200ns: B works that much longer on each request (default none)'],
    ['--duration <time>', `length of the measure phase (default ${pairDefaults.duration})`],
    ['--warmup <time>', `length of the warm-up (default ${pairDefaults.warmup})`],
    ['--out <dir>', `folder that gets the records of --pair (default ${defaultOut})`],
  ];
  const program = new Command('npm run compare --')
    .usage('RUN_A RUN_B [flags] | --pair A/B [flags]')
    .description(
      'Compares two stored runs, cell by cell, or two candidates that take turns. The folder of turns taken before ' +
        'alone prints their report again.',
    )
    .exitOverride()
    .allowExcessArguments(true)
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', epilogue);
  for (const [flags, description] of valued) {
    const option = new Option(flags, description);
    program.addOption(option.long === '--server' ? listed(option) : once(option));
  }
  return program
    .option('--wait', 'wait for another benchmark on this machine to end (default refuse)')
    .option('--json', 'print the comparison as JSON (default tables)')
    .option('--markdown', 'print the comparison as Markdown (default tables)');
}
