import { childScripts } from '../../common/process/paths.js';
import { measureCeiling } from '../../common/wire/ceiling.js';
import type { Topology, TopologyKind } from '../../common/wire/topology.js';
import type { Ceiling, CeilingQuestion } from '../../model/record.js';
import type { Observe } from './events.js';

/**
 * What engines can send, measured without an invoker. An engine that this host does not grant is left out: its cells
 * will say why.
 */
export async function calibrate(
  questions: readonly CeilingQuestion[],
  topology: TopologyKind,
  interrupt: AbortSignal,
  observe: Observe,
): Promise<Ceiling[]> {
  const ceilings: Ceiling[] = [];
  for (const question of questions) {
    if (interrupt.aborted) break;
    observe({ type: 'calibrating', question });
    let wire: Topology | null = null;
    let failure: Error | null = null;
    const keep = (error: Error) => {
      failure ??= error;
    };
    try {
      wire = await topology.build(question.queues);
      ceilings.push(await measureCeiling(wire, question, childScripts.generator, interrupt));
    } catch (error) {
      // The cells that need this engine mostly fail or are skipped by the same cause.
      keep(error as Error);
    }
    // The next one has namespaces of its own: what is left of this one is said, and in nobody's way.
    await wire?.destroy().catch(keep);
    if (!interrupt.aborted) observe({ type: 'calibrated', question, error: failure });
  }
  return ceilings;
}
