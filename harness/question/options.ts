import { Command, Option } from 'commander';
import { UsageError } from '../../common/cli/errors.js';
import {
  type ListenAddress,
  parseChoice,
  parseDuration,
  parseListenAddress,
  parsePath,
} from '../../common/cli/values.js';
import type { Scenario } from '../../model/cell.js';
import { datapathIds, functionIds } from '../../model/ids.js';
import { runtimeIds } from '../../model/runtimes.js';
import { listed, once, readArguments, refuseStray, several } from './arguments.js';
import { readScenario, type ScenarioFlags, type ScenarioSources, scenarioDefaults } from './scenario.js';

/** How a question is measured and shown. */
export interface Manner {
  /** `dry-run`: print the plan, touch nothing. */
  mode: 'measure' | 'dry-run';
  /** Published figures to lay over the charts. */
  reference: 'none' | 'thesis';
  /** Whether to print what set-up and tear-down cost. */
  timing: 'hide' | 'print';
  /** What a run that measured nothing is. */
  empty: 'allowed' | 'unmet';
  /** `quiet`: what is not valid, and where the results are. */
  output: 'full' | 'quiet';
  /** Where a page and metrics of the run under way are served. */
  live: ListenAddress | null;
  /** `json`: the summary as one document on standard output. */
  format: 'text' | 'json';
  /** What to do while another benchmark runs on this machine. */
  busy: 'refuse' | 'wait';
  /** Whose tree runs on other hosts: `ship`: a copy of this one, which is made first. */
  tree: 'there' | 'ship';
}

/** What the command line asks for. */
export type Request =
  | (Manner & {
      kind: 'run';
      scenario: Scenario;
      /** Ids of cells; null: all of the scenario. */
      cells: string[] | null;
      /** What all of it may take; null: however long. */
      budgetNs: number | null;
      /** Folder that gets a folder a run. */
      out: string;
    })
  /** Goes on with the run in a folder, which ended early. */
  | (Manner & { kind: 'resume'; folder: string })
  | { kind: 'clean' }
  | { kind: 'help'; text: string }
  | { kind: 'version'; text: string };

/** What parseOptions needs from outside. */
export interface OptionSources extends ScenarioSources {
  version: string;
}

interface Flags extends ScenarioFlags {
  cell?: string[];
  budget?: string;
  resume?: string;
  out?: string;
  reference?: string;
  timing?: true;
  allowEmpty?: true;
  wait?: true;
  quiet?: true;
  live?: string;
  json?: true;
  ship?: true;
  clean?: true;
  dryRun?: true;
}

export const defaultOut = 'results';

const epilogue = `
Loads, one or several in a list:
  saturate            How many replies/s at most? Offers more until replies no longer grow, then
                      floods.
  capacity            How many requests/s without a loss (NDR), and with at most 0.5 % lost (PDR)?
  latency-under-load  How long are round trips at 10, 50 and 90 % of the own PDR, and at 10,000/s?
  rate=N              How long are round trips at N requests/s (100k, 1.5M), sent when they are due
                      and not when a reply is back?
  closed=N            How long are round trips of N connections that each send the next request
                      when the reply is back?
  none                What does the invoker cost while nobody asks?

Examples:
  npm run bench -- --sizes 200..1400 --matrix 1T1Q,2T2Q,4T4Q
  npm run bench -- --scenario scenarios/quick.yaml --impls recvmmsg,afxdp --repeats 6

Exit codes:
  0    cells were measured; those that this host cannot run were skipped with a reason
  1    a cell failed or is invalid, its host was changed after it, or the run could not begin
  2    wrong usage, or a run that cannot be gone on with; nothing was touched
  3    nothing was measured: every cell was skipped (0 with --allow-empty)
  130  interrupted; what was measured is kept (a second signal, a second later, ends it at once)
`;

/** Reads the arguments after the script's name; throws UsageError, prints nothing. */
export function parseOptions(args: readonly string[], sources: OptionSources): Request {
  const program = defineProgram(sources.version);
  const printed = readArguments(program, args);
  if (printed !== null) return printed;
  refuseStray(program);

  const flags = program.opts<Flags>();
  if (flags.clean) {
    const other = Object.keys(flags).find((name) => name !== 'clean');
    if (other !== undefined) throw new UsageError('--clean: measures nothing and takes no other flag');
    return { kind: 'clean' };
  }
  if (flags.resume !== undefined) {
    const other = Object.keys(flags).find((name) => name !== 'resume' && !besideResume.includes(name));
    if (other !== undefined)
      throw new UsageError(`--resume: the run has its own question and place, and goes without --${other}`);
    return { kind: 'resume', folder: parsePath('--resume', flags.resume, 'folder'), ...mannerOf(flags) };
  }
  const scenario = readScenario(flags, sources);
  if (flags.ship && scenario.sides === null) throw new UsageError('--ship: is of --topology remote');
  return {
    kind: 'run',
    scenario,
    cells: flags.cell ?? null,
    budgetNs: flags.budget === undefined ? null : parseDuration('--budget', flags.budget, budgetBounds),
    out: parsePath('--out', flags.out ?? defaultOut, 'folder'),
    ...mannerOf(flags),
  };
}

/** Of what a run or a night may take. */
export const budgetBounds = { minNs: 1e9, maxNs: 7 * 24 * 3600e9 };

const besideResume = ['reference', 'timing', 'allowEmpty', 'wait', 'quiet', 'live', 'json', 'dryRun'];

function mannerOf(flags: Flags): Manner {
  if (flags.live !== undefined && flags.dryRun)
    throw new UsageError('--dry-run: touches nothing, and goes without --live');
  if (flags.ship && flags.dryRun) throw new UsageError('--dry-run: touches nothing, and goes without --ship');
  if (flags.json && flags.dryRun) throw new UsageError('--dry-run: measures nothing, and goes without --json');
  return {
    mode: flags.dryRun ? 'dry-run' : 'measure',
    reference: flags.reference === undefined ? 'none' : parseChoice('--reference', flags.reference, ['thesis']),
    timing: flags.timing ? 'print' : 'hide',
    empty: flags.allowEmpty ? 'allowed' : 'unmet',
    output: flags.quiet ? 'quiet' : 'full',
    live: flags.live === undefined ? null : parseListenAddress('--live', flags.live),
    format: flags.json ? 'json' : 'text',
    busy: flags.wait ? 'wait' : 'refuse',
    tree: flags.ship ? 'ship' : 'there',
  };
}

/** A flag as commander takes it, and what it is for; a flag with a value has it in angle brackets. */
type FlagLine = [flags: string, description: string];

const defaults = scenarioDefaults;

/** All flags by what a user is about to decide. */
const groups: Record<string, FlagLine[]> = {
  'The question:': [
    ['--sizes <list>', `frame bytes: 200..1400[:step], 200,800 (default ${defaults.sizes}, step 200)`],
    ['--matrix <list>', `threads and RX queues: 1T1Q,2T2Q (default ${defaults.matrix})`],
    [
      '--impls <list>',
      `all, or some of ${datapathIds.join(',')}; runtimes, or some of ${runtimeIds.join(',')} (default ${defaults.implementations})`,
    ],
    ['--load <list>', 'see Loads (default saturate, and closed=4 at the size nearest to 800)'],
    ['--function <name>', `${functionIds.join(', ')} (default ${defaults.function})`],
    ['--work <list>', 'computation behind each function: 0,100ns,1us,10us, at most 100us (default none)'],
    ['--axis <name=list>', 'a setting to vary: batch=8,64, idle=spin,poll, channels=1,2; several multiply'],
    ['--scenario <file>', 'a question as YAML, such as scenarios/quick.yaml; flags win over it'],
    ['--profile <name>', 'how much of the scenario: thesis.yaml has quick and thesis (default as it stands)'],
    ['--cell <id>', 'this cell of the question alone, as reports name it; several times for several'],
  ],
  'How long:': [
    ['--duration <time>', `of the measure phase of a run, 50ms to 1h (default ${defaults.duration})`],
    ['--warmup <time>', `before it, 0 to 10m (default ${defaults.warmup})`],
    [
      '--repeats <n>',
      `runs of each cell, 1 to 1000 (default ${defaults.repeats}; ${defaults.searchRepeats} where all loads are capacity or latency-under-load)`,
    ],
    ['--budget <time>', '3h: fewer repeats, of all cells alike, where more are expected to take longer'],
    ['--seed <n>', 'of the order of the runs (default random, recorded)'],
  ],
  'Where:': [
    [
      '--topology <name>',
      `veth: two network namespaces; nic: two interfaces of this host; remote: two hosts or more, by ssh (default ${defaults.topology})`,
    ],
    ['--server <end>', 'of nic: if=ens4[,ip=10.0.0.10]; of remote: bench@host1,if=ens4,ip=10.0.0.10[,dir=FOLDER]'],
    ['--client <end>', 'the other end, written alike; of remote once for each client'],
    ['--cpus <list>', '2-5,7 or server=2-5,client=8-11,irq=0-1 (default all that this process may use)'],
    ['--placement <file>', 'the CPU of each thread, as YAML (default chosen for each cell)'],
    ['--ship', 'of remote: copy this built tree to all hosts first, by rsync'],
    ['--wait', 'wait while another benchmark runs on this machine, or on a host of remote (default refuse)'],
  ],
  'Output:': [
    ['--out <dir>', `folder that gets a folder for each run (default ${defaultOut})`],
    ['--reference <name>', 'thesis: lay the published figures over charts and tables'],
    ['--timing', 'print what set-up and tear-down cost, too'],
    ['--quiet', 'print only what is not valid, and where the results are'],
    ['--json', 'print the summary as one JSON document, and nothing else, to standard output'],
    ['--live <host:port>', 'serve a page of the run as it goes, and its metrics: 127.0.0.1:8080 (default none)'],
    ['--allow-empty', 'exit with 0, not 3, where every cell was skipped'],
  ],
  'Instead of a question:': [['--resume <dir>', 'go on with the run in that folder, which was killed or interrupted']],
  'Instead of measuring:': [
    ['--dry-run', 'print cells, placement and expected time; touch nothing'],
    ['--clean', 'remove what killed runs left on this machine, undo what they set'],
  ],
};

function defineProgram(version: string): Command {
  const program = new Command('npm run bench --')
    .usage('[flags]')
    .description('Measures what each UDP datapath gives a request/response service on this machine, and what it costs.')
    .exitOverride()
    .allowExcessArguments(true)
    .addHelpText('after', epilogue);
  const takes: Record<string, (option: Option) => Option> = {
    '--load': several,
    ...{ '--axis': listed, '--client': listed, '--cell': listed },
  };
  for (const [heading, lines] of Object.entries(groups)) {
    program.optionsGroup(heading);
    for (const [flags, description] of lines) {
      const option = new Option(flags, description);
      program.addOption(option.required ? (takes[option.long ?? ''] ?? once)(option) : option);
    }
  }
  // They join the last group.
  return program.version(version, '--version', 'print the version').helpOption('-h, --help', 'print this');
}
