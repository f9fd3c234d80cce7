import { UsageError } from '../../common/cli/errors.js';
import { count, quote } from '../../common/cli/text.js';
import { formatDuration } from '../../common/cli/values.js';
import type { PlannedCell, Scenario } from '../../model/cell.js';
import { formatExpected } from './dry-run.js';
import { expectedTotalNs } from './plan.js';

/** The cells of a plan with these ids; throws UsageError for an id that none has. */
export function cellsOf(plan: readonly PlannedCell[], ids: readonly string[]): PlannedCell[] {
  const stranger = ids.find((id) => plan.every(({ cell }) => cell.id !== id));
  if (stranger !== undefined)
    throw new UsageError(`--cell: ${quote(stranger)} is not one of the ${count(plan.length, 'cell')} of this question`);
  return plan.filter(({ cell }) => ids.includes(cell.id));
}

/**
 * As many repeats as fit into a time, of the `repeats` that were asked for: the same of every cell. Throws UsageError where not
 * even one does.
 */
export function repeatsWithin(cells: readonly PlannedCell[], repeats: number, budgetNs: number): number {
  const onceNs = expectedTotalNs(cells, 1);
  if (onceNs > budgetNs)
    throw new UsageError(
      `--budget: one repeat of each cell takes ${formatExpected(onceNs)}, more than ${formatDuration(budgetNs)}`,
    );
  const eachNs = onceNs - expectedTotalNs(cells, 0);
  // Where nothing can be run, nothing takes time.
  return eachNs === 0 ? repeats : Math.min(repeats, 1 + Math.floor((budgetNs - onceNs) / eachNs));
}

/** What a budget has room for, in a line; null where it has room for all that was asked. */
export function reduction(cells: readonly PlannedCell[], repeats: number, asked: Scenario['repeats']): string | null {
  if (repeats === asked) return null;
  const expected = formatExpected(expectedTotalNs(cells, repeats));
  return `--budget: ${repeats} of ${count(asked, 'repeat')}, of all cells alike, expected time ${expected}`;
}
