import { Command, CommanderError, Option } from 'commander';
import { UsageError } from '../../common/cli/errors.js';
import { parseChoice, quote } from '../../common/cli/values.js';
import type { Scenario } from '../../model/cell.js';
import { functionIds, implementationIds, topologyIds } from '../../model/ids.js';
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
    }
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
  dryRun?: true;
}

const defaultOut = 'results';
const helpColumns = 100;

const epilogue = `
Examples:
  npm run bench -- --sizes 200..1400 --matrix 1T1Q,2T2Q,4T4Q
  npm run bench -- --scenario scenarios/quick.yaml --impls recvmmsg,afxdp --repeats 6

Exit codes:
  0    every cell was measured, or skipped with a reason
  1    a cell failed or is invalid
  2    wrong usage; nothing was touched
  130  interrupted; what was measured is kept
`;

/** Reads the arguments after the script's name; throws UsageError, prints nothing. */
export function parseOptions(args: readonly string[], sources: OptionSources): Request {
  let printed = '';
  const program = defineProgram(sources.version).configureOutput({
    writeOut: (text) => {
      printed += text;
    },
    writeErr: () => {},
    getOutHelpWidth: () => helpColumns,
    getOutHasColors: () => false,
  });
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text: printed };
    if (error.code === 'commander.version') return { kind: 'version', text: printed };
    throw new UsageError(usageMessage(program, error));
  }
  const [stray] = program.args;
  if (stray !== undefined) throw new UsageError(`${quote(stray)}: stray argument, every choice is a flag (see --help)`);

  const flags = program.opts<Flags>();
  const out = flags.out ?? defaultOut;
  if (out.trim() === '') throw new UsageError(`--out: needs the path of a folder, not ${quote(out)}`);
  return {
    kind: 'run',
    mode: flags.dryRun ? 'dry-run' : 'measure',
    scenario: readScenario(flags, sources),
    out,
    reference: flags.reference === undefined ? 'none' : parseChoice('--reference', flags.reference, ['thesis']),
    timing: flags.timing ? 'print' : 'hide',
  };
}

function defineProgram(version: string): Command {
  const defaults = scenarioDefaults;
  const fewer = `not ${implementationIds.filter((id) => !defaults.implementations.split(',').includes(id)).join(', ')}`;
  const valued: [flags: string, description: string][] = [
    ['--sizes <list>', `frame bytes: 200..1400[:step], 200,800 (default ${defaults.sizes}, step 200)`],
    ['--matrix <list>', `threads and queues: 1T1Q,2T2Q (default ${defaults.matrix})`],
    ['--impls <list>', `all, or ${implementationIds.join(',')} (default ${fewer})`],
    ['--function <name>', `${functionIds.join(', ')} (default ${defaults.function})`],
    [
      '--load <list>',
      '(default saturate, and closed=4 at one size), capacity, latency-under-load, rate=N, closed=N, none',
    ],
    ['--duration <time>', `length of the measure phase, 50ms to 1h (default ${defaults.duration})`],
    ['--warmup <time>', `length of the warm-up, 0 to 10m (default ${defaults.warmup})`],
    ['--repeats <n>', `runs of each cell, 1 to 1000 (default ${defaults.repeats})`],
    ['--scenario <file>', 'YAML file with the same choices; flags win over it (default none)'],
    ['--topology <name>', `${topologyIds.join(' or ')} (default ${defaults.topology})`],
    ['--out <dir>', `folder for results (default ${defaultOut})`],
    ['--seed <n>', 'seed of the order of runs (default random, recorded)'],
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
    program.addOption(option.long === '--load' ? several(option) : once(option));
  }
  return program
    .option('--timing', 'print what set-up and tear-down cost (default off)')
    .option('--dry-run', 'print cells, placement and expected time, touch nothing (default off)');
}

/** A flag whose second use is an error: which of two values was meant is not ours to guess. */
function once(option: Option): Option {
  return option.argParser((value: string, previous: string | undefined) => {
    if (previous !== undefined)
      throw new UsageError(`${option.long}: given twice, ${quote(previous)} and ${quote(value)}`);
    return present(option, value);
  });
}

/** A flag whose uses add up to one list. */
function several(option: Option): Option {
  return option.argParser((value: string, previous: string | undefined) => {
    return previous === undefined ? present(option, value) : `${previous},${present(option, value)}`;
  });
}

/** Commander takes whatever follows as the value: `--sizes --matrix 1T1Q` lacks one. */
function present(option: Option, value: string): string {
  if (value.startsWith('--')) throw new UsageError(`${option.long}: needs a value, but ${quote(value)} follows`);
  return value;
}

function usageMessage(program: Command, error: CommanderError): string {
  const message = error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
  const flag = /'(-[^\s',]+)/.exec(message)?.[1];
  if (flag === undefined) return message;
  if (error.code === 'commander.optionMissingArgument') return `${flag}: needs a value`;
  if (error.code === 'commander.unknownOption') {
    const [name, value] = flag.split('=');
    if (value !== undefined && program.options.some(({ long }) => long === name)) {
      return `${name}: takes no value, not ${quote(value)}`;
    }
    const suggestion = /\(Did you mean (.+)\?\)/.exec(message)?.[1];
    return `${flag}: unknown flag${suggestion === undefined ? ' (see --help)' : `, did you mean ${suggestion}?`}`;
  }
  return message;
}
