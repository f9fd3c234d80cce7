import { readArguments } from '../common/cli/arguments.js';
import { complaint } from '../common/cli/complaint.js';
import { UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { parseChoice } from '../common/cli/values.js';
import { referenceFolder } from '../common/process/paths.js';
import { exitCodeOf, publish } from './publish.js';
import { type FiguresOptions, publishFigures } from './publish-figures.js';
import { literature, parseFigures } from './report/literature/literature.js';
import { referenceIds } from './report/reference.js';
import type { OutputSurroundings } from './surroundings.js';

const usage = `usage: npm run report -- DIR [--reference thesis] [--timing] [--allow-empty]
       npm run report -- DIR --figure LIST
       npm run report -- --figure LIST --reference thesis [--out DIR]
Makes all reports of a run again from the records in DIR (results/latest is the newest run).
Exit codes as of the run: 0 measured, 1 a cell failed or is invalid, 3 nothing was measured (--allow-empty: 0).

--figure draws figures and tables of the published experiment into DIR/figures, with the published ones laid over; without
DIR those alone, into figures/ of --out (default results). Exit codes: 0 drawn, 3 the run has no cell of what was asked for.
LIST is all, or several of
${literature.map(({ id, title }) => `  ${id.padEnd(8)}${title}`).join('\n')}
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
    if (rest.length > 0) throw new UsageError(`DIR: one folder, not also ${rest.join(' ')}`);
    if (values.figure !== undefined) return await publishFigures(figuresOf(values, folder ?? null, { stdout, stderr }));
    if (values.out !== undefined) throw new UsageError('--out: is of --figure without DIR');
    if (!folder) throw new UsageError('DIR: it is missing, the folder of a run such as results/latest');
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

type Values = ReturnType<typeof parse>['values'];

function figuresOf(
  values: Values,
  run: string | null,
  { stdout, stderr }: Pick<OutputSurroundings, 'stdout' | 'stderr'>,
): FiguresOptions {
  const figures = parseFigures('--figure', (values.figure ?? []).join(','));
  for (const flag of ['timing', 'allow-empty'] as const)
    if (values[flag]) throw new UsageError(`--${flag}: is of a whole report, not of --figure`);
  if (run === null && values.reference === undefined)
    throw new UsageError(
      'DIR: it is missing, the folder of a run; without one --reference thesis draws what was published',
    );
  if (run !== null && values.out !== undefined) throw new UsageError('--out: is of --figure without DIR');
  const id = values.reference === undefined ? 'thesis' : parseChoice('--reference', values.reference, referenceIds);
  const out = run ?? values.out ?? 'results';
  return { figures, run, out, reference: { id, folder: referenceFolder }, stdout, stderr };
}

function parse(args: string[]) {
  return readArguments({
    args,
    allowPositionals: true,
    options: {
      figure: { type: 'string', multiple: true },
      reference: { type: 'string' },
      out: { type: 'string' },
      timing: { type: 'boolean' },
      'allow-empty': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
