import { count, wrap } from '../../common/cli/text.js';
import type { PlannedCell } from '../../model/cell.js';
import { type Tuning, tuningKeys } from '../../model/tuning.js';
import type { Applied } from './apply.js';
import type { TuningSite } from './host.js';
import { entries } from './table.js';

const columns = 100;
/** Of the server's side of the wire, which is not there before the run. */
const interfaceOfCells = 'INTERFACE';

/** The commands that a tuning is made by, or the paths and values that are written, in their order; one a line. */
export function plannedCommands(tuning: Tuning, site: Pick<TuningSite, 'interface' | 'port'>): string[] {
  return tuningKeys.flatMap((key) => {
    const value = tuning[key];
    return value === undefined ? [] : entries[key].plan(value, site);
  });
}

/** For a dry run: what is set in which cells, lines of text. */
export function describeTuning(plan: readonly PlannedCell[]): string[] {
  const groups = new Map<string, { cells: number; tuning: Tuning; port: number }>();
  for (const { state, cell } of plan) {
    const text = tuningKeys
      .flatMap((key) => (cell.tuning[key] === undefined ? [] : `${key}=${cell.tuning[key]}`))
      .join(' ');
    if (state === 'skipped' || text === '') continue;
    const cells = (groups.get(text)?.cells ?? 0) + 1;
    groups.set(text, { cells, tuning: cell.tuning, port: cell.port });
  }
  return [...groups].flatMap(([text, { cells, tuning, port }]) => [
    '',
    ...wrap(
      `Tuning of the server's interface and host in ${count(cells, 'cell')}, undone after each run: ${text}`,
      columns,
      '  ',
    ),
    // A command is copied from its line.
    ...plannedCommands(tuning, { interface: interfaceOfCells, port }).map((line) => `  ${line}`),
  ]);
}

/** What was set, a line each for people. */
export function describeApplied(applied: readonly Applied[]): string[] {
  return applied.map(({ key, name, before, after, state }) => {
    const made = state === 'changed' ? `${before} -> ${after}` : `${after} as before`;
    return `${key}: ${made} (${name})`;
  });
}

/** What was set, for a record: `tuning.rps: rx-0/rps_cpus off -> 0-1`; `=` for what was so before. */
export function factsOf(applied: readonly Applied[]): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const { key, name, before, after, state } of applied) {
    const made = `${name} ${state === 'changed' ? `${before} -> ${after}` : `= ${after}`}`;
    const fact = `tuning.${key}`;
    facts[fact] = facts[fact] === undefined ? made : `${facts[fact]}, ${made}`;
  }
  return facts;
}
