import type { LoadContext } from '../../common/process/protocol.js';
import type { Engine } from '../engines/engine.js';

/**
 * How long the generator's threads did not run, in ns since its start; the mean of them. Where measured threads share CPUs
 * it is 0: each of them waits while another runs, which is what such a cell measures.
 */
export function awayNs(
  engine: Pick<Engine, 'counters'>,
  { sharing, cpus }: Pick<LoadContext, 'sharing' | 'cpus'>,
): number {
  return sharing === 'exclusive' ? (engine.counters().awayTotalNs ?? 0) / cpus.length : 0;
}
