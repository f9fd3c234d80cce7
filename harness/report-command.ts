import { readArguments } from '../common/cli/arguments.js';
import { complaint } from '../common/cli/complaint.js';
import { UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { parseChoice } from '../common/cli/values.js';
import { referenceFolder } from '../common/process/paths.js';
import { exitCodeOf, publish } from './publish.js';
import { referenceIds } from './report/reference.js';
import type { OutputSurroundings } from './surroundings.js';

const usage = `Usage: npm run report -- DIR [--reference thesis] [--timing] [--allow-empty]

Makes all reports of a run again from its records in DIR; results/latest is the newest run.

  --reference thesis  lay the published figures over charts and tables
  --timing            print what set-up and tear-down cost, too
  --allow-empty       exit with 0, not 3, where every cell was skipped
  -h, --help          print this

Exit codes, as of the run:
  0    cells were measured
  1    a cell failed or is invalid, or no report can be made
  2    wrong usage
  3    nothing was measured: every cell was skipped (0 with --allow-empty)
`;

/** The report command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(
  argv: readonly string[],
  { stdout, stderr, environment }: OutputSurroundings,
): Promise<number> {
  try {
    const { values, positionals } = parse([...argv]);
    if (values.help) {
      stdout.write(usage);
      return exitCodes.ok;
    }
    const [folder, ...rest] = positionals;
    if (!folder) throw new UsageError('DIR: it is missing, the folder of a run such as results/latest');
    if (rest.length > 0) throw new UsageError(`DIR: one folder, not also ${rest.join(' ')}`);
    const reference =
      values.reference === undefined
        ? null
        : { id: parseChoice('--reference', values.reference, referenceIds), folder: referenceFolder };
    const verdict = await publish(folder, {
      ...{ stdout, environment, reference },
      timing: values.timing ? 'print' : 'hide',
      tables: 'print',
    });
    return exitCodeOf(verdict, values['allow-empty'] ? 'allowed' : 'unmet');
  } catch (error) {
    stderr.write(complaint(error, environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

function parse(args: string[]) {
  return readArguments({
    args,
    allowPositionals: true,
    options: {
      reference: { type: 'string' },
      timing: { type: 'boolean' },
      'allow-empty': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
