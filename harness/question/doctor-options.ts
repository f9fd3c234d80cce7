import { Command, Option } from 'commander';
import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import { parseInterface, refuseTwice, splitList } from '../../common/cli/values.js';
import type { FarSides, Scenario } from '../../model/cell.js';
import { once, readArguments, several } from './arguments.js';
import { readScenario } from './scenario.js';

/** What the command line asks for. */
export type DoctorRequest =
  | { kind: 'examine'; interfaces: string[]; format: 'text' | 'json' }
  /** Two hosts and the wire between them; the scenario has the cells that are tried. */
  | { kind: 'remote'; scenario: Scenario; sides: FarSides; format: 'text' | 'json' }
  /** `yes`: the user has agreed already. */
  | { kind: 'fix'; consent: 'ask' | 'yes' }
  | { kind: 'clean' }
  | { kind: 'help'; text: string };

interface Flags {
  interface?: string;
  json?: true;
  clean?: true;
  fix?: true;
  yes?: true;
  topology?: string;
  server?: string;
  client?: string;
}

const epilogue = `
Examples:
  npm run doctor
  npm run doctor -- --interface eth1,eth2
  npm run doctor -- --topology remote --server bench@host1,if=ens4,ip=10.0.0.10 \\
    --client bench@host2,if=ens4,ip=10.0.0.20
  npm run doctor -- --fix                        # npm run doctor -- --clean undoes it
  npm run -s doctor -- --json | jq '.[] | select(.level == "cannot-run")'

Levels: cannot-run, not-trusted, could-be-better; not-told where the host does not say, fine.
--json prints a list of {id, level, state, why, remedy}; remedy is null where there is none.

Exit codes:
  0    nothing is worse than could-be-better
  1    something cannot run, or a change was refused, or the command failed (then a line on stderr)
  2    wrong usage; nothing was touched
  3    all can run, but figures are not to be trusted
`;

/** Reads the arguments after the script's name; throws UsageError, prints nothing. */
export function parseDoctorOptions(args: readonly string[]): DoctorRequest {
  const program = new Command('npm run doctor --')
    .usage('[flags]')
    .description(
      'Says what on this machine keeps a benchmark from running or spoils its figures, why, and the command that ' +
        'mends it. Changes nothing without --fix.',
    )
    .exitOverride()
    .allowExcessArguments(true)
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', epilogue)
    .addOption(several(new Option('--interface <list>', 'look at these network interfaces, too: eth1,eth2')))
    .addOption(once(new Option('--topology <name>', 'remote: look at two hosts and the wire between them, by ssh')))
    .addOption(once(new Option('--server <side>', 'of remote: bench@host1,if=ens4,ip=10.0.0.10[,dir=FOLDER]')))
    .addOption(once(new Option('--client <side>', 'the other end, written alike')))
    .option('--json', 'print the findings as JSON')
    .option('--fix', 'set what of the host can be set back: governor, turbo, idle states, irqbalance, eBPF; asks first')
    .option('--yes', 'with --fix: do not ask')
    .option('--clean', 'undo --fix, and what killed runs left (namespaces, settings); look at nothing');
  const printed = readArguments(program, args);
  if (printed !== null) return { kind: 'help', text: printed.text };
  const flags = program.opts<Flags>();
  const [stray] = program.args;
  if (stray !== undefined) throw new UsageError(`${quote(stray)}: stray argument (an interface is --interface NAME)`);
  const interfaces = flags.interface === undefined ? [] : parseInterfaces('--interface', flags.interface);
  const far = (['topology', 'server', 'client'] as const).filter((name) => flags[name] !== undefined);
  const others = (['json', 'interface', 'clean', 'fix', ...far] as const).filter((name) => flags[name] !== undefined);
  if (flags.clean && others.length > 1) throw new UsageError('--clean: goes alone');
  if (flags.fix && others.length > 1)
    throw new UsageError('--fix: goes alone or with --yes (an interface is set by npm run tune)');
  if (flags.yes && !flags.fix) throw new UsageError('--yes: goes with --fix');
  if (flags.clean) return { kind: 'clean' };
  if (flags.fix) return { kind: 'fix', consent: flags.yes ? 'yes' : 'ask' };
  const format = flags.json ? 'json' : 'text';
  if (far.length === 0) return { kind: 'examine', interfaces, format };
  const scenario = readScenario(
    { ...tried, ...flags, client: [flags.client ?? []].flat() },
    { readFile: () => '', randomSeed: () => 0 },
  );
  const own = Object.values(scenario.cards ?? {}).map((card) => card.interface);
  if (scenario.sides === null) return { kind: 'examine', interfaces: [...new Set([...interfaces, ...own])], format };
  if (interfaces.length > 0) throw new UsageError('--interface: is of this host; of remote each side has its own, if=');
  return { kind: 'remote', scenario, sides: scenario.sides, format };
}

/** What is tried on a wire, so short that nobody waits: replies to sockets and to live frames, with XDP and without. */
const tried = {
  impls: 'recvfrom,afxdp',
  sizes: '1400',
  load: 'closed=1,rate=1k',
  duration: '200ms',
  warmup: '100ms',
  repeats: '1',
};

function parseInterfaces(option: string, text: string): string[] {
  const names = splitList(option, text).map((name) => parseInterface(option, name));
  refuseTwice(option, names);
  return names;
}
