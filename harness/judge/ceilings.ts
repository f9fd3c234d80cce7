import type { Cell } from '../../model/cell.js';
import { isTimed, wireQueues } from '../../model/cell.js';
import type { Ceiling } from '../../model/record.js';

/** The ceiling that a cell was measured under, or null. */
export function ceilingOf(ceilings: readonly Ceiling[], cell: Cell): Ceiling | null {
  const { engine, packetBytes, placement, load } = cell;
  return (
    ceilings.find(
      (ceiling) =>
        ceiling.engine === engine &&
        ceiling.packetBytes === packetBytes &&
        ceiling.queues === wireQueues(cell) &&
        ceiling.timed === isTimed(load) &&
        JSON.stringify(ceiling.cpus) === JSON.stringify(placement.clients.map(({ generatorCpus }) => generatorCpus)),
    ) ?? null
  );
}
