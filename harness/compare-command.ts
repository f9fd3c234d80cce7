import { relative } from 'node:path';
import { complaint } from '../common/cli/complaint.js';
import { BenchError, UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { wrap } from '../common/cli/text.js';
import { readText } from '../common/process/host-files.js';
import { thisHost } from '../common/process/host-sources.js';
import { veth } from '../common/wire/veth.js';
import { cannot, variantOf } from '../impls/abilities.js';
import { portOf } from '../impls/functions.js';
import type { PairSummary, TurnRecord } from '../model/pair.js';
import { schemaVersion } from '../model/record.js';
import type { Summary } from '../model/summary.js';
import { restoreFirst } from './clean.js';
import { canTell, compareRuns, regressions } from './judge/compare-runs.js';
import { isSoundPair, metricOf, summarisePair, toldTurn } from './judge/compare-turns.js';
import { summarise } from './judge/summary.js';
import { takeMachineLock } from './machine-lock.js';
import { readHostFacts } from './measure/host.js';
import { measureTurns } from './measure/turns.js';
import { readHostCpus } from './plan/host-cpus.js';
import { type Attempt, anyCpus, expectedPairNs, planPair } from './plan/pair.js';
import { type CompareRequest, type OutputFormat, parseCompareOptions } from './question/compare-options.js';
import { comparisonIntro, comparisonTables, formatThree, metricName, metricUnit } from './report/compare-runs.js';
import { renderComparisonPage } from './report/page/comparison-page.js';
import { readAssets } from './report/page/frame.js';
import { pairIntro, pairTables, renderDocument, writePairReport } from './report/pair.js';
import { place } from './report/place.js';
import type { Table } from './report/table.js';
import { renderTable } from './report/terminal.js';
import { formatIn } from './report/units.js';
import { prepareOut } from './store/out-folder.js';
import { newRunId, readRun } from './store/store.js';
import { readTurns, TurnStore } from './store/turn-store.js';
import type { BenchSurroundings } from './surroundings.js';

type Asked<Kind> = Extract<CompareRequest, { kind: Kind }>;

/** The compare command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: BenchSurroundings): Promise<number> {
  try {
    const request = parseCompareOptions(argv);
    switch (request.kind) {
      case 'help':
        surroundings.stdout.write(request.text);
        return exitCodes.ok;
      case 'runs':
        return await compareStoredRuns(request, surroundings);
      case 'turns':
        return await reportTurns(request.folder, request.format, surroundings);
      case 'pair':
        return await takeTurns(request, argv, surroundings);
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

async function takeTurns(
  request: Asked<'pair'>,
  argv: readonly string[],
  surroundings: BenchSurroundings,
): Promise<number> {
  const { question, out, busy } = request;
  const cpus = readHostCpus(readText, anyCpus);
  const attempts = planPair(question, cpus, { portOf, cannot, variantOf });
  if (surroundings.privileges !== 'root')
    throw new BenchError('ROOT', 'turns need root: network namespaces, AF_XDP sockets and XDP programs');
  await prepareOut(out);
  const lock = await takeMachineLock({ busy, words: ['npm run compare --', ...argv], surroundings });
  if (lock === null) {
    surroundings.stderr.write('invoker-bench: interrupted before anything was measured\n');
    return exitCodes.interrupted;
  }
  try {
    return await measurePair(request, attempts, surroundings);
  } finally {
    lock.release();
  }
}

/** Takes the turns, and makes their report. */
async function measurePair(
  { question, out, format }: Asked<'pair'>,
  attempts: readonly Attempt[],
  surroundings: BenchSurroundings,
): Promise<number> {
  const { stderr, interrupt } = surroundings;
  // Settings that cannot be restored may change every figure of this comparison.
  await restoreFirst(stderr);
  // Namespaces that a killed run left are in nobody's way: each attempt has its own.
  await veth.clean().catch((error: Error) => stderr.write(`invoker-bench: ${error.message}\n`));
  const now = new Date();
  const [runId, startedAt, host] = [newRunId(now), now.toISOString(), await readHostFacts(thisHost)];
  const store = await TurnStore.create(out, { schemaVersion, runId, startedAt, question, host });
  stderr.write(`${attempts.length} attempts, about ${Math.ceil(expectedPairNs(attempts) / 1e9)} s.\n`);
  let done = 0;
  const ended = async (record: TurnRecord) => {
    await store.append(record);
    done++;
    stderr.write(`[${done}/${attempts.length}] ${progressLine(record, question)}\n`);
  };
  const ending = await measureTurns({ runId }, attempts, { ended }, interrupt).catch((error: Error) => error);
  return await concludePair(ending, store.folder, format, surroundings);
}

/**
 * The report of the turns that were measured, whatever ended the measuring, and the exit code. Rejects with BenchError
 * REPORT, which says where the records are, if none can be made.
 */
export async function concludePair(
  ending: Error | 'finished' | 'interrupted',
  folder: string,
  format: OutputFormat,
  surroundings: Omit<BenchSurroundings, 'interrupt' | 'privileges'>,
): Promise<number> {
  const { stderr, environment } = surroundings;
  if (ending instanceof Error) {
    stderr.write(complaint(ending, environment));
    stderr.write(`invoker-bench: what was measured until then is in ${shown(folder)}\n`);
  }
  const code = await reportTurns(folder, format, surroundings).catch((error: Error) => {
    throw new BenchError('REPORT', `no report can be made of the records in ${shown(folder)}: ${error.message}`, {
      cause: error,
    });
  });
  if (ending instanceof Error) return exitCodes.failed;
  if (ending === 'finished') return code;
  stderr.write(`invoker-bench: interrupted; the turns that were taken are in ${shown(folder)}\n`);
  return exitCodes.interrupted;
}

/** `turn 3, 200 bytes, afxdp: 712 thousand packets/s`. */
function progressLine(record: TurnRecord, { candidates, load }: PairSummary['question']): string {
  const { turn, packetBytes, control, side, run } = record;
  const metric = metricOf(load);
  const outcome = toldTurn(run, metric);
  const unit = metricUnit(metric);
  const told = outcome.state === 'figure' ? `${formatIn(unit, outcome.figure)} ${unit.label}` : outcome.reason;
  const where = control === null ? `${packetBytes} bytes` : `control ${control + 1}`;
  return `turn ${turn + 1}, ${where}, ${candidates[control === null ? side : 0].name}: ${told}`;
}

/** Makes the report of turns from their records alone, and prints it. */
async function reportTurns(
  folder: string,
  format: OutputFormat,
  surroundings: Pick<BenchSurroundings, 'stdout' | 'environment'>,
): Promise<number> {
  const { prologue, records } = await readTurns(folder);
  const summary = summarisePair(prologue, records);
  await writePairReport(folder, summary);
  printer(format, surroundings)('Comparison by turns', summary, pairIntro(summary), pairTables(summary));
  if (format === 'tables') surroundings.stdout.write(`\nRecords and report: ${shown(folder)}\n`);
  return isSoundPair(summary) ? exitCodes.ok : exitCodes.failed;
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
