import { Command, Option } from 'commander';
import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import { parseInterface, refuseTwice, splitList } from '../../common/cli/values.js';
import { readArguments, several } from './arguments.js';

/** What the command line asks for. */
export type DoctorRequest =
  | { kind: 'examine'; interfaces: string[]; format: 'text' | 'json' }
  | { kind: 'clean' }
  | { kind: 'help'; text: string };

interface Flags {
  interface?: string;
  json?: true;
  clean?: true;
}

const epilogue = `
Examples:
  npm run doctor
  npm run doctor -- --interface eth1,eth2
  npm run -s doctor -- --json | jq '.[] | select(.level == "cannot-run")'

Levels: cannot-run, not-trusted, could-be-better; not-told where the host does not say, fine.
--json prints a list of {id, level, state, why, remedy}; remedy is null where there is none.

Exit codes:
  0    nothing is worse than could-be-better
  1    something cannot run, or the command itself failed (then one line on stderr)
  2    wrong usage; nothing was touched
  3    all can run, but figures are not to be trusted
`;

/** Reads the arguments after the script's name; throws UsageError, prints nothing. */
export function parseDoctorOptions(args: readonly string[]): DoctorRequest {
  const program = new Command('npm run doctor --')
    .usage('[flags]')
    .description(
      'Says what on this machine keeps a benchmark from running or spoils its figures, why, and the command that ' +
        'mends it. Changes nothing.',
    )
    .exitOverride()
    .allowExcessArguments(true)
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', epilogue)
    .addOption(several(new Option('--interface <list>', 'look at these network interfaces, too: eth1,eth2')))
    .option('--json', 'print the findings as JSON')
    .option('--clean', 'remove what killed runs left (namespaces), look at nothing');
  const printed = readArguments(program, args);
  if (printed !== null) return { kind: 'help', text: printed.text };
  const flags = program.opts<Flags>();
  const [stray] = program.args;
  if (stray !== undefined) throw new UsageError(`${quote(stray)}: stray argument (an interface is --interface NAME)`);
  const interfaces = flags.interface === undefined ? [] : parseInterfaces('--interface', flags.interface);
  if (!flags.clean) return { kind: 'examine', interfaces, format: flags.json ? 'json' : 'text' };
  if (flags.json || flags.interface !== undefined) throw new UsageError('--clean: goes alone');
  return { kind: 'clean' };
}

function parseInterfaces(option: string, text: string): string[] {
  const names = splitList(option, text).map((name) => parseInterface(option, name));
  refuseTwice(option, names);
  return names;
}
