import { relative } from 'node:path';
import { complaint } from '../common/cli/complaint.js';
import { BenchError, UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { wrap } from '../common/cli/text.js';
import { packageRoot } from '../common/process/paths.js';
import type { PairSummary } from '../model/pair.js';
import type { Summary } from '../model/summary.js';
import { Repository } from './builds/repository.js';
import { canTell, compareRuns, regressions } from './judge/compare-runs.js';
import { isSoundPair, summarisePair } from './judge/compare-turns.js';
import { judgeChange } from './judge/gate.js';
import { summarise } from './judge/summary.js';
import { takeMachineLock } from './machine-lock.js';
import { type CompareRequest, type OutputFormat, parseCompareOptions } from './question/compare-options.js';
import { comparisonIntro, comparisonTables, formatThree, metricName } from './report/compare-runs.js';
import { renderComparisonPage } from './report/page/comparison-page.js';
import { readAssets } from './report/page/frame.js';
import { pairIntro, pairTables, renderDocument, verdictLine, writePairReport } from './report/pair.js';
import { place } from './report/place.js';
import type { Table } from './report/table.js';
import { renderTable } from './report/terminal.js';
import { prepareOut } from './store/out-folder.js';
import { readRun } from './store/store.js';
import { readTurns } from './store/turn-store.js';
import type { BenchSurroundings, OutputSurroundings } from './surroundings.js';
import { buildsOf, ownBuilds, planAttempts, provideAll, takeTurns } from './turn-taking.js';

type Asked<Kind> = Extract<CompareRequest, { kind: Kind }>;

/** The compare command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: BenchSurroundings): Promise<number> {
  try {
    const repository = new Repository(packageRoot());
    const request = parseCompareOptions(argv, (option, revision) => repository.resolve(option, revision));
    switch (request.kind) {
      case 'help':
        surroundings.stdout.write(request.text);
        return exitCodes.ok;
      case 'runs':
        return await compareStoredRuns(request, surroundings);
      case 'turns':
        return await reportTurns(request.folder, { format: request.format, mostWorse: null }, surroundings);
      case 'pair':
        return await comparePair(request, argv, surroundings);
    }
  } catch (error) {
    surroundings.stderr.write(complaint(error, surroundings.environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

async function compareStoredRuns(request: Asked<'runs'>, surroundings: BenchSurroundings): Promise<number> {
  const { stderr } = surroundings;
  const comparison = compareRuns(await readSummary(request.old), await readSummary(request.new));
  const print = printer(request.format, surroundings);
  print('Comparison of two runs', comparison, comparisonIntro(comparison), comparisonTables(comparison));
  if (request.html !== null) await place(request.html, renderComparisonPage(comparison, readAssets()));
  if (comparison.metrics.length === 0) {
    stderr.write('invoker-bench: the two runs have no figure in common\n');
    return exitCodes.failed;
  }
  if (request.mostWorse === null) return exitCodes.ok;
  const worse = regressions(comparison, request.mostWorse);
  for (const { metric, cell } of worse)
    stderr.write(`--fail-on: ${cell.id}: ${metricName(metric)}: ${formatThree(cell.ratio.median)} of the old run\n`);
  if (worse.length > 0) return exitCodes.unmet;
  const lost = comparison.notCompared.filter(({ state }) => state === 'lost');
  for (const { id, reason } of lost) stderr.write(`--fail-on: ${id}: ${reason}\n`);
  const blind = comparison.metrics.filter((metric) => !canTell(metric));
  for (const { metric, repeatsNeeded } of blind)
    stderr.write(`--fail-on: ${metricName(metric)}: too few repeats to tell, bench with --repeats ${repeatsNeeded}\n`);
  return lost.length + blind.length > 0 ? exitCodes.failed : exitCodes.ok;
}

async function readSummary(folder: string): Promise<Summary> {
  const { prologue, runs } = await readRun(folder);
  return summarise(prologue, runs);
}

async function comparePair(
  request: Asked<'pair'>,
  argv: readonly string[],
  surroundings: BenchSurroundings,
): Promise<number> {
  const { question, out, busy } = request;
  const { stderr, interrupt } = surroundings;
  const attempts = planAttempts(question);
  if (surroundings.privileges !== 'root')
    throw new BenchError('ROOT', 'turns need root: network namespaces, AF_XDP sockets and XDP programs');
  await prepareOut(out);
  const lock = await takeMachineLock({ busy, words: ['npm run compare --', ...argv], surroundings });
  try {
    const providing = lock && provideAll(ownBuilds(surroundings), buildsOf(question), interrupt);
    const trees = await providing?.catch((error) => {
      if (!interrupt.aborted) throw error;
    });
    if (trees) {
      const { ending, folder } = await takeTurns({ question, attempts, trees, out }, surroundings);
      return await concludePair(ending, folder, request, surroundings);
    }
    stderr.write('invoker-bench: interrupted before anything was measured\n');
    return exitCodes.interrupted;
  } finally {
    lock?.release();
  }
}

/** How turns are printed, and the share that the second may be worse by than the first; null: however much. */
type Conclusion = Pick<Asked<'pair'>, 'format' | 'mostWorse'>;

/**
 * The report of the turns that were measured, whatever ended the measuring, and the exit code. Rejects with BenchError
 * REPORT, which says where the records are, if none can be made.
 */
export async function concludePair(
  ending: Error | 'finished' | 'interrupted',
  folder: string,
  conclusion: Conclusion,
  surroundings: OutputSurroundings,
): Promise<number> {
  const { stderr, environment } = surroundings;
  if (ending instanceof Error) {
    stderr.write(complaint(ending, environment));
    stderr.write(`invoker-bench: what was measured until then is in ${shown(folder)}\n`);
  }
  const code = await reportTurns(folder, conclusion, surroundings).catch((error: Error) => {
    throw new BenchError('REPORT', `no report can be made of the records in ${shown(folder)}: ${error.message}`, {
      cause: error,
    });
  });
  if (ending instanceof Error) return exitCodes.failed;
  if (ending === 'finished') return code;
  stderr.write(`invoker-bench: interrupted; the turns that were taken are in ${shown(folder)}\n`);
  return exitCodes.interrupted;
}

/** Makes the report of turns from their records alone, and prints it. */
async function reportTurns(
  folder: string,
  { format, mostWorse }: Conclusion,
  surroundings: OutputSurroundings,
): Promise<number> {
  const { prologue, records } = await readTurns(folder);
  const summary = summarisePair(prologue, records);
  await writePairReport(folder, summary);
  printer(format, surroundings)('Comparison by turns', summary, pairIntro(summary), pairTables(summary));
  if (format === 'tables') surroundings.stdout.write(`\nRecords and report: ${shown(folder)}\n`);
  const judged = mostWorse === null ? exitCodes.ok : judgePair(summary, mostWorse, surroundings);
  return judged === exitCodes.ok && !isSoundPair(summary) ? exitCodes.failed : judged;
}

/** Says what keeps the second candidate from being as good as the first; returns the exit code. */
function judgePair(summary: PairSummary, mostWorse: number, { stderr }: Pick<OutputSurroundings, 'stderr'>): number {
  const verdicts = summary.comparisons.map((comparison) => {
    const judged = judgeChange(comparison, summary.metric, mostWorse);
    const told = verdictLine(summary, comparison, judged);
    if (told !== null) stderr.write(`--fail-on: ${told}\n`);
    return judged.verdict;
  });
  if (verdicts.includes('regression')) return exitCodes.unmet;
  return verdicts.includes('unstable') || verdicts.includes('untold') ? exitCodes.failed : exitCodes.ok;
}

function shown(folder: string): string {
  return relative(process.cwd(), folder) || folder;
}

const narrowestTable = 80;

type Print = (title: string, content: object, sentences: readonly string[], tables: readonly Table[]) => void;

function printer(
  format: OutputFormat,
  { stdout, environment }: Pick<BenchSurroundings, 'stdout' | 'environment'>,
): Print {
  return (title, content, sentences, tables) => {
    if (format === 'json') stdout.write(`${JSON.stringify(content, null, 2)}\n`);
    else if (format === 'markdown') stdout.write(renderDocument(title, sentences, tables));
    else {
      const width = Math.max(narrowestTable, stdout.columns ?? 100);
      const colour = stdout.isTTY && !environment.NO_COLOR ? 'ansi' : 'plain';
      const blocks = tables.map((table) => renderTable(table, { width, colour }));
      const intro = sentences.flatMap((sentence) => wrap(sentence, width, '  ')).join('\n');
      stdout.write(`${[intro, ...blocks].join('\n\n')}\n`);
    }
  };
}
