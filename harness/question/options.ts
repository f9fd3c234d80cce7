import { Command, Option } from 'commander';
import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import { type ListenAddress, parseChoice, parseListenAddress } from '../../common/cli/values.js';
import type { Scenario } from '../../model/cell.js';
import { functionIds, implementationIds, topologyIds } from '../../model/ids.js';
import { listed, once, readArguments, refuseStray, several } from './arguments.js';
import { readScenario, type ScenarioFlags, type ScenarioSources, scenarioDefaults } from './scenario.js';

/** What the command line asks for. */
export type Request =
  | {
      kind: 'run';
      /** `dry-run`: print the plan, touch nothing. */
      mode: 'measure' | 'dry-run';
      scenario: Scenario;
      /** Folder that gets a folder a run. */
      out: string;
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
  | { kind: 'clean' }
  | { kind: 'help'; text: string }
  | { kind: 'version'; text: string };

/** What parseOptions needs from outside. */
export interface OptionSources extends ScenarioSources {
  version: string;
}

interface Flags extends ScenarioFlags {
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
Loads, several in one list:
  saturate            the most replies/s: offers more until they grow no more, then floods
  capacity            the most requests/s without a loss (NDR) and with 0.5 % of loss (PDR)
  latency-under-load  round trips at 10, 50 and 90 % of the own capacity, and at one rate for all
  rate=N              round trips at N requests/s, whatever comes back: rate=100k
  closed=N            round trips of N connections, each with one request outstanding
  none                what the invoker costs while nobody asks

Examples:
  npm run bench -- --sizes 200..1400 --matrix 1T1Q,2T2Q,4T4Q
  npm run bench -- --scenario scenarios/quick.yaml --impls recvmmsg,afxdp --repeats 6

Exit codes:
  0    cells were measured; those that this host cannot run were skipped with a reason
  1    a cell failed or is invalid, its host was changed after it, or the run could not begin
  2    wrong usage; nothing was touched
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
  const out = flags.out ?? defaultOut;
  if (out.trim() === '') throw new UsageError(`--out: needs the path of a folder, not ${quote(out)}`);
  const scenario = readScenario(flags, sources);
  if (flags.ship && scenario.sides === null) throw new UsageError('--ship: is of --topology remote');
  if (flags.live !== undefined && flags.dryRun)
    throw new UsageError('--dry-run: touches nothing, and goes without --live');
  if (flags.ship && flags.dryRun) throw new UsageError('--dry-run: touches nothing, and goes without --ship');
  if (flags.json && flags.dryRun) throw new UsageError('--dry-run: measures nothing, and goes without --json');
  return {
    kind: 'run',
    mode: flags.dryRun ? 'dry-run' : 'measure',
    scenario,
    out,
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

function defineProgram(version: string): Command {
  const defaults = scenarioDefaults;
  const fewer = `not ${implementationIds.filter((id) => !defaults.implementations.split(',').includes(id)).join(', ')}`;
  const valued: [flags: string, description: string][] = [
    ['--sizes <list>', `frame bytes: 200..1400[:step], 200,800 (default ${defaults.sizes}, step 200)`],
    ['--matrix <list>', `threads and queues: 1T1Q,2T2Q (default ${defaults.matrix})`],
    ['--impls <list>', `all, ${implementationIds.join(',')} (default ${fewer})`],
    ['--function <name>', `${functionIds.join(', ')} (default ${defaults.function})`],
    ['--load <list>', 'what is asked for, see below (default saturate, and closed=4 at the size nearest to 800)'],
    [
      '--axis <name=list>',
      'a setting to vary, batch=8,64, idle=spin,poll or channels=1,2; several multiply (default none)',
    ],
    ['--duration <time>', `length of the measure phase, 50ms to 1h (default ${defaults.duration})`],
    ['--warmup <time>', `length of the warm-up, 0 to 10m (default ${defaults.warmup})`],
    [
      '--repeats <n>',
      `runs of each cell, 1 to 1000 (default ${defaults.repeats}, or ${defaults.searchRepeats} where all loads search)`,
    ],
    ['--scenario <file>', 'YAML file with the same choices; flags win over it (default none)'],
    ['--profile <name>', 'how much of the scenario: thesis.yaml has quick and thesis (default as it stands)'],
    ['--topology <name>', `${topologyIds.join(', ')} (default ${defaults.topology})`],
    [
      '--server <side>',
      'nic: if=ens4[,ip=10.0.0.10]; remote: bench@host1,if=ens4,ip=10.0.0.10[,dir=FOLDER], by ssh (default none)',
    ],
    ['--client <side>', 'the other end, written alike; of remote several, each with a flag of its own (default none)'],
    ['--cpus <list>', '2-5,7 or server=2-5,client=8-11,irq=0-1, isolated ones too (default all that are allowed)'],
    ['--placement <file>', 'YAML file with the CPUs of matrix points (default chosen for each cell)'],
    ['--out <dir>', `folder for results (default ${defaultOut})`],
    ['--seed <n>', 'seed of the order of runs (default random, recorded)'],
    ['--live <host:port>', 'page of the run as it goes, and its metrics: 127.0.0.1:8080 (default none)'],
    ['--reference <name>', 'thesis: lay the published figures over the charts (default none)'],
  ];
  const program = new Command('npm run bench --')
    .usage('[flags]')
    .description('Measures what each UDP datapath gives a request/response service on this machine, and what it costs.')
    .exitOverride()
    .allowExcessArguments(true)
    .helpOption('-h, --help', 'print this')
    .version(version, '--version', 'print the version')
    .addHelpText('after', epilogue);
  for (const [flags, description] of valued) {
    const option = new Option(flags, description);
    const takes = { '--load': several, '--axis': listed, '--client': listed }[option.long ?? ''] ?? once;
    program.addOption(takes(option));
  }
  return program
    .option('--timing', 'print what set-up and tear-down cost (default off)')
    .option('--allow-empty', 'a run in which every cell is skipped is no failure (default off)')
    .option(
      '--wait',
      'wait while another benchmark runs on this machine, or on a host of remote (default: refuse to run)',
    )
    .option('--ship', 'remote: copy this built tree to dir= of all hosts first, by rsync (default off)')
    .option('--quiet', 'print what is not valid and where the results are, no progress, no tables (default off)')
    .option('--json', 'print the summary as one JSON document and nothing else to standard output (default off)')
    .option('--clean', 'remove what killed runs left on this machine, undo what they set, measure nothing')
    .option('--dry-run', 'print cells, placement and expected time, touch nothing (default off)');
}
