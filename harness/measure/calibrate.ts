import { childScripts } from '../../common/process/paths.js';
import { type CeilingQuestion, measureCeiling } from '../../common/wire/ceiling.js';
import { topologies } from '../../common/wire/table.js';
import type { Topology } from '../../common/wire/topology.js';
import { isPaced, isTimed, type PlannedCell } from '../../model/cell.js';
import type { TopologyId } from '../../model/ids.js';
import { type Ceiling, checkEvery } from '../../model/record.js';

/** Told on the way. */
export interface CalibrationEvents {
  began(measurements: number): void;
  failed(question: CeilingQuestion, error: Error): void;
}

/**
 * What the engines of the plan can send, each with every frame size it is used with, measured without an invoker. An
 * engine that this host does not grant is left out: its cells will say why.
 */
export async function calibrate(
  plan: readonly PlannedCell[],
  topology: TopologyId,
  interrupt: AbortSignal,
  events: CalibrationEvents,
): Promise<Ceiling[]> {
  const questions = questionsOf(plan);
  const ceilings: Ceiling[] = [];
  if (questions.length > 0) events.began(questions.length);
  for (const question of questions) {
    if (interrupt.aborted) break;
    let wire: Topology | null = null;
    try {
      wire = await topologies[topology].build(question.queues);
      ceilings.push(await measureCeiling(wire, question, childScripts.generator, interrupt));
    } catch (error) {
      // The cells that need this engine mostly fail or are skipped by the same cause.
      if (!interrupt.aborted) events.failed(question, error as Error);
    } finally {
      // The next one has namespaces of its own.
      await wire?.destroy().catch((error) => events.failed(question, error));
    }
  }
  return ceilings;
}

/** Each engine, placement and frame size of the plan once. */
function questionsOf(plan: readonly PlannedCell[]): CeilingQuestion[] {
  const questions = plan.flatMap(({ state, cell }): CeilingQuestion[] => {
    const { engine, packetBytes, queues, placement, load } = cell;
    if (state === 'skipped' || engine === 'none' || !isPaced(load)) return [];
    return [{ engine, packetBytes, queues, cpus: placement.generatorCpus, timed: isTimed(load), checkEvery }];
  });
  return [...new Map(questions.map((question) => [JSON.stringify(question), question])).values()];
}
