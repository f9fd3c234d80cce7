import { join } from 'node:path';
import { readArguments } from '../common/cli/arguments.js';
import { complaint } from '../common/cli/complaint.js';
import { UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { parseChoice, parsePath } from '../common/cli/values.js';
import { referenceFolder } from '../common/process/paths.js';
import { exportRun } from './export-run.js';
import { exitCodeOf, publish } from './publish.js';
import { exportIds } from './report/export/exports.js';
import { literature, parseFigures } from './report/literature/literature.js';
import { referenceIds } from './report/reference.js';
import type { OutputSurroundings } from './surroundings.js';

const usage = `Usage: npm run report -- DIR [--json] [--reference thesis] [--timing] [--allow-empty]
       npm run report -- DIR --export FORMAT [--out FOLDER] [--allow-empty]
       npm run report -- DIR --figure LIST
       npm run report -- --figure LIST --reference thesis [--out FOLDER]

Makes all reports of a run again from its records in DIR; results/latest is the newest run.

  --reference thesis  lay the published figures over charts and tables
  --timing            print what set-up and tear-down cost, too
  --json              print the summary as one JSON document, and nothing else, to standard output
  --export FORMAT     write figures for another tool into DIR/export or FOLDER, make no report:
                      ${exportIds.join(', ')}
  --figure LIST       draw figures and tables of the published experiment into DIR/figures, those
                      of the run with the published ones laid over; without DIR the published ones
                      alone, into figures/ of FOLDER (default results). all, or several of
${literature.map(({ id, title }) => `                        ${id.padEnd(8)}${title}`).join('\n')}
  --allow-empty       exit with 0, not 3, where every cell was skipped
  -h, --help          print this

Exit codes, as of the run:
  0    cells were measured; figures were drawn
  1    a cell failed or is invalid, or a report or picture cannot be made
  2    wrong usage
  3    nothing was measured: every cell was skipped (0 with --allow-empty), or the run has
       no cell of the figures
`;

/** The report command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: OutputSurroundings): Promise<number> {
  const { stdout, stderr, environment } = surroundings;
  try {
    const { values, positionals } = parse([...argv]);
    if (values.help) {
      stdout.write(usage);
      return exitCodes.ok;
    }
    const [folder, ...rest] = positionals;
    if (folder !== undefined) parsePath('DIR', folder, 'folder');
    if (rest.length > 0) throw new UsageError(`DIR: one folder, not also ${rest.join(' ')}`);
    if (values.figure !== undefined) return await figuresOf(values, folder ?? null, surroundings);
    if (folder === undefined) throw new UsageError('DIR: it is missing, the folder of a run such as results/latest');
    if (values.export !== undefined) return await exportOf(values, folder, surroundings);
    if (values.out !== undefined) throw new UsageError('--out: is of --export, and of --figure without DIR');
    const verdict = await publish(folder, {
      ...{ stdout, stderr, environment, reference: referenceOf(values) },
      timing: values.timing ? 'print' : 'hide',
      show: values.json ? 'json' : 'tables',
    });
    return exitCodeOf(verdict, emptyOf(values));
  } catch (error) {
    stderr.write(complaint(error, environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

type Values = ReturnType<typeof parse>['values'];

const emptyOf = (values: Values) => (values['allow-empty'] ? 'allowed' : 'unmet');

function referenceOf({ reference }: Values) {
  return reference === undefined
    ? null
    : { id: parseChoice('--reference', reference, referenceIds), folder: referenceFolder };
}

async function exportOf(values: Values, folder: string, { stdout, stderr }: OutputSurroundings): Promise<number> {
  const other = (['json', 'reference', 'timing'] as const).find((name) => values[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--export: makes no report, and goes without --${other}`);
  const out = parsePath('--out', values.out ?? join(folder, 'export'), 'folder');
  const id = parseChoice('--export', values.export ?? '', exportIds);
  return await exportRun(folder, id, { stdout, stderr, out, empty: emptyOf(values) });
}

async function figuresOf(values: Values, run: string | null, { stdout, stderr }: OutputSurroundings): Promise<number> {
  const figures = parseFigures('--figure', (values.figure ?? []).join(','));
  for (const flag of ['timing', 'json', 'export', 'allow-empty'] as const)
    if (values[flag]) throw new UsageError(`--${flag}: is of a whole report, not of --figure`);
  if (run === null && values.reference === undefined)
    throw new UsageError(
      'DIR: it is missing, the folder of a run; without one --reference thesis draws what was published',
    );
  if (run !== null && values.out !== undefined)
    throw new UsageError('--out: is of --export, and of --figure without DIR');
  const out = run ?? parsePath('--out', values.out ?? 'results', 'folder');
  const reference = referenceOf(values) ?? { id: 'thesis' as const, folder: referenceFolder };
  // Help is to start without what draws.
  const { publishFigures } = await import('./publish-figures.js');
  return await publishFigures({ figures, run, out, reference, stdout, stderr });
}

function parse(args: string[]) {
  return readArguments({
    args,
    allowPositionals: true,
    options: {
      figure: { type: 'string', multiple: true },
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
