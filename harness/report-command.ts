import { join } from 'node:path';
import { readArguments } from '../common/cli/arguments.js';
import { complaint } from '../common/cli/complaint.js';
import { UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { quote } from '../common/cli/text.js';
import { parseChoice } from '../common/cli/values.js';
import { referenceFolder } from '../common/process/paths.js';
import { exportRun } from './export-run.js';
import { exitCodeOf, publish } from './publish.js';
import { exportIds } from './report/export/exports.js';
import { referenceIds } from './report/reference.js';
import type { OutputSurroundings } from './surroundings.js';

const usage = `usage: npm run report -- DIR [--json] [--reference thesis] [--timing] [--allow-empty]
       npm run report -- DIR --export FORMAT [--out FOLDER] [--allow-empty]
Makes all reports of a run again from the records in DIR (results/latest is the newest run).
--json prints the summary as one JSON document and nothing else to standard output (npm run -s report).
--export writes the figures for another tool into DIR/export or FOLDER, makes no report, and prints what it wrote:
  ${exportIds.join(', ')}.
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
    const empty = values['allow-empty'] ? 'allowed' : 'unmet';
    if (values.export !== undefined) {
      const other = (['json', 'reference', 'timing'] as const).find((name) => values[name] !== undefined);
      if (other !== undefined) throw new UsageError(`--export: makes no report, and goes without --${other}`);
      const out = values.out ?? join(folder, 'export');
      if (out.trim() === '') throw new UsageError(`--out: needs the path of a folder, not ${quote(out)}`);
      const id = parseChoice('--export', values.export, exportIds);
      return await exportRun(folder, id, { stdout, stderr, out, empty });
    }
    if (values.out !== undefined) throw new UsageError('--out: is of --export');
    const reference =
      values.reference === undefined
        ? null
        : { id: parseChoice('--reference', values.reference, referenceIds), folder: referenceFolder };
    const verdict = await publish(folder, {
      ...{ stdout, stderr, environment, reference },
      timing: values.timing ? 'print' : 'hide',
      show: values.json ? 'json' : 'tables',
    });
    return exitCodeOf(verdict, empty);
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
      export: { type: 'string' },
      out: { type: 'string' },
      timing: { type: 'boolean' },
      'allow-empty': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
