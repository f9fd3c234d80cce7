import { execa } from 'execa';
import { BenchError } from '../../common/cli/errors.js';
import { exitCodes } from '../../common/cli/exit-codes.js';
import { childScripts } from '../../common/process/paths.js';
import { toolEnvironment } from '../../common/process/tools.js';
import { type Site, scriptOn } from '../../common/wire/topology.js';
import type { Cell } from '../../model/cell.js';
import { stepsIn } from '../../model/work.js';

/**
 * Steps of work behind each function of a cell, 0 for none: so many as take its `workNs` on its invoker CPUs. How long one takes
 * there is looked up in `stepNs`, and measured before that for CPUs it has not yet: all cells of a run have the same. Rejects
 * with BenchError WORK.
 */
export async function workStepsOf(
  { settings, placement }: Pick<Cell, 'settings' | 'placement'>,
  server: Site,
  stepNs: Map<number, number>,
  interrupt: AbortSignal,
): Promise<number> {
  const { workNs = 0 } = settings;
  if (workNs === 0) return 0;
  const unknown = [...new Set(placement.invokerCpus)].filter((cpu) => !stepNs.has(cpu));
  if (unknown.length > 0) {
    for (const [cpu, ns] of Object.entries(await measure(server, unknown, interrupt))) stepNs.set(Number(cpu), ns);
  }
  return stepsIn(
    workNs,
    placement.invokerCpus.map((cpu) => stepNs.get(cpu) as number),
  );
}

const tooOld = 'the invoker of this build knows no work: its commit is older than --work';

/** By CPU. */
async function measure(
  server: Site,
  cpus: readonly number[],
  cancelSignal: AbortSignal,
): Promise<Record<string, number>> {
  const words = [...server.enter, ...scriptOn(server, childScripts.invoker), '--step-times', ...cpus.map(String)];
  const [file = '', ...args] = words;
  const { stdout, stderr, exitCode } = await execa(file, args, { reject: false, env: toolEnvironment, cancelSignal });
  if (exitCode === 0) return JSON.parse(stdout);
  if (exitCode === exitCodes.usage) throw new BenchError('WORK', tooOld);
  const [why = `exit code ${exitCode}`] = stderr.split('\n').filter(Boolean);
  throw new BenchError('WORK', `how long a step of work takes on CPU ${cpus.join(', ')} cannot be measured: ${why}`);
}

/** The invoker of an old build does not know of work. Throws BenchError WORK. */
export function refuseIdle(workSteps: number, granted: Record<string, string>): void {
  if (workSteps === 0 || granted.workSteps === String(workSteps)) return;
  throw new BenchError('WORK', tooOld);
}
