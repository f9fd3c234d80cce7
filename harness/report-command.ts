import { readArguments } from '../common/cli/arguments.js';
import { complaint } from '../common/cli/complaint.js';
import { UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { parseChoice } from '../common/cli/values.js';
import { referenceFolder } from '../common/process/paths.js';
import { exitCodeOf, publish } from './publish.js';
import { referenceIds } from './report/reference.js';
import type { OutputSurroundings } from './surroundings.js';

const usage = `usage: npm run report -- DIR [--json] [--reference thesis] [--timing] [--allow-empty]
Makes all reports of a run again from the records in DIR (results/latest is the newest run).
--json prints the summary as one JSON document and nothing else to standard output (npm run -s report).
Exit codes as of the run: 0 measured, 1 a cell failed or is invalid, 3 nothing was measured (--allow-empty: 0).
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
      ...{ stdout, stderr, environment, reference },
      timing: values.timing ? 'print' : 'hide',
      show: values.json ? 'json' : 'tables',
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
      json: { type: 'boolean' },
      timing: { type: 'boolean' },
      'allow-empty': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
