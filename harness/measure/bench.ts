import { BenchError } from '../../common/cli/errors.js';
import type { Run } from '../../model/record.js';
import { schemaVersion } from '../../model/record.js';
import type { Turn } from '../plan/plan.js';
import { CleanState } from '../state/clean-state.js';
import type { RunStore } from '../store/store.js';
import { allowedCpus, keepTo } from './affinity.js';
import type { Observe } from './events.js';
import { runCell } from './run.js';
import type { Testbed } from './testbed.js';

/** What to measure. */
export interface Task {
  /** In their order. */
  turns: readonly Turn[];
  runId: string;
  testbed: Testbed;
}

/**
 * Makes all turns and saves after every run; the harness itself keeps off the measured CPUs meanwhile. Resolves to
 * `interrupted` when the signal fired: what was measured is kept, the run under way is not. Rejects when a run cannot
 * be saved, and when the host is not the same after one.
 */
export async function measure(
  task: Task,
  store: RunStore,
  observe: Observe,
  interrupt: AbortSignal,
): Promise<'finished' | 'interrupted'> {
  const before = allowedCpus();
  const watch = task.testbed.watch();
  try {
    return await runAll(task, new CleanState(() => watch.read()), store, observe, interrupt);
  } finally {
    await watch.end().catch(() => {});
    // What was measured is worth its report, wherever that is made.
    await keepTo(before).catch(() => {});
  }
}

async function runAll(
  { turns, runId, testbed }: Task,
  state: CleanState,
  store: RunStore,
  observe: Observe,
  interrupt: AbortSignal,
): Promise<'finished' | 'interrupted'> {
  let begun = 0;
  const runnable = turns.filter(({ planned }) => planned.state === 'runnable').length;
  for (const { repeat, planned } of turns) {
    const { cell } = planned;
    observe({ type: 'began', cell, repeat });
    let run: Run;
    if (planned.state === 'skipped') {
      const startedAt = new Date().toISOString();
      run = { schemaVersion, runId, cell, repeat, startedAt, state: 'skipped', reason: planned.reason };
    } else {
      begun++;
      await state.look();
      await store.begin(cell.id, repeat);
      try {
        run = await runCell({ runId, cell, repeat }, testbed, interrupt, observe);
      } catch (error) {
        await store.abandon();
        if (interrupt.aborted) return 'interrupted';
        throw error;
      }
    }
    await store.append(run);
    observe({ type: 'ended', run });
    if (run.state === 'failed' && run.error.code === 'TUNING_STAYS')
      throw new BenchError('TUNING_STAYS', `nothing more is measured with what stays set: ${run.error.message}`);
    if (planned.state === 'runnable') await state.check(`run ${begun} of ${runnable} (${cell.id})`);
  }
  return 'finished';
}
