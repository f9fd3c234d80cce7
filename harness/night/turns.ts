import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlannedCell, Scenario } from '../../model/cell.js';
import { formatLoad } from '../../model/cell.js';
import type { NightPair } from '../../model/night.js';
import type { Build, PairQuestion, PairSummary } from '../../model/pair.js';
import { summarisePair } from '../judge/compare-turns.js';
import { judgeChange } from '../judge/gate.js';
import { leastByTurns } from '../judge/history/turns.js';
import { holm } from '../judge/rank-tests.js';
import { type AskedCell, parseCellId } from '../question/cell-id.js';
import { parsePhases } from '../question/compare-options.js';
import { newestRun } from '../store/out-folder.js';
import { readTurns } from '../store/turn-store.js';

/** Turns of each cell: from six on a difference can be told from chance. */
const turns = 8;

/** Of which attempt turns are: the first ones of the night, or those of cells that were suspicious. */
export type Attempt = 'first' | 'again';

/** What turns can measure of a cell, by its id; null of a load that takes none. */
export function askedCell(id: string): AskedCell | null {
  try {
    return parseCellId('cell', id);
  } catch {
    return null;
  }
}

/** Cells that take turns every night: of each implementation and load with peak or round trips, the first of the plan. */
export function cellsForTurns(plan: readonly PlannedCell[]): string[] {
  const first = new Map<string, string>();
  for (const { state, cell } of plan) {
    const key = `${cell.implementation} ${formatLoad(cell.load)}`;
    const isQuick = cell.load.kind === 'saturate' || cell.load.kind === 'closed';
    if (state === 'runnable' && isQuick && !first.has(key) && askedCell(cell.id) !== null) first.set(key, cell.id);
  }
  return [...first.values()];
}

/** How many cells those are at most. */
export function mostCellsForTurns({ loads, implementations }: Scenario): number {
  const quick = loads.filter(({ load }) => load.kind === 'saturate' || load.kind === 'closed');
  const kinds = new Set(
    quick.flatMap((plan) => (plan.implementations ?? implementations).map((id) => `${id} ${formatLoad(plan.load)}`)),
  );
  return kinds.size;
}

/** What turns of a cell take with both builds, about. */
export const cellTurnsNs = turns * 5.8e9;

/** The turns of a cell of this tree with the build of a commit, which is the first of the two. */
export function turnsOf({ candidate, packetBytes, load, point }: AskedCell, build: Build): PairQuestion {
  const other = { ...candidate, name: `${candidate.name}@${build.commit.slice(0, 12)}`, build };
  return { candidates: [other, candidate], point, sizes: [packetBytes], load, turns, controls: 0, ...parsePhases({}) };
}

/** The folder for the turns of a cell. */
export const placeOf = (out: string, attempt: Attempt, cell: string) => join(out, attempt, cell);

/** Whether the turns of a cell were all taken. */
export async function areTaken(place: string): Promise<boolean> {
  const folder = await newestRun(place);
  if (folder === null) return false;
  const found = await readTurns(folder).catch(() => null);
  return found !== null && found.records.length === 2 * found.prologue.question.turns;
}

/** What all turns of an attempt say. */
export async function pairsIn(out: string, attempt: Attempt): Promise<NightPair[]> {
  const cells = await readdir(join(out, attempt)).catch(() => []);
  const found: { cell: string; summary: PairSummary }[] = [];
  for (const cell of cells.sort()) {
    const folder = await newestRun(placeOf(out, attempt, cell));
    if (folder === null) continue;
    // The machine may have gone down before the first record was on the disk.
    const turns = await readTurns(folder).catch(() => null);
    if (turns !== null) found.push({ cell, summary: summarisePair(turns.prologue, turns.records) });
  }
  return pairsOf(found, attempt === 'first' ? 1 : 2);
}

/** Turns without figures enough say nothing: they are left out. */
export function pairsOf(found: readonly { cell: string; summary: PairSummary }[], attempt: number): NightPair[] {
  const told = found.flatMap(({ cell, summary }) => {
    const [comparison] = summary.comparisons;
    const [first] = summary.question.candidates;
    const against = first.kind === 'implementation' ? (first.build?.commit ?? null) : null;
    if (comparison === undefined || comparison.shift === null || against === null) return [];
    const { verdict } = judgeChange(comparison, summary.metric, leastByTurns);
    if (verdict === 'untold') return [];
    const { ratio, low, high, confidence, p, noise } = comparison.shift;
    const words = { regression: 'worse', improvement: 'better', unchanged: 'unclear', unstable: 'unstable' } as const;
    return [
      {
        ...{ cell, metric: summary.metric, against, ratio: { median: ratio, low, high, confidence } },
        ...{ p, nullSpread: noise, verdict: words[verdict], attempt },
      },
    ];
  });
  const corrected = holm(told.map(({ p }) => p));
  return told.map((pair, index) => ({ ...pair, p: corrected[index] as number }));
}
