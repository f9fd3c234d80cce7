import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { complaint } from '../common/cli/complaint.js';
import { UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { count, wrap } from '../common/cli/text.js';
import type { ReadText } from '../common/process/host-files.js';
import { type HistoryEvent, type HistoryJudgement, historyVersion } from '../model/night.js';
import { whyOdd } from './judge/history/admission.js';
import { alertsOf } from './judge/history/alerts.js';
import { judgeHistory } from './judge/history/judge.js';
import { nightOf } from './judge/history/night.js';
import { readIdentity } from './machine-identity.js';
import { type HistoryRequest, parseHistoryOptions } from './question/history-options.js';
import { alertTable, nightTable } from './report/nights.js';
import { renderTable } from './report/terminal.js';
import { addNight, appendEvents, type MachineHistory, machinesOf, readHistory } from './store/history.js';
import { aloneWith } from './store/history-lock.js';
import { readRun } from './store/store.js';
import type { OutputSurroundings } from './surroundings.js';

/** What the history command may touch of the outside world. */
export interface HistorySurroundings extends OutputSurroundings {
  readText: ReadText;
  now(): Date;
  /** Of this machine. */
  cpuModel: string;
}

type Asked<Kind> = Extract<HistoryRequest, { kind: Kind }>;

/** The history command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: HistorySurroundings): Promise<number> {
  const { stdout, stderr, environment } = surroundings;
  try {
    const request = parseHistoryOptions(argv);
    switch (request.kind) {
      case 'help':
        stdout.write(request.text);
        return exitCodes.ok;
      case 'list':
        return await list(request, surroundings);
      case 'add':
        return await alone(request, surroundings, () => add(request, surroundings));
      case 'withdraw':
        return await alone(request, surroundings, () => withdraw(request, surroundings));
      case 'acknowledge':
        return await alone(request, surroundings, () => acknowledge(request, surroundings));
      case 'judge':
        return await alone(request, surroundings, () => judge(request, surroundings));
    }
  } catch (error) {
    stderr.write(complaint(error, environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

/** What decides by what it read writes before anybody else does. */
function alone<Result>(
  { history, machine }: { history: string; machine: string | null },
  { readText }: HistorySurroundings,
  work: () => Promise<Result>,
): Promise<Result> {
  return aloneWith(history, machine ?? readIdentity(readText).machine, work);
}

async function list(request: Asked<'list'>, surroundings: HistorySurroundings): Promise<number> {
  const { machine, nights, events } = await readAsked(request, surroundings);
  const alerts = alertsOf(events);
  if (request.format === 'json') {
    const heads = nights.map(({ measured: _, turns: __, ...head }) => ({
      ...head,
      withdrawn: isWithdrawn(head.runId, events),
    }));
    surroundings.stdout.write(`${JSON.stringify({ machine, nights: heads, alerts }, null, 2)}\n`);
    return exitCodes.ok;
  }
  const withdrawn = (runId: string) =>
    events.find((event) => event.kind === 'withdrawn' && event.runId === runId)?.reason;
  const tables = [nightTable(machine, nights, withdrawn), alertTable(alerts)].filter(({ rows }) => rows.length > 0);
  const width = Math.max(80, surroundings.stdout.columns ?? 100);
  surroundings.stdout.write(`${tables.map((table) => renderTable(table, { width, colour: 'plain' })).join('\n\n')}\n`);
  return exitCodes.ok;
}

/** Takes a run into the history; nothing is written where anything about it is odd. */
async function add({ history, machine: named, run }: Asked<'add'>, surroundings: HistorySurroundings): Promise<number> {
  const { stdout, readText, now, cpuModel } = surroundings;
  const stored = await readRun(run);
  const { prologue } = stored;
  const identity = named === null ? readIdentity(readText) : null;
  const machine = named ?? identity?.machine ?? '';
  const { host, scenario, startedAt } = prologue;
  if (named === null && scenario.topology !== 'remote' && host.cpuModel !== cpuModel)
    throw new UsageError(
      `${run} was measured on ${host.cpuModel}, and this machine has ${cpuModel}: name its machine by --machine`,
    );
  // An older run may be of an earlier boot, whose id nobody wrote down.
  const bootId = identity !== null && Date.parse(startedAt) / 1000 >= identity.bootedAt ? identity.bootId : null;
  const report = existsSync(join(run, 'report.html')) ? relative(resolve(history, machine), await realpath(run)) : null;
  const night = nightOf(prologue, stored.runs, { machine, bootId, report, turns: [] });
  const { nights } = await readHistory(history, machine);
  const odd = whyOdd(night, nights, now());
  if (odd !== null) throw new UsageError(odd);
  const file = await addNight(history, night);
  const figures = night.measured.reduce((sum, cell) => sum + cell.figures.length, 0);
  const what = [count(night.cells, 'cell'), count(figures, 'figure'), night.state];
  stdout.write(`Added ${night.runId}, ${what.join(', ')}: ${file}\nIts verdict: npm run history -- judge\n`);
  return exitCodes.ok;
}

async function withdraw(request: Asked<'withdraw'>, surroundings: HistorySurroundings): Promise<number> {
  const { runId, reason, history } = request;
  const { machine, nights, events } = await readAsked(request, surroundings);
  if (!nights.some((night) => night.runId === runId)) throw new UsageError(`${runId}: no such night of ${machine}`);
  if (isWithdrawn(runId, events)) throw new UsageError(`${runId}: is withdrawn already`);
  await appendEvents(history, machine, [{ ...event(surroundings), kind: 'withdrawn', runId, reason }]);
  surroundings.stdout.write(`Withdrawn ${runId}: its file stays, and counts no more\n`);
  return exitCodes.ok;
}

async function acknowledge(request: Asked<'acknowledge'>, surroundings: HistorySurroundings): Promise<number> {
  const { alert, reason, history } = request;
  const { machine, events } = await readAsked(request, surroundings);
  const known = alertsOf(events).find((one) => one.alert === alert);
  if (known === undefined) throw new UsageError(`${alert}: ${machine} has no such alert (see npm run history -- list)`);
  if (known.state !== 'open') throw new UsageError(`${alert}: this alert is ${known.state} already (${known.reason})`);
  await appendEvents(history, machine, [{ ...event(surroundings), kind: 'acknowledged', alert, reason }]);
  surroundings.stdout.write(`Acknowledged alert ${alert}: it fails no night any more\n`);
  return exitCodes.ok;
}

async function judge(request: Asked<'judge'>, surroundings: HistorySurroundings): Promise<number> {
  const { stdout, stderr, now } = surroundings;
  const known = await readAsked(request, surroundings);
  if (known.nights.every(({ runId }) => isWithdrawn(runId, known.events)))
    throw new UsageError(`--history: every night of ${known.machine} is withdrawn`);
  const judgement = judgeHistory(known, now().toISOString());
  await appendEvents(request.history, known.machine, judgement.events);
  for (const warning of judgement.warnings) stderr.write(`invoker-bench: ${warning}\n`);
  if (request.format === 'json') {
    const { nights: _, ...said } = judgement;
    stdout.write(`${JSON.stringify(said, null, 2)}\n`);
  } else {
    const width = Math.max(80, stdout.columns ?? 100);
    stdout.write(`${judgement.verdict.text.flatMap((line) => wrap(line, width, '  ')).join('\n')}\n`);
  }
  return exitCodeOf(judgement);
}

/** What a gate exits with. */
export function exitCodeOf({ verdict: { outcome } }: HistoryJudgement): number {
  if (outcome === 'regression') return exitCodes.unmet;
  return outcome === 'unfit' ? exitCodes.failed : exitCodes.ok;
}

/** The history of the machine that is asked for; UsageError where it has none. */
async function readAsked(
  { history, machine: named }: { history: string; machine: string | null },
  { readText }: HistorySurroundings,
): Promise<MachineHistory> {
  const machines = await machinesOf(history);
  const machine = named ?? readIdentity(readText).machine;
  if (machines.includes(machine)) return readHistory(history, machine);
  const whose = named === null ? `this machine (${machine})` : machine;
  throw new UsageError(
    `--history: ${history} has no night of ${whose}, but of ${machines.join(', ')}: --machine chooses`,
  );
}

const isWithdrawn = (runId: string, events: readonly HistoryEvent[]) =>
  events.some((event) => event.kind === 'withdrawn' && event.runId === runId);

const event = ({ now }: HistorySurroundings) => ({ historyVersion, at: now().toISOString() });
