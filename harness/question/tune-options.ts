import { Command, Option } from 'commander';
import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import { tuningHelp } from '../../common/cli/tuning.js';
import { parseInterface, parseWhole, refuseTwice } from '../../common/cli/values.js';
import type { Tuning } from '../../model/tuning.js';
import { listed, once, readArguments, refuseStray } from './arguments.js';
import { parseTunings } from './axes.js';
import { readScenarioFile } from './scenario-file.js';

/** What the command line of tune asks for. */
export type TuneRequest =
  | {
      kind: 'tune';
      /** `dry-run`: print what would be done, touch nothing. */
      mode: 'hold' | 'dry-run';
      interface: string;
      /** Whether an interface may be tuned that this host is reached by. */
      inUse: 'refuse' | 'allow';
      tuning: Tuning;
      port: number;
    }
  | { kind: 'clean' }
  | { kind: 'help'; text: string }
  | { kind: 'version'; text: string };

/** What parseTuneOptions needs from outside. */
export interface TuneSources {
  /** Reads a text file, throws when it cannot. */
  readFile(path: string): string;
  version: string;
}

interface Flags {
  interface?: string;
  inUse?: string;
  set?: string[];
  scenario?: string;
  port?: string;
  dryRun?: true;
  clean?: true;
}

const defaultPort = '1232';

/** Three settings a line: the width of the help is that of a terminal. */
const settingLines = Array.from({ length: Math.ceil(tuningHelp.length / 3) }, (_, row) => {
  const three = tuningHelp.slice(3 * row, 3 * row + 3);
  return `  ${three.map((text) => text.padEnd(32)).join('')}`.trimEnd();
}).join('\n');

const epilogue = `
Settings (docs/tuning.md says what each does); CPUS is a list such as 0-3 or 4+0-2:
${settingLines}

Examples:
  npm run tune -- --interface eth1 --scenario scenarios/tuning-2018.yaml
  npm run tune -- --interface eth1 --set channels=4 --set rxUsecs=0 --dry-run

Exit codes:
  0    everything is as it was before
  1    a setting was refused, or cannot be undone
  2    wrong usage, or the interface is in use; nothing was touched
`;

/** Reads the arguments after the script's name; throws UsageError, prints nothing. */
export function parseTuneOptions(args: readonly string[], sources: TuneSources): TuneRequest {
  const program = defineProgram(sources.version);
  const printed = readArguments(program, args);
  if (printed !== null) return printed;
  refuseStray(program);
  const flags = program.opts<Flags>();
  if (flags.clean) {
    if (Object.keys(flags).length > 1) throw new UsageError('--clean: tunes nothing and takes no other flag');
    return { kind: 'clean' };
  }
  if (flags.interface === undefined) throw new UsageError('--interface: it is missing, the interface to tune');
  const name = parseInterface('--interface', flags.interface);
  if (flags.inUse !== undefined && flags.inUse !== name)
    throw new UsageError(`--in-use: ${quote(flags.inUse)} is not ${name}, the interface that is tuned`);
  return {
    kind: 'tune',
    mode: flags.dryRun ? 'dry-run' : 'hold',
    interface: name,
    inUse: flags.inUse === undefined ? 'refuse' : 'allow',
    tuning: readTuning(flags, sources),
    port: parseWhole('--port', flags.port ?? defaultPort, 1, 65_535),
  };
}

/** Of the scenario, with what is set on the command line on top. */
function readTuning({ scenario, set = [] }: Flags, { readFile }: TuneSources): Tuning {
  const inFile = scenario === undefined ? {} : (readScenarioFile(scenario, readFile, undefined).file.tuning ?? {});
  if (scenario !== undefined && Object.keys(inFile).length === 0)
    throw new UsageError(`--scenario: ${scenario} has no tuning`);
  const pairs = set.map((text): [string, string] => {
    const [, name, value] = /^([^=]+)=(.+)$/.exec(text.trim()) ?? [];
    if (!name || !value) throw new UsageError(`--set: ${quote(text)} is not NAME=VALUE such as channels=4`);
    return [name, value];
  });
  refuseTwice(
    '--set',
    pairs.map(([name]) => name),
  );
  const tuning = {
    ...parseTunings(`scenario ${scenario}: tuning`, inFile),
    ...parseTunings('--set', Object.fromEntries(pairs)),
  };
  if (Object.keys(tuning).length === 0) throw new UsageError('--set: nothing is set; give it, or --scenario');
  return tuning;
}

function defineProgram(version: string): Command {
  return new Command('npm run tune --')
    .usage('--interface NAME [flags]')
    .description('Tunes an interface and its host until Ctrl-C, and then makes everything as it was.')
    .exitOverride()
    .allowExcessArguments(true)
    .helpOption('-h, --help', 'print this')
    .version(version, '--version', 'print the version')
    .addHelpText('after', epilogue)
    .addOption(once(new Option('--interface <name>', 'the interface')))
    .addOption(listed(new Option('--set <name=value>', 'a setting, may be given several times')))
    .addOption(once(new Option('--scenario <file>', 'the settings under tuning: in a scenario; --set wins over it')))
    .addOption(once(new Option('--port <n>', `UDP port of ntupleQueue (default ${defaultPort})`)))
    .addOption(once(new Option('--in-use <name>', 'the same name again: tune it although this host is reached by it')))
    .option('--dry-run', 'print what would be done, touch nothing (default off)')
    .option('--clean', 'undo what killed runs left, tune nothing');
}
