import type { ImplementationId } from '../../model/ids.js';
import type { CellSummary, Summary } from '../../model/summary.js';
import { distinct, groupBy } from './group-by.js';

/** What is compared: an implementation with the settings that were asked for. */
export interface Candidate {
  /** `afxdp`, or `afxdp batch=64` where settings were asked for. */
  name: string;
  impl: ImplementationId;
  cells: CellSummary[];
}

/** What the cell's candidate is called. */
export function candidateOf({ impl, variant }: Pick<CellSummary, 'impl' | 'variant'>): string {
  return variant === '' ? impl : `${impl} ${variant}`;
}

/** Cells by candidate, in order of first appearance. */
export function candidatesOf(cells: readonly CellSummary[]): Candidate[] {
  return [...groupBy(cells, candidateOf)].map(([name, own]) => ({
    name,
    impl: (own[0] as CellSummary).impl,
    cells: own,
  }));
}

/** The names of all candidates of a run: by implementation in the order of the question, then by settings. */
export function namesOf({ scenario, cells }: Summary): string[] {
  return scenario.implementations.flatMap((impl) => {
    const own = distinct(cells.filter((cell) => cell.impl === impl).map(candidateOf));
    return own.length > 0 ? own : [impl];
  });
}
