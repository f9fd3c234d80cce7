import { randomInt } from 'node:crypto';
import { relative } from 'node:path';
import { complaint } from '../common/cli/complaint.js';
import { BenchError, UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { nowNs } from '../common/process/clock.js';
import { readText } from '../common/process/host-files.js';
import { referenceFolder } from '../common/process/paths.js';
import { packageVersion } from '../common/process/version.js';
import { veth } from '../common/wire/veth.js';
import { cannot, variantOf } from '../impls/abilities.js';
import { portOf } from '../impls/functions.js';
import type { PlannedCell } from '../model/cell.js';
import { schemaVersion } from '../model/record.js';
import { clean, restoreFirst } from './clean.js';
import { type OpenTestbed, openTestbed } from './far/open-testbed.js';
import { openDisplay } from './live/display.js';
import { LivePage } from './live/live-page.js';
import type { Occupant } from './machine-lock.js';
import { measure } from './measure/bench.js';
import { calibrate } from './measure/calibrate.js';
import { ceilingQuestions } from './plan/ceilings.js';
import { renderDryRun } from './plan/dry-run.js';
import { planCells } from './plan/plan.js';
import { exitCodeOf, publish } from './publish.js';
import { parseOptions, type Request } from './question/options.js';
import { prepareOut } from './store/out-folder.js';
import { newRunId, RunStore } from './store/store.js';
import type { BenchSurroundings } from './surroundings.js';
import { describeTuning } from './tuning/describe.js';

/** The bench command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: BenchSurroundings): Promise<number> {
  try {
    const request = parseOptions(argv, {
      readFile: readText,
      randomSeed: () => randomInt(2 ** 32),
      version: packageVersion(),
    });
    if (request.kind === 'clean') return await clean(surroundings);
    if (request.kind !== 'run') {
      surroundings.stdout.write(request.text);
      return exitCodes.ok;
    }
    return await run(request, argv, surroundings);
  } catch (error) {
    surroundings.stderr.write(complaint(error, surroundings.environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

type RunRequest = Extract<Request, { kind: 'run' }>;

async function run(request: RunRequest, argv: readonly string[], surroundings: BenchSurroundings): Promise<number> {
  if (request.live === null) return await runWith(null, request, argv, surroundings);
  const page = await LivePage.listen(request.live);
  if (page.remark !== null) surroundings.stderr.write(`invoker-bench: ${page.remark}\n`);
  try {
    return await runWith(page, request, argv, surroundings);
  } finally {
    page.end();
  }
}

async function runWith(
  page: LivePage | null,
  request: RunRequest,
  argv: readonly string[],
  surroundings: BenchSurroundings,
): Promise<number> {
  const { scenario, mode, busy } = request;
  const occupant: Occupant = { busy, words: ['npm run bench --', ...argv], surroundings };
  // Without root there is nothing to occupy this host for.
  const looksOnly = mode === 'dry-run' || (scenario.sides === null && surroundings.privileges !== 'root');
  const testbed = await openTestbed(scenario, request.tree, looksOnly ? null : occupant).catch((error) => {
    // A terminal's Ctrl-C ends ssh and rsync, too.
    if (surroundings.interrupt.aborted) return null;
    throw error;
  });
  if (testbed === null) return interrupted(surroundings);
  try {
    const planned = planCells(scenario, testbed.ends, { portOf, cannot, variantOf });
    if (mode === 'dry-run') {
      surroundings.stdout.write(renderDryRun(scenario, planned, testbed.ends, describeTuning(planned)));
      return exitCodes.ok;
    }
    const plan = scenario.sides ? planned : withPrivileges(planned, surroundings.privileges);
    await prepareOut(request.out);
    // A run that measures nothing disturbs nobody.
    if (plan.every(({ state }) => state === 'skipped')) return await bench(page, request, plan, testbed, surroundings);
    const lock = await testbed.occupy(occupant);
    if (lock === null) return interrupted(surroundings);
    try {
      return await bench(page, request, plan, testbed, surroundings);
    } finally {
      lock.release();
    }
  } finally {
    await testbed.end();
  }
}

function interrupted({ stderr }: BenchSurroundings): number {
  stderr.write(nothingMeasured);
  return exitCodes.interrupted;
}

const nothingMeasured = 'invoker-bench: interrupted before anything was measured\n';

/** Measures what is planned, and makes reports of it. */
async function bench(
  page: LivePage | null,
  request: RunRequest,
  plan: PlannedCell[],
  testbed: OpenTestbed,
  surroundings: BenchSurroundings,
): Promise<number> {
  const { scenario } = request;
  const { stdout, stderr, interrupt, environment } = surroundings;
  const { topology } = testbed;
  if (scenario.sides === null && surroundings.privileges === 'root') {
    // What cannot be restored may change every figure of this run.
    await restoreFirst(stderr);
    // Namespaces that it left are in nobody's way: each cell has its own.
    await veth.clean().catch((error) => stderr.write(complaint(error, environment)));
  }
  if (plan.some(({ state }) => state === 'runnable')) await testbed.begin();
  const runId = newRunId(new Date());
  const startedAt = new Date().toISOString();
  const { host, clientHosts } = await testbed.facts();
  const how = { output: stderr, kind: request.output, environment, onlooker: page };
  const display = openDisplay(how, scenario, plan, nowNs);
  const { observe } = display;
  const failed = (error: unknown): never => {
    display.end('failed');
    throw error;
  };
  const ceilings = await calibrate(ceilingQuestions(plan), topology, interrupt, observe).catch(failed);
  if (interrupt.aborted) {
    display.end('interrupted');
    return interrupted(surroundings);
  }
  const prologue = { schemaVersion, runId, startedAt, scenario, plan, host, clientHosts, ceilings };
  const store = await RunStore.create(request.out, prologue).catch(failed);
  const where = relative(process.cwd(), store.folder) || store.folder;
  if (store.unlinked !== null)
    observe({
      type: 'warning',
      text: `invoker-bench: no link ${request.out}/latest can be made (${store.unlinked}); this run is in ${where}`,
    });
  const ending = await measure({ scenario, plan, runId, testbed }, store, observe, interrupt).catch(
    (error: Error) => error,
  );
  display.end(ending instanceof Error ? 'failed' : ending);
  // What was measured is worth its report, whatever ended the measuring.
  if (ending instanceof Error) {
    stderr.write(complaint(ending, environment));
    stderr.write(`invoker-bench: what was measured until then is in ${where}\n`);
  }

  const verdict = await publish(store.folder, {
    ...{ stdout, stderr, environment },
    reference: request.reference === 'none' ? null : { id: request.reference, folder: referenceFolder },
    timing: request.timing,
    show: request.format === 'json' ? 'json' : request.output === 'quiet' ? 'nothing' : 'tables',
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
  return exitCodeOf(verdict, request.empty);
}

function withPrivileges(plan: PlannedCell[], privileges: BenchSurroundings['privileges']): PlannedCell[] {
  if (privileges === 'root') return plan;
  const reason = 'needs root: network namespaces, AF_XDP sockets and XDP programs';
  return plan.map((planned) =>
    planned.state === 'skipped' ? planned : { state: 'skipped', cell: planned.cell, reason },
  );
}
