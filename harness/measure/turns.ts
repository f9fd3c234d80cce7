import { BenchError } from '../../common/cli/errors.js';
import type { Build, PairPrologue, TurnRecord } from '../../model/pair.js';
import { schemaVersion } from '../../model/record.js';
import type { Attempt } from '../plan/pair.js';
import { CleanState } from '../state/clean-state.js';
import { allowedCpus, keepTo } from './affinity.js';
import { runProgram } from './program.js';
import { runCell } from './run.js';
import { servedFrom, type Testbed, vethTestbed } from './testbed.js';

/** Told as the turns go by. */
export interface TurnEvents {
  ended(record: TurnRecord): Promise<void>;
}

/** The folder of each built tree that takes part, by its commit. */
export type BuiltTrees = ReadonlyMap<string, string>;

/**
 * Makes every attempt of a comparison in its order, on a wire and with processes of its own. Resolves to `interrupted`
 * when the signal fired: what was told of stands, the attempt under way is lost. Rejects when the host is not the same after
 * an attempt.
 */
export async function measureTurns(
  { runId }: Pick<PairPrologue, 'runId'>,
  attempts: readonly Attempt[],
  trees: BuiltTrees,
  events: TurnEvents,
  interrupt: AbortSignal,
): Promise<'finished' | 'interrupted'> {
  const before = allowedCpus();
  const watch = vethTestbed.watch();
  const state = new CleanState(() => watch.read());
  try {
    for (const [index, { seat, ...which }] of attempts.entries()) {
      const startedAt = new Date().toISOString();
      await state.look();
      const run =
        seat.kind === 'program'
          ? await runProgram(seat.cell, interrupt)
          : await runCell({ runId, cell: seat.cell, repeat: which.turn }, testbedOf(seat.build, trees), interrupt);
      await events.ended({ schemaVersion, runId, startedAt, ...which, run });
      await state.check(`attempt ${index + 1} of ${attempts.length}`);
    }
    return 'finished';
  } catch (error) {
    if (interrupt.aborted) return 'interrupted';
    throw error;
  } finally {
    await watch.end().catch(() => {});
    await keepTo(before).catch(() => {});
  }
}

function testbedOf(build: Build | null, trees: BuiltTrees): Testbed {
  if (build === null) return vethTestbed;
  const root = trees.get(build.commit);
  if (root === undefined) throw new BenchError('BUILD', `commit ${build.commit} is not built`);
  return servedFrom(root, vethTestbed);
}
