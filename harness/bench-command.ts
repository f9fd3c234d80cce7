import { randomInt } from 'node:crypto';
import { complaint } from '../common/cli/complaint.js';
import { BenchError, UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { readText } from '../common/process/host-files.js';
import { packageVersion } from '../common/process/version.js';
import { cannot, variantOf } from '../impls/abilities.js';
import { portOf } from '../impls/functions.js';
import type { PlannedCell, Scenario } from '../model/cell.js';
import { interrupted, measureTask, type Question } from './bench-run.js';
import { clean } from './clean.js';
import { type OpenTestbed, openTestbed } from './far/open-testbed.js';
import { LivePage } from './live/live-page.js';
import type { Occupant } from './machine-lock.js';
import { cellsOf, reduction, repeatsWithin } from './plan/asked.js';
import { renderDryRun } from './plan/dry-run.js';
import { planCells } from './plan/plan.js';
import { type Manner, parseOptions, type Request } from './question/options.js';
import { openEarlier, refuseChanged, toldLeft } from './resume.js';
import { prepareOut } from './store/out-folder.js';
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
    if (request.kind === 'help' || request.kind === 'version') {
      surroundings.stdout.write(request.text);
      return exitCodes.ok;
    }
    return await run(request, argv, surroundings);
  } catch (error) {
    surroundings.stderr.write(complaint(error, surroundings.environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

async function run(
  request: Extract<Request, { kind: 'run' | 'resume' }>,
  argv: readonly string[],
  surroundings: BenchSurroundings,
): Promise<number> {
  const question = request.kind === 'run' ? request : await openEarlier(request.folder);
  if (request.live === null) return await runWith(null, question, request, argv, surroundings);
  const page = await LivePage.listen(request.live);
  if (page.remark !== null) surroundings.stderr.write(`invoker-bench: ${page.remark}\n`);
  try {
    return await runWith(page, question, request, argv, surroundings);
  } finally {
    page.end();
  }
}

async function runWith(
  page: LivePage | null,
  question: Question,
  manner: Manner,
  argv: readonly string[],
  surroundings: BenchSurroundings,
): Promise<number> {
  const { stdout, stderr, interrupt, privileges } = surroundings;
  const { mode, busy } = manner;
  const { sides } = question.scenario;
  const occupant: Occupant = { busy, words: ['npm run bench --', ...argv], surroundings };
  // Without root there is nothing to occupy this host for.
  const looksOnly = mode === 'dry-run' || (sides === null && privileges !== 'root');
  // A new question over veth may be refused, or measure nothing, without disturbing anybody.
  const isLater = question.kind === 'run' && question.scenario.topology === 'veth';
  const first = looksOnly || isLater ? null : occupant;
  const testbed = await openTestbed(question.scenario, manner.tree, first).catch((error) => {
    // A terminal's Ctrl-C ends ssh and rsync, too.
    if (interrupt.aborted) return null;
    throw error;
  });
  if (testbed === null) return interrupted(surroundings);
  try {
    const { scenario, plan, remarks } = await planTask(question, testbed);
    const notes = mode === 'dry-run' ? stdout : stderr;
    for (const remark of remarks) notes.write(`invoker-bench: ${remark}\n`);
    if (mode === 'dry-run') {
      stdout.write(renderDryRun(scenario, plan, testbed.ends, describeTuning(plan)));
      return exitCodes.ok;
    }
    const task = { question, scenario, plan: sides ? plan : withPrivileges(plan, privileges) };
    if (question.kind === 'earlier' && differ(task.plan, plan))
      throw new BenchError('PRIVILEGES', `--resume: ${question.folder} is a run of root's`);
    if (question.kind === 'run') await prepareOut(question.out);
    // A run that measures nothing disturbs nobody.
    if (task.plan.every(({ state }) => state === 'skipped'))
      return await measureTask(page, manner, task, testbed, surroundings);
    const lock = await testbed.occupy(occupant);
    if (lock === null) return interrupted(surroundings);
    try {
      return await measureTask(page, manner, task, testbed, surroundings);
    } finally {
      lock.release();
    }
  } finally {
    await testbed.end();
  }
}

/** What is measured of a question, and a line for whatever is not. Rejects with UsageError for what cannot be asked. */
async function planTask(
  question: Question,
  testbed: OpenTestbed,
): Promise<{ scenario: Scenario; plan: PlannedCell[]; remarks: string[] }> {
  const { scenario } = question;
  const all = planCells(scenario, testbed.ends, { portOf, cannot, variantOf });
  if (question.kind === 'earlier') {
    refuseChanged(question, all, await testbed.facts());
    return { scenario, plan: question.prologue.plan, remarks: [await toldLeft(question)] };
  }
  const { cells, budgetNs } = question;
  const plan = cells === null ? all : cellsOf(all, cells);
  const repeats = budgetNs === null ? scenario.repeats : repeatsWithin(plan, scenario.repeats, budgetNs);
  const reduced = reduction(plan, repeats, scenario.repeats);
  return { scenario: { ...scenario, repeats }, plan, remarks: reduced === null ? [] : [reduced] };
}

const differ = (one: readonly PlannedCell[], other: readonly PlannedCell[]) =>
  one.some(({ state }, index) => state !== other[index]?.state);

function withPrivileges(plan: PlannedCell[], privileges: BenchSurroundings['privileges']): PlannedCell[] {
  if (privileges === 'root') return plan;
  const reason = 'needs root: network namespaces, AF_XDP sockets and XDP programs';
  return plan.map((planned) =>
    planned.state === 'skipped' ? planned : { state: 'skipped', cell: planned.cell, reason },
  );
}
