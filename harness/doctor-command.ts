import { complaint } from '../common/cli/complaint.js';
import { BenchError, UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { wrap } from '../common/cli/text.js';
import type { FarSides, Scenario } from '../model/cell.js';
import { clean } from './clean.js';
import { examine } from './doctor/checks.js';
import type { Finding } from './doctor/finding.js';
import { mend, mendsOf } from './doctor/mends.js';
import { renderFindings } from './doctor/render.js';
import { readView, type ViewSources } from './doctor/view.js';
import { type DoctorRequest, parseDoctorOptions } from './question/doctor-options.js';
import type { BenchSurroundings } from './surroundings.js';
import { describeApplied, plannedCommands } from './tuning/describe.js';
import type { TuningHost } from './tuning/host.js';
import { restoreAbandoned } from './tuning/restore.js';

/** What the doctor may touch of the outside world. */
export interface DoctorSurroundings extends BenchSurroundings {
  host: ViewSources;
  /** What sets the host, and the folder of the journals of what was set. */
  mending: { host: TuningHost; folder: string };
  /** Asks the user on the terminal; null where there is none. */
  ask: ((question: string) => Promise<string>) | null;
  /** Looks at two hosts and the wire between them. Rejects with BenchError, or the reason of the interrupt. */
  examineRemote(scenario: Scenario, sides: FarSides, interrupt: AbortSignal): Promise<Finding[]>;
}

/** The doctor command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: DoctorSurroundings): Promise<number> {
  const { stdout, stderr, environment } = surroundings;
  try {
    const request = parseDoctorOptions(argv);
    switch (request.kind) {
      case 'help':
        stdout.write(request.text);
        return exitCodes.ok;
      case 'clean':
        return await cleanAll(surroundings);
      case 'fix':
        return await fix(request.consent, surroundings);
      case 'examine':
        return await examineHere(request, surroundings);
      case 'remote':
        return show(
          await surroundings.examineRemote(request.scenario, request.sides, surroundings.interrupt),
          request.format,
          surroundings,
        );
    }
  } catch (error) {
    if (surroundings.interrupt.aborted) return exitCodes.interrupted;
    stderr.write(complaint(error, environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

/** Columns: what is narrower is no terminal to read on, and lines that are longer are hard to. */
const [narrowest, widest] = [80, 100];

type Question = Extract<DoctorRequest, { kind: 'examine' }>;

async function examineHere({ interfaces, format }: Question, surroundings: DoctorSurroundings): Promise<number> {
  const { stdout, host } = surroundings;
  refuseMissing(interfaces, host);
  const findings = examine(await readView(host, interfaces));
  const code = show(findings, format, surroundings);
  if (format === 'json') return code;
  if (interfaces.length === 0) stdout.write('No network interface was looked at: --interface NAME does.\n');
  const mendable = mendsOf(findings).map(({ id }) => id);
  if (mendable.length > 0)
    stdout.write(`${wrap(`--fix mends ${mendable.join(', ')}, and --clean undoes it.`, widest).join('\n')}\n`);
  return code;
}

/** As JSON or as text for people. Returns the exit code. */
function show(findings: readonly Finding[], format: Question['format'], surroundings: DoctorSurroundings): number {
  if (format === 'json') surroundings.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
  else print(findings, surroundings);
  return exitCodeOf(findings);
}

function print(findings: readonly Finding[], { stdout, environment }: DoctorSurroundings): void {
  const width = Math.min(widest, Math.max(narrowest, stdout.columns ?? widest));
  const colour = stdout.isTTY && !environment.NO_COLOR ? 'ansi' : 'plain';
  stdout.write(renderFindings(findings, { width, colour }));
}

/** Throws UsageError for an interface that this network namespace does not have. */
function refuseMissing(names: readonly string[], { readText }: ViewSources): void {
  if (names.length === 0) return;
  const present = [...readText('/proc/self/net/dev').matchAll(/^\s*(\S+?):/gm)].map(([, name]) => name);
  const missing = names.find((name) => !present.includes(name));
  if (missing !== undefined)
    throw new UsageError(`--interface: no interface ${missing} here, only ${present.join(', ')}`);
}

function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ level }) => level === 'cannot-run')) return exitCodes.failed;
  return findings.some(({ level }) => level === 'not-trusted') ? exitCodes.unmet : exitCodes.ok;
}

/** Sets what can be set back, once the user agrees, and looks again. */
async function fix(consent: 'ask' | 'yes', surroundings: DoctorSurroundings): Promise<number> {
  const { stdout, stderr, privileges, host, mending, ask, environment } = surroundings;
  if (consent === 'ask' && ask === null)
    throw new UsageError('--fix: asks before it sets anything, and there is no terminal to ask on; --yes goes without');
  if (privileges !== 'root') throw new BenchError('PRIVILEGES', '--fix needs root: it sets the host');
  const findings = examine(await readView(host, []));
  const mends = mendsOf(findings);
  if (mends.length === 0) {
    stdout.write('There is nothing that --fix mends.\n');
    return exitCodeOf(findings);
  }
  for (const { id, state, tuning } of mends) {
    stdout.write(`${id}: ${state}\n`);
    for (const command of plannedCommands(tuning, mending.host)) stdout.write(`  ${command}\n`);
  }
  stdout.write('All of it lasts until the next boot, or until npm run doctor -- --clean.\n');
  if (consent === 'ask' && !/^y(es)?$/i.test((await ask?.('Set all of it? (yes/no) '))?.trim() ?? '')) {
    stdout.write('Nothing was set.\n');
    return exitCodeOf(findings);
  }
  const { applied, refused } = await mend(mends, mending.host, mending.folder);
  for (const line of describeApplied(applied)) stdout.write(`${line}\n`);
  for (const error of refused) stderr.write(complaint(error, environment));
  const now = examine(await readView(host, []));
  stdout.write('\n');
  print(now, surroundings);
  return refused.length > 0 ? exitCodes.failed : exitCodeOf(now);
}

/** Undoes what was mended, and what killed runs left. */
async function cleanAll(surroundings: DoctorSurroundings): Promise<number> {
  const { host, folder } = surroundings.mending;
  return await clean(surroundings, async () => [
    // What was set last goes first: a run sets what the doctor has set before it.
    ...(await restoreAbandoned()),
    ...(await restoreAbandoned(folder, () => host)),
  ]);
}
