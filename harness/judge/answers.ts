import type { Load } from '../../model/cell.js';
import type { Answer } from '../../model/summary.js';

/** Which figures each load answers with: findings, tables, charts and CSV all follow this. */
const table: { [Kind in Load['kind']]: (load: Extract<Load, { kind: Kind }>) => Answer } = {
  saturate: () => ({ kind: 'peak' }),
  capacity: () => ({ kind: 'capacity' }),
  rate: ({ perSecond }) => ({ kind: 'round-trips', offeredPerSecond: perSecond }),
  closed: () => ({ kind: 'round-trips', offeredPerSecond: null }),
  'latency-under-load': () => ({ kind: 'levels' }),
  none: () => ({ kind: 'rest' }),
};

/** What a load is asked for. */
export function answers(load: Load): Answer {
  // Each entry takes the load of its own kind, which the compiler cannot follow through the look-up.
  return (table[load.kind] as (load: Load) => Answer)(load);
}
