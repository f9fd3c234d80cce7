import { dirname, relative } from 'node:path';
import { complaint } from '../common/cli/complaint.js';
import { BenchError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { nowNs } from '../common/process/clock.js';
import { referenceFolder } from '../common/process/paths.js';
import { veth } from '../common/wire/veth.js';
import type { PlannedCell, Scenario } from '../model/cell.js';
import { schemaVersion } from '../model/record.js';
import { restoreFirst } from './clean.js';
import type { OpenTestbed } from './far/open-testbed.js';
import { openDisplay } from './live/display.js';
import type { LivePage } from './live/live-page.js';
import { measure } from './measure/bench.js';
import { calibrate } from './measure/calibrate.js';
import type { Observe } from './measure/events.js';
import { ceilingQuestions } from './plan/ceilings.js';
import { schedule, type Turn } from './plan/plan.js';
import { exitCodeOf, publish } from './publish.js';
import type { Manner, Request } from './question/options.js';
import { type EarlierRun, reopen } from './resume.js';
import { newRunId, RunStore } from './store/store.js';
import type { BenchSurroundings } from './surroundings.js';

/** What is asked: a new question, or the rest of a run that ended early. */
export type Question = Extract<Request, { kind: 'run' }> | EarlierRun;

/** What is measured of it. */
export interface Task {
  question: Question;
  scenario: Scenario;
  plan: PlannedCell[];
}

/** Measures what is planned, on hosts that are occupied for it, and makes reports of it. Resolves to the exit code. */
export async function measureTask(
  page: LivePage | null,
  manner: Manner,
  task: Task,
  testbed: OpenTestbed,
  surroundings: BenchSurroundings,
): Promise<number> {
  const { scenario, plan } = task;
  const { stdout, stderr, interrupt, environment } = surroundings;
  if (scenario.sides === null && surroundings.privileges === 'root') {
    // What cannot be restored may change every figure of this run.
    await restoreFirst(stderr);
    // Namespaces that it left are in nobody's way: each cell has its own.
    await veth.clean().catch((error) => stderr.write(complaint(error, environment)));
  }
  if (plan.some(({ state }) => state === 'runnable')) await testbed.begin();
  const how = { output: stderr, kind: manner.output, environment, onlooker: page };
  const display = openDisplay(how, scenario, plan, nowNs);
  const { observe } = display;
  const begun = await begin(task, testbed, observe, interrupt).catch((error: unknown) => {
    display.end('failed');
    throw error;
  });
  if (begun === null) {
    display.end('interrupted');
    return interrupted(surroundings);
  }
  const { store, turns, runId } = begun;
  const where = relative(process.cwd(), store.folder) || store.folder;
  if (store.unlinked !== null)
    observe({
      type: 'warning',
      text: `invoker-bench: no link ${dirname(store.folder)}/latest can be made (${store.unlinked}); this run is in ${where}`,
    });
  const ending = await measure({ turns, runId, testbed }, store, observe, interrupt).catch((error: Error) => error);
  display.end(ending instanceof Error ? 'failed' : ending);
  // What was measured is worth its report, whatever ended the measuring.
  if (ending instanceof Error) {
    stderr.write(complaint(ending, environment));
    stderr.write(`invoker-bench: what was measured until then is in ${where}\n`);
  }

  const verdict = await publish(store.folder, {
    ...{ stdout, stderr, environment },
    reference: manner.reference === 'none' ? null : { id: manner.reference, folder: referenceFolder },
    timing: manner.timing,
    show: manner.format === 'json' ? 'json' : manner.output === 'quiet' ? 'nothing' : 'tables',
  }).catch((error: Error) => {
    throw new BenchError('REPORT', `no report can be made of the records in ${where}: ${error.message}`, {
      cause: error,
    });
  });
  if (ending instanceof Error) return exitCodes.failed;
  if (ending === 'interrupted') {
    stderr.write(`invoker-bench: interrupted; what was measured is in ${where}\n`);
    return exitCodes.interrupted;
  }
  return exitCodeOf(verdict, manner.empty);
}

/** Where records go, and which of them are still to be made. */
interface Begun {
  store: RunStore;
  turns: Turn[];
  runId: string;
}

/** Resolves to null if the user has interrupted what comes before the first cell. */
async function begin(
  { question, scenario, plan }: Task,
  testbed: OpenTestbed,
  observe: Observe,
  interrupt: AbortSignal,
): Promise<Begun | null> {
  if (question.kind === 'earlier') {
    const { store, turns, runs, given } = await reopen(question);
    observe({ type: 'resumed', runs });
    for (const { cell, error } of given.slice(0, 1))
      observe({ type: 'warning', text: `invoker-bench: ${cell.id}: ${error.message}` });
    return { store, turns, runId: question.prologue.runId };
  }
  const runId = newRunId(new Date());
  const startedAt = new Date().toISOString();
  const { host, clientHosts } = await testbed.facts();
  const ceilings = await calibrate(ceilingQuestions(plan), testbed.topology, interrupt, observe);
  if (interrupt.aborted) return null;
  const prologue = { schemaVersion, runId, startedAt, scenario, plan, host, clientHosts, ceilings };
  const store = await RunStore.create(question.out, prologue);
  return { store, turns: schedule(plan, scenario.repeats, scenario.seed), runId };
}

/** Nothing was measured. */
export function interrupted({ stderr }: Pick<BenchSurroundings, 'stderr'>): number {
  stderr.write('invoker-bench: interrupted before anything was measured\n');
  return exitCodes.interrupted;
}
