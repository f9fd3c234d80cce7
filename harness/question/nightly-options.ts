import { Command, Option } from 'commander';
import { UsageError } from '../../common/cli/errors.js';
import { parseChoice, parseDuration, parsePath } from '../../common/cli/values.js';
import type { Scenario } from '../../model/cell.js';
import { listed, once, readArguments, refuseStray } from './arguments.js';
import { budgetBounds } from './options.js';
import { readScenario, type ScenarioFlags, type ScenarioSources } from './scenario.js';

/** How much a night measures: a question, and how often an implementation is compared with itself. */
export const nightProfiles = {
  short: { scenario: 'scenarios/nightly-short.yaml', controls: 3 },
  standard: { scenario: 'scenarios/nightly.yaml', controls: 9 },
  thesis: { scenario: 'scenarios/thesis.yaml', controls: 9 },
} as const;

export type NightProfile = keyof typeof nightProfiles;

/** What a night is asked to do, as it is kept for one that goes on with it. Paths are as on the command line. */
export interface NightRequest {
  /** Path of the scenario file; relative to the package where a profile names it. */
  scenario: { path: string; of: 'package' | 'user' };
  /** Flags of the main command that say where it is measured. */
  place: Pick<ScenarioFlags, 'topology' | 'server' | 'client'>;
  controls: number;
  /** What all that is measured may take; null: however long. */
  budgetNs: number | null;
  /** Folder of the history; null: nothing is remembered, and nothing compared. */
  history: string | null;
  /** Commit whose build takes turns with this one; `last-good`: of the last night that the gate passed. */
  against: { kind: 'last-good' } | { kind: 'none' } | { kind: 'commit'; revision: string };
  /** Folder that gets a static site; null: none. */
  publish: string | null;
  /** Findings of the doctor that make no machine unfit. */
  accept: string[];
}

/** What the command line asks for. */
export type NightlyRequest =
  | { kind: 'night'; mode: 'measure' | 'dry-run'; request: NightRequest; question: Scenario; out: string }
  /** Goes on with the newest night of `out`, where that has not ended. */
  | { kind: 'resume'; out: string }
  | { kind: 'help'; text: string };

interface Flags extends Pick<ScenarioFlags, 'scenario' | 'topology' | 'server' | 'client'> {
  profile?: string;
  budget?: string;
  history?: string;
  against?: string;
  publish?: string;
  accept?: string[];
  out?: string;
  resume?: true;
  dryRun?: true;
}

const defaults = { profile: 'standard', out: 'results/nights' } as const;

const epilogue = `
A night:
  1. looks at the machine as npm run doctor does, and ends if it is unfit
  2. measures the scenario, as npm run bench does, with its tuning set and undone
  3. compares an implementation with itself by turns: how often is a difference seen
     where there is none?
  4. takes turns with the build of --against, in each implementation and load
  5. judges all of it by the history; what is suspicious is measured again, in the time
     that --budget leaves
  6. prints a page, keeps it as verdict.md, and writes the site
It waits while another benchmark runs on this machine. Nothing of what it sets stays.

Examples:
  npm run nightly -- --history nights/history --publish nights/site
  npm run nightly -- --profile short --dry-run
  npm run nightly -- --budget 3h --topology remote --server bench@host1,if=ens4,ip=10.0.0.10 \\
    --client bench@host2,if=ens4,ip=10.0.0.20

Exit codes:
  0    quiet; also where the page tells of a suspicion, or of too much noise to judge
  1    a cell failed or is invalid, or a part of the night could not be done
  2    wrong usage, or a history that cannot take this night; nothing was touched
  3    the gate: an alert is open
  4    the machine is unfit, or no cell has a figure
  130  interrupted; --resume goes on
`;

/** Reads the arguments after the script's name; throws UsageError, prints nothing. `inPackage` leads to a path of this project. */
export function parseNightlyOptions(
  args: readonly string[],
  sources: ScenarioSources,
  inPackage: (path: string) => string,
): NightlyRequest {
  const program = defineProgram();
  const printed = readArguments(program, args);
  if (printed !== null) return { kind: 'help', text: printed.text };
  refuseStray(program);
  const flags = program.opts<Flags>();
  const out = parsePath('--out', flags.out ?? defaults.out, 'folder');
  if (flags.resume && flags.dryRun) throw new UsageError('--resume: goes on with a night, and goes without --dry-run');
  if (flags.resume) {
    const other = Object.keys(flags).find((name) => name !== 'resume' && name !== 'out');
    if (other !== undefined)
      throw new UsageError(`--resume: the night has its own question, and goes without --${other}`);
    return { kind: 'resume', out };
  }
  const names = Object.keys(nightProfiles) as NightProfile[];
  const profile = nightProfiles[parseChoice('--profile', flags.profile ?? defaults.profile, names)];
  const scenario: NightRequest['scenario'] =
    flags.scenario === undefined ? { path: profile.scenario, of: 'package' } : { path: flags.scenario, of: 'user' };
  const { topology, server, client } = flags;
  const place = { ...(topology && { topology }), ...(server && { server }), ...(client && { client }) };
  const path = scenario.of === 'package' ? inPackage(scenario.path) : scenario.path;
  const question = readScenario({ ...place, scenario: path }, sources);
  if (flags.publish !== undefined && flags.history === undefined)
    throw new UsageError('--publish: the site shows a history: name its folder with --history');
  const against = againstOf(flags.against);
  if (against.kind === 'commit' && flags.history === undefined)
    throw new UsageError('--against: what its turns say is kept in a history: name its folder with --history');
  const request: NightRequest = {
    scenario,
    place,
    controls: profile.controls,
    budgetNs: flags.budget === undefined ? null : parseDuration('--budget', flags.budget, budgetBounds),
    history: flags.history === undefined ? null : parsePath('--history', flags.history, 'folder'),
    against,
    publish: flags.publish === undefined ? null : parsePath('--publish', flags.publish, 'folder'),
    accept: flags.accept ?? [],
  };
  return { kind: 'night', mode: flags.dryRun ? 'dry-run' : 'measure', request, question, out };
}

function againstOf(text: string | undefined): NightRequest['against'] {
  if (text === undefined) return { kind: 'last-good' };
  if (text.trim() === '') throw new UsageError('--against: needs a commit, or none');
  return text === 'none' ? { kind: 'none' } : { kind: 'commit', revision: text };
}

function defineProgram(): Command {
  const valued: [flags: string, description: string][] = [
    ['--profile <name>', `short: minutes; standard; thesis: the published experiment (default ${defaults.profile})`],
    ['--scenario <file>', 'a question of your own in place of that of the profile'],
    ['--topology <name>', 'veth, nic, remote, as of npm run bench (default as the scenario has it)'],
    ['--server <end>', 'the ends of nic and remote, as of npm run bench'],
    ['--client <end>', 'the other end; of remote once for each client'],
    ['--budget <time>', '3h: fewer repeats, of all cells alike, where the night is expected to take longer'],
    ['--history <dir>', 'folder of the nights before, which gets this one (default none: nothing is compared)'],
    ['--against <commit>', 'its build takes turns with this one; none (default that of the last good night)'],
    ['--publish <dir>', 'folder that gets a static site of the history (default none)'],
    ['--accept <id>', 'a finding of the doctor that makes no machine unfit: io-uring; several times for several'],
    ['--out <dir>', `folder that gets a folder for each night (default ${defaults.out})`],
  ];
  const program = new Command('npm run nightly --')
    .usage('[flags]')
    .description('Measures a night and says whether anything has become slower.')
    .exitOverride()
    .allowExcessArguments(true)
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', epilogue);
  for (const [flags, description] of valued) {
    const option = new Option(flags, description);
    program.addOption(['--client', '--accept'].includes(option.long ?? '') ? listed(option) : once(option));
  }
  return program
    .option(
      '--resume',
      'go on with the newest night of --out, with the flags that it was begun with, if it has not ended',
    )
    .option('--dry-run', 'print the steps, the plan and the expected time; touch nothing');
}
