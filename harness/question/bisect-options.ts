import { Command, Option } from 'commander';
import { UsageError } from '../../common/cli/errors.js';
import { parseWhole } from '../../common/cli/values.js';
import type { Build, PairQuestion } from '../../model/pair.js';
import { once, readArguments, refuseStray } from './arguments.js';
import type { ResolveRevision } from './candidates.js';
import { type AskedCell, parseCellId } from './cell-id.js';
import { fewestTurnsToTell, maxTurns, pairDefaults, parseOut, parsePhases } from './compare-options.js';
import { defaultOut } from './options.js';

/** What the command line asks for. */
export type BisectRequest =
  | {
      kind: 'bisect';
      cell: AskedCell;
      good: Build;
      bad: Build;
      turns: number;
      phases: Pick<PairQuestion, 'durationNs' | 'warmupNs'>;
      out: string;
      busy: 'refuse' | 'wait';
    }
  | { kind: 'help'; text: string };

interface Flags {
  cell?: string;
  good?: string;
  bad?: string;
  turns?: string;
  duration?: string;
  warmup?: string;
  out?: string;
  wait?: true;
}

const epilogue = `
Commits between are all that contain the good one. Each step builds one and has it and the good one
take turns; one that does not build, does not serve or has too few turns with figures is skipped.
At the end the first bad commit and the last good one take turns. Standard output gets one line:
the commit, and how much; where commits before it were skipped, these too.

Example:
  npm run bisect -- --cell afxdp-1T1Q-200-reverse-saturate --good v1.2 --bad main

Exit codes:
  0    found
  1    not found: the two do not differ, or a build failed that cannot be skipped
  2    wrong usage; nothing was touched
  130  interrupted; says between which commits the search was
`;

/** Reads the arguments after the script's name; throws UsageError, prints nothing. */
export function parseBisectOptions(args: readonly string[], resolve: ResolveRevision): BisectRequest {
  const program = defineProgram();
  const printed = readArguments(program, args);
  if (printed !== null) return { kind: 'help', text: printed.text };
  refuseStray(program);
  const flags = program.opts<Flags>();
  const needed = (name: 'cell' | 'good' | 'bad', what: string) => {
    const value = flags[name];
    if (value === undefined) throw new UsageError(`--${name}: is missing: ${what}`);
    return value;
  };
  const cell = parseCellId('--cell', needed('cell', 'the id of a cell such as afxdp-1T1Q-200-reverse-saturate'));
  const good = resolve('--good', needed('good', 'a commit that is as fast as it should be'));
  const bad = resolve('--bad', needed('bad', 'a later commit that is slower'));
  return {
    ...{ kind: 'bisect', cell, good, bad, phases: parsePhases(flags), out: parseOut(flags) },
    turns: parseWhole('--turns', flags.turns ?? pairDefaults.turns, fewestTurnsToTell, maxTurns),
    busy: flags.wait ? 'wait' : 'refuse',
  };
}

function defineProgram(): Command {
  const valued: [flags: string, description: string][] = [
    ['--cell <id>', 'what became slower, as reports print it'],
    ['--good <commit>', 'where it was not yet'],
    ['--bad <commit>', 'where it is'],
    ['--turns <n>', `of each step, ${fewestTurnsToTell} to ${maxTurns} (default ${pairDefaults.turns})`],
    ['--duration <time>', `length of the measure phase (default ${pairDefaults.duration})`],
    ['--warmup <time>', `length of the warm-up (default ${pairDefaults.warmup})`],
    ['--out <dir>', `folder that gets the records of every step (default ${defaultOut})`],
  ];
  const program = new Command('npm run bisect --')
    .usage('--cell ID --good A --bad B [flags]')
    .description('Finds the commit that made a cell slower, by turns of builds on this machine.')
    .exitOverride()
    .allowExcessArguments(true)
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', epilogue);
  for (const [flags, description] of valued) program.addOption(once(new Option(flags, description)));
  return program.option('--wait', 'wait for another benchmark on this machine to end (default refuse)');
}
