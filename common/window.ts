import type { Window } from '../harness/model.js';

/** A count of a window as a rate. */
export function perSecond({ beginNs, endNs }: Pick<Window, 'beginNs' | 'endNs'>, count: number): number {
  return (count * 1e9) / (endNs - beginNs);
}
