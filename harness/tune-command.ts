import { once } from 'node:events';
import { complaint } from '../common/cli/complaint.js';
import { BenchError, UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { readText } from '../common/process/host-files.js';
import { packageVersion } from '../common/process/version.js';
import { restoreFirst } from './clean.js';
import { parseTuneOptions, type TuneRequest } from './question/tune-options.js';
import type { BenchSurroundings } from './surroundings.js';
import { applyTuning } from './tuning/apply.js';
import { describeApplied, plannedCommands } from './tuning/describe.js';
import { thisHostsNetwork, usesOf } from './tuning/guard.js';
import { tuningHost } from './tuning/host.js';
import { restoreAbandoned } from './tuning/restore.js';

/** The tune command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: BenchSurroundings): Promise<number> {
  const { stdout, stderr, environment } = surroundings;
  try {
    const request = parseTuneOptions(argv, {
      readFile: readText,
      version: packageVersion(),
    });
    if (request.kind === 'help' || request.kind === 'version') stdout.write(request.text);
    else if (request.kind === 'clean') await clean(surroundings);
    else if (request.mode === 'dry-run') stdout.write(dryRun(request));
    else await hold(request, surroundings);
    return exitCodes.ok;
  } catch (error) {
    stderr.write(complaint(error, environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

type TuneTask = Extract<TuneRequest, { kind: 'tune' }>;

function dryRun({ tuning, ...site }: TuneTask): string {
  const uses = usesOf(site.interface, thisHostsNetwork);
  const warning = uses.length === 0 ? '' : `${site.interface} ${uses.join(' and ')}.\n`;
  return `${warning}${plannedCommands(tuning, site).join('\n')}\nNothing was touched.\n`;
}

async function clean({ stdout, privileges }: BenchSurroundings): Promise<void> {
  refuseUser(privileges);
  const restored = await restoreAbandoned();
  stdout.write(restored.length === 0 ? 'Nothing was left.\n' : restored.map((text) => `${text}.\n`).join(''));
}

async function hold(task: TuneTask, { stdout, stderr, interrupt, privileges }: BenchSurroundings): Promise<void> {
  const uses = usesOf(task.interface, thisHostsNetwork);
  if (uses.length > 0 && task.inUse === 'refuse')
    throw new UsageError(
      `--interface: ${task.interface} ${uses.join(' and ')}: to tune it nevertheless, name it again with --in-use ${task.interface}`,
    );
  refuseUser(privileges);
  await restoreFirst(stderr);
  const host = tuningHost({ interface: task.interface, enter: [], port: task.port });
  const tuned = await applyTuning(task.tuning, host);
  stdout.write(`${describeApplied(tuned.applied).join('\n')}\nTuned until Ctrl-C.\n`);
  if (!interrupt.aborted) await interrupted(interrupt);
  await tuned.undo();
  stdout.write('Everything is as it was.\n');
}

/** An event keeps no process alive. */
async function interrupted(interrupt: AbortSignal): Promise<void> {
  const alive = setInterval(() => {}, 1 << 30);
  await once(interrupt, 'abort').finally(() => clearInterval(alive));
}

function refuseUser(privileges: BenchSurroundings['privileges']): void {
  if (privileges !== 'root') throw new BenchError('PRIVILEGES', 'tuning needs root');
}
