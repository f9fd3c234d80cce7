import type { Run } from '../../model/record.js';
import { expectedNs, type Turn } from './plan.js';

const keyOf = (id: string, repeat: number) => `${repeat} ${id}`;

/** Turns that have no record yet, in the order of the schedule. */
export function turnsLeft(turns: readonly Turn[], runs: readonly Pick<Run, 'cell' | 'repeat'>[]): Turn[] {
  const done = new Set(runs.map(({ cell, repeat }) => keyOf(cell.id, repeat)));
  return turns.filter(({ planned, repeat }) => !done.has(keyOf(planned.cell.id, repeat)));
}

/** How long they will take, in nanoseconds: an estimate. */
export function expectedLeftNs(turns: readonly Turn[]): number {
  return turns.reduce((sum, { planned }) => sum + (planned.state === 'runnable' ? expectedNs(planned.cell) : 0), 0);
}
