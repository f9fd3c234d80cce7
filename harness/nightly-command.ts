import { createHash, randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import { complaint } from '../common/cli/complaint.js';
import { BenchError, UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { readText } from '../common/process/host-files.js';
import { thisHost } from '../common/process/host-sources.js';
import { Lock } from '../common/process/lock.js';
import { packageRoot } from '../common/process/paths.js';
import { packageDigest } from '../common/process/version.js';
import type { Scenario } from '../model/cell.js';
import { Repository } from './builds/repository.js';
import { restoreFirst } from './clean.js';
import type { Finding } from './doctor/finding.js';
import { renderFindings } from './doctor/render.js';
import { whyOddBefore } from './judge/history/admission.js';
import { takeMachineLock } from './machine-lock.js';
import { readHostFacts } from './measure/host.js';
import { examineFor, type NightSurroundings } from './night/examination.js';
import { whyUnfit } from './night/fitness.js';
import { NightJournal } from './night/journal.js';
import { memoryIn } from './night/memory.js';
import { nightCodes, renderPage, renderUnjudged } from './night/page.js';
import { planNight } from './night/plan.js';
import { type Judged, Night, type NightEnd } from './night/steps.js';
import { type NightRequest, parseNightlyOptions } from './question/nightly-options.js';
import { readScenario } from './question/scenario.js';
import { place } from './report/place.js';
import { renderJobSummary } from './report/trend/job-summary.js';
import { prepareOut } from './store/out-folder.js';

/** The nightly command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: NightSurroundings): Promise<number> {
  const { stdout, stderr, environment, interrupt } = surroundings;
  try {
    const asked = parseNightlyOptions(argv, sources, inPackage);
    if (asked.kind === 'help') {
      stdout.write(asked.text);
      return exitCodes.ok;
    }
    const out = resolve(asked.out);
    if (asked.kind === 'resume') return await asOnlyNight(out, () => resume(out, surroundings));
    const request = resolved(asked.request);
    await refuseOdd(request, asked.question, null);
    const planned = await planNight(request, asked.question, surroundings);
    if (planned.code !== exitCodes.ok) return planned.code;
    if (asked.mode === 'dry-run') {
      stdout.write(planned.text);
      return exitCodes.ok;
    }
    refuseUser(asked.question, surroundings);
    await prepareOut(out);
    return await asOnlyNight(out, async () => {
      const journal = await NightJournal.begin(out, request, packageDigest());
      return await goThrough(journal, asked.question, surroundings);
    });
  } catch (error) {
    if (interrupt.aborted) return exitCodes.interrupted;
    stderr.write(complaint(error, environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

/** Why a history would not take the night is told before it is spent: damage, a clock that went back. Rejects with UsageError. */
async function refuseOdd({ history }: NightRequest, { sides }: Scenario, startedAt: string | null): Promise<void> {
  if (history === null) return;
  const { nights } = await memoryIn(history).read();
  const cpuModel = sides === null ? (await readHostFacts(thisHost)).cpuModel : null;
  const why = whyOddBefore({ now: new Date(), cpuModel, startedAt }, nights);
  if (why !== null) throw new UsageError(`--history: ${why}`);
}

/**
 * Nights of a folder come one after the other: two processes would go on with the same one, as where a timer begins a night when
 * the machine has booted and another goes on with the last. Rejects with BenchError BUSY.
 */
async function asOnlyNight(out: string, work: () => Promise<number>): Promise<number> {
  const name = `invoker-bench-nights-${createHash('sha256').update(out).digest('hex').slice(0, 16)}`;
  const self = { pid: process.pid, since: new Date().toISOString(), command: 'npm run nightly' };
  const lock = await Lock.take(name, self, `a night of ${out} is under way`);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

const sources = { readFile: readText, randomSeed: () => randomInt(2 ** 32) };
const inPackage = (path: string) => join(packageRoot(), path);

/** A night may be gone on with from another folder, and a name may be of another commit by then. Throws UsageError. */
function resolved(request: NightRequest): NightRequest {
  const { scenario, history, publish, against } = request;
  const commitOf = (revision: string) => new Repository(packageRoot()).resolve('--against', revision).commit;
  return {
    ...request,
    against: against.kind === 'commit' ? { ...against, revision: commitOf(against.revision) } : against,
    scenario: { of: 'user', path: scenario.of === 'package' ? inPackage(scenario.path) : resolve(scenario.path) },
    history: history && resolve(history),
    publish: publish && resolve(publish),
  };
}

function refuseUser({ sides }: Scenario, { privileges }: NightSurroundings): void {
  if (sides === null && privileges !== 'root')
    throw new BenchError('PRIVILEGES', 'a night needs root: network namespaces, AF_XDP sockets and XDP programs');
}

async function resume(out: string, surroundings: NightSurroundings): Promise<number> {
  const journal = await NightJournal.newest(out);
  if (journal === null || journal.state.finished !== null) {
    const why = journal === null ? 'there is none' : `${journal.state.head.nightId}, the newest, has ended`;
    surroundings.stdout.write(`No night of ${out} is to be gone on with: ${why}.\n`);
    return exitCodes.ok;
  }
  const { digest, request } = journal.state.head;
  if (digest !== packageDigest())
    throw new UsageError(
      `--resume: ${journal.folder} was begun with other code than this: its rest would not be of the same night`,
    );
  const { path } = request.scenario;
  const question = readScenario({ ...request.place, scenario: path }, sources);
  await refuseOdd(request, question, journal.state.head.startedAt);
  refuseUser(question, surroundings);
  surroundings.stderr.write(`invoker-bench: goes on with the night ${journal.folder}\n`);
  return await goThrough(journal, question, surroundings);
}

/** All that is left of a night, to its page. */
async function goThrough(journal: NightJournal, question: Scenario, surroundings: NightSurroundings): Promise<number> {
  const { request } = journal.state.head;
  const { stderr } = surroundings;
  const memory = request.history === null ? null : memoryIn(request.history);
  const night = new Night(journal, question, memory, surroundings);
  if (!night.isMeasured) {
    const findings = await examineMachine(question, surroundings);
    if (findings === null) return exitCodes.interrupted;
    const unfit = await unfitOf(findings, journal);
    if (unfit.length > 0) {
      stderr.write(renderFindings(unfit, { width: 100, colour: 'plain' }));
      if (journal.isBegun) {
        // It may be fit again in a minute: what was measured is not given up for that.
        stderr.write(`invoker-bench: unfit; npm run nightly -- --resume goes on with ${journal.folder}\n`);
        return exitCodes.unfit;
      }
      const said = unfit.map(({ id, state, remedy }) => `${id}: ${state}${remedy === null ? '' : ` (${remedy})`}`);
      return await conclude(journal, { outcome: 'unfit', said, faults: [], judged: null }, surroundings);
    }
  }
  const ending = await night.measure();
  if (ending === 'interrupted') {
    stderr.write(`invoker-bench: interrupted; npm run nightly -- --resume goes on with ${journal.folder}\n`);
    return exitCodes.interrupted;
  }
  return await conclude(journal, ending, surroundings);
}

/** A night that asks for what there is none of is over before it has begun. */
async function unfitOf(findings: readonly Finding[], journal: NightJournal): Promise<Finding[]> {
  try {
    return whyUnfit(findings, journal.state.head.request.accept);
  } catch (error) {
    if (!journal.isBegun) await journal.finish(exitCodes.usage);
    throw error;
  }
}

/** While nobody measures, and with nothing set that a killed run left; null if the user has interrupted it. */
async function examineMachine(question: Scenario, surroundings: NightSurroundings): Promise<Finding[] | null> {
  // Hosts that are reached by ssh are occupied by who looks at them.
  if (question.sides !== null) return await examineFor(question, surroundings);
  const lock = await takeMachineLock({ busy: 'wait', words: ['npm run nightly'], surroundings });
  if (lock === null) return null;
  try {
    await restoreFirst(surroundings.stderr);
    return await examineFor(question, surroundings);
  } finally {
    lock.release();
  }
}

/** Writes the site of the history, keeps the page of the night, and prints it. */
async function conclude(journal: NightJournal, ending: NightEnd, surroundings: NightSurroundings): Promise<number> {
  const { nightId, request } = journal.state.head;
  const { outcome } = ending;
  const published = await publishNight(request.publish, nightId, ending, surroundings);
  const page = renderPage({ ...ending, id: nightId, said: [...ending.said, ...published.said] });
  await place(join(journal.folder, 'verdict.md'), page);
  const code = nightCodes[outcome] === exitCodes.ok ? published.code : nightCodes[outcome];
  await journal.finish(code);
  surroundings.stdout.write(page);
  return code;
}

/** What cannot be published costs no verdict. */
async function publishNight(
  site: string | null,
  id: string,
  ending: NightEnd,
  surroundings: NightSurroundings,
): Promise<{ code: number; said: string[] }> {
  if (site === null) return { code: exitCodes.ok, said: [] };
  try {
    if (ending.judged !== null)
      return {
        code: exitCodes.ok,
        said: [`All nights: ${await writeNight(ending.judged, ending, site, surroundings)}`],
      };
    // Of a night without figures the site has nothing new, but its job has a summary.
    await place(join(site, 'summary.md'), renderUnjudged({ ...ending, id }));
    return { code: exitCodes.ok, said: [] };
  } catch (error) {
    return { code: exitCodes.failed, said: [`Nothing was published: ${(error as Error).message}`] };
  }
}

/** Resolves to the path of the site's page. */
async function writeNight(
  { judgement, report, machineFolder }: Judged,
  { outcome, said, faults }: NightEnd,
  site: string,
  { stderr, environment }: NightSurroundings,
): Promise<string> {
  // Help and plans need nothing that draws.
  const [{ main: makeReport }, { writeSite }] = await Promise.all([
    import('./report-command.js'),
    import('./report/trend/site.js'),
  ]);
  // What the run has no cell of is not drawn, and said.
  await makeReport([report, '--figure', 'all'], { stdout: stderr, stderr, environment });
  const parts = outcome === 'failed' ? 'failed' : 'done';
  const [index = site] = await writeSite(judgement, machineFolder, site);
  await place(join(site, 'summary.md'), renderJobSummary(judgement, { parts, said, faults }));
  return index;
}
