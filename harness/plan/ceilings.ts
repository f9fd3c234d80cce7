import { isPaced, isTimed, type PlannedCell, wireQueues } from '../../model/cell.js';
import { type CeilingQuestion, checkEvery } from '../../model/record.js';

/** How long one measurement takes with its wire and its processes. */
export const ceilingNs = 1.4e9;

/** Each engine, placement and frame size of the plan once. */
export function ceilingQuestions(plan: readonly PlannedCell[]): CeilingQuestion[] {
  const questions = plan.flatMap(({ state, cell }): CeilingQuestion[] => {
    const { engine, packetBytes, placement, load } = cell;
    if (state === 'skipped' || engine === 'none' || !isPaced(load)) return [];
    const cpus = placement.clients.map(({ generatorCpus }) => generatorCpus);
    return [{ engine, packetBytes, queues: wireQueues(cell), cpus, timed: isTimed(load), checkEvery }];
  });
  return [...new Map(questions.map((question) => [JSON.stringify(question), question])).values()];
}
