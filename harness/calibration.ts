import { type CeilingQuestion, measureCeiling } from '../common/ceiling.js';
import { topologies } from '../common/topology/table.js';
import { isPaced } from './load.js';
import type { Ceiling, PlannedCell, TopologyId } from './model.js';

/** Told before each measurement: the how manyth of how many. */
export type OnCalibration = (done: number, all: number) => void;

/**
 * What the engines of the plan can send, each with every frame size it is used with, measured without an invoker. An
 * engine that this host does not grant is left out: its cells will say why.
 */
export async function calibrate(
  plan: readonly PlannedCell[],
  topology: TopologyId,
  interrupt: AbortSignal,
  onCalibration: OnCalibration,
): Promise<Ceiling[]> {
  const questions = questionsOf(plan);
  const ceilings: Ceiling[] = [];
  for (const [i, question] of questions.entries()) {
    if (interrupt.aborted) break;
    onCalibration(i, questions.length);
    const wire = await topologies[topology].build(question.queues);
    try {
      ceilings.push(await measureCeiling(wire, question));
    } catch {
      // The cells that need this engine fail or are skipped by the same cause, and tell it.
    } finally {
      await wire.destroy();
    }
  }
  return ceilings;
}

/** Each engine, placement and frame size of the plan once. */
function questionsOf(plan: readonly PlannedCell[]): CeilingQuestion[] {
  const questions = plan.flatMap(({ state, cell }): CeilingQuestion[] => {
    const { engine, packetBytes, queues, placement, load } = cell;
    if (state === 'skipped' || engine === 'none' || !isPaced(load)) return [];
    return [{ engine, packetBytes, queues, cpus: placement.generatorCpus }];
  });
  return [...new Map(questions.map((question) => [JSON.stringify(question), question])).values()];
}
