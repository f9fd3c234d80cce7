import { UsageError } from '../../common/cli/errors.js';
import { formatDuration } from '../../common/cli/values.js';
import type { PlannedCell, Scenario } from '../../model/cell.js';
import { formatExpected } from '../plan/dry-run.js';
import { expectedTotalNs } from '../plan/plan.js';
import type { NightRequest } from '../question/nightly-options.js';
import { askedCell, cellTurnsNs, mostCellsForTurns } from './turns.js';

/** Turns of a comparison of an implementation with itself: the fewest whose interval has 95 %. */
const controlTurns = 6;
/** What a turn at 200 bytes takes with both sides, about. */
const controlTurnNs = 5.8e9;

/** Words after `npm run bench --` that ask the question of a night. */
export function questionWords({ scenario, place }: Pick<NightRequest, 'scenario' | 'place'>): string[] {
  const { topology, server, client = [] } = place;
  return [
    ...['--scenario', scenario.path],
    ...(topology === undefined ? [] : ['--topology', topology]),
    ...(server === undefined ? [] : ['--server', server]),
    ...client.flatMap((end) => ['--client', end]),
  ];
}

/**
 * Words after `npm run bench --` that keep to a budget, of which control and turns take their part; empty without one. Throws
 * UsageError where it has no room for them.
 */
export function budgetWords(request: Omit<NightRequest, 'scenario' | 'place'>, question: Scenario): string[] {
  const { budgetNs } = request;
  if (budgetNs === null) return [];
  const othersNs = controlNs(request, question) + turnsNs(request, question);
  const seconds = Math.floor((budgetNs - othersNs) / 1e9);
  if (seconds > 0) return ['--budget', `${seconds}s`];
  const others = formatExpected(othersNs);
  throw new UsageError(`--budget: A/A control and turns take ${others}, more than ${formatDuration(budgetNs)}`);
}

/** How long the turns of two builds take, at most. */
export function turnsNs({ history, against }: Pick<NightRequest, 'history' | 'against'>, question: Scenario): number {
  const areTaken = history !== null && against.kind !== 'none' && question.topology === 'veth';
  return areTaken ? mostCellsForTurns(question) * cellTurnsNs : 0;
}

/**
 * Of cells that are to be measured again, the first that there is time for: once, and by turns where there is a build to take them
 * with. `budget`: words after `npm run bench --` for them. `leftNs`: what is left of the night's budget; null: it has none.
 */
export function againWithin(
  suspicious: readonly string[],
  { plan, turns }: { plan: readonly PlannedCell[]; turns: 'with a build' | 'none' },
  leftNs: number | null,
): { cells: string[]; budget: string[] } {
  if (leftNs === null) return { cells: [...suspicious], budget: [] };
  const secondsBeside = (cells: readonly string[]) => {
    const taken = turns === 'none' ? [] : cells.filter((cell) => askedCell(cell) !== null);
    return Math.floor((leftNs - taken.length * cellTurnsNs) / 1e9);
  };
  const cells: string[] = [];
  for (const cell of suspicious) {
    const more = [...cells, cell];
    const planned = plan.filter(({ cell: { id } }) => more.includes(id));
    if (expectedTotalNs(planned, 1) <= secondsBeside(more) * 1e9) cells.push(cell);
  }
  return { cells, budget: ['--budget', `${secondsBeside(cells)}s`] };
}

/** Words after `npm run compare --` of the control; null where turns cannot be taken. */
export function controlWords({ controls }: Pick<NightRequest, 'controls'>, question: Scenario): string[] | null {
  if (question.topology !== 'veth') return null;
  const name = controlled(question);
  const pair = ['--pair', `${name}/${name}`, '--aa', String(controls)];
  return [...pair, '--sizes', '200', '--turns', String(controlTurns)];
}

/** Whose figures are the steadiest, if it is asked for. */
export const controlled = ({ implementations }: Scenario) =>
  implementations.find((id) => id === 'recvmmsg') ?? implementations[0] ?? 'recvmmsg';

/** How long the control takes, about. */
export function controlNs({ controls }: Pick<NightRequest, 'controls'>, { topology }: Scenario): number {
  return topology === 'veth' ? (controls + 1) * controlTurns * controlTurnNs : 0;
}
