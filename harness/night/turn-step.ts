import { complaint } from '../../common/cli/complaint.js';
import { exitCodes } from '../../common/cli/exit-codes.js';
import { count } from '../../common/cli/text.js';
import type { Build } from '../../model/pair.js';
import { takeMachineLock } from '../machine-lock.js';
import type { BuiltTrees } from '../measure/turns.js';
import type { BenchSurroundings } from '../surroundings.js';
import { ownBuilds, planAttempts, provideAll, takeTurns } from '../turn-taking.js';
import { type Attempt, areTaken, askedCell, placeOf, turnsOf } from './turns.js';

/**
 * Has both builds take turns in each of these cells, on a machine that is theirs alone; cells whose turns were taken before are
 * left alone. Resolves to an exit code, and to sentences that say what could not be measured.
 */
export async function takeAllTurns(
  cells: readonly string[],
  { build, out, attempt }: { build: Build; out: string; attempt: Attempt },
  surroundings: BenchSurroundings,
): Promise<{ code: number; said: string[] }> {
  const { stderr, interrupt, environment } = surroundings;
  const lock = await takeMachineLock({ busy: 'wait', words: ['npm run nightly'], surroundings });
  if (lock === null) return { code: exitCodes.interrupted, said: [] };
  try {
    const trees = await provideAll(ownBuilds(surroundings), [build], interrupt);
    const failures: string[] = [];
    for (const cell of cells) {
      const failure = await takeTurnsOf(cell, { build, place: placeOf(out, attempt, cell), trees }, surroundings);
      if (interrupt.aborted) return { code: exitCodes.interrupted, said: [] };
      if (failure !== null) failures.push(`Turns of ${cell}: ${failure.message}`);
    }
    if (failures.length === 0) return { code: exitCodes.ok, said: [] };
    const more = failures.length > 1 ? [`Turns of ${count(failures.length - 1, 'cell')} more failed.`] : [];
    return { code: exitCodes.failed, said: [failures[0] as string, ...more] };
  } catch (error) {
    if (interrupt.aborted) return { code: exitCodes.interrupted, said: [] };
    stderr.write(complaint(error, environment));
    return { code: exitCodes.failed, said: [`No turns were taken: ${(error as Error).message}`] };
  } finally {
    lock.release();
  }
}

async function takeTurnsOf(
  cell: string,
  { build, place, trees }: { build: Build; place: string; trees: BuiltTrees },
  surroundings: BenchSurroundings,
): Promise<Error | null> {
  const asked = askedCell(cell);
  if (asked === null || (await areTaken(place))) return null;
  try {
    const question = turnsOf(asked, build);
    const { ending } = await takeTurns({ question, attempts: planAttempts(question), trees, out: place }, surroundings);
    return ending instanceof Error ? ending : null;
  } catch (error) {
    return error as Error;
  }
}
