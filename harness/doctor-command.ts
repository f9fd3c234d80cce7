import { complaint } from '../common/cli/complaint.js';
import { UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { clean } from './clean.js';
import { examine } from './doctor/checks.js';
import type { Finding } from './doctor/finding.js';
import { renderFindings } from './doctor/render.js';
import { readView, type ViewSources } from './doctor/view.js';
import { parseDoctorOptions } from './question/doctor-options.js';
import type { BenchSurroundings } from './surroundings.js';

/** What the doctor may touch of the outside world. */
export type DoctorSurroundings = Omit<BenchSurroundings, 'interrupt'> & { host: ViewSources };

/** The doctor command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: DoctorSurroundings): Promise<number> {
  const { stdout, stderr, environment, host } = surroundings;
  try {
    const request = parseDoctorOptions(argv);
    if (request.kind === 'help') {
      stdout.write(request.text);
      return exitCodes.ok;
    }
    if (request.kind === 'clean') return await clean(surroundings);
    refuseMissing(request.interfaces, host);
    const findings = examine(await readView(host, request.interfaces));
    if (request.format === 'json') stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
    else {
      const width = Math.min(widest, stdout.columns ?? widest);
      stdout.write(
        renderFindings(findings, { width, colour: stdout.isTTY && !environment.NO_COLOR ? 'ansi' : 'plain' }),
      );
      if (request.interfaces.length === 0) stdout.write('No network interface was looked at: --interface NAME does.\n');
    }
    return exitCodeOf(findings);
  } catch (error) {
    stderr.write(complaint(error, environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

const widest = 100;

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
