import { betterSide } from '../../../model/comparison.js';
import { median } from '../../../model/median.js';
import type { Change, HistoryJudgement, Night, NightCell, NightFigure } from '../../../model/night.js';

/** A figure of the newest night that is far from what it was. */
export interface Worst {
  cell: NightCell;
  figure: NightFigure;
  /** Of each of the newest nights, the oldest first: 1 is as before, below is worse; null where it has none. */
  shares: (number | null)[];
  /** What is open of it; null of one that is merely low tonight. */
  change: Change | null;
}

/** Nights that are looked at. */
const span = 30;

/** The newest nights that `worstOf` tells of. */
export function newestNights({ nights }: HistoryJudgement): Night[] {
  return nights.slice(-span);
}

/** Cells with an open alert, then those that are lowest tonight, each by its worst figure; at most `most`. */
export function worstOf(judgement: HistoryJudgement, most: number): Worst[] {
  const nights = newestNights(judgement);
  const open = judgement.alerts.filter(({ state }) => state === 'open').flatMap(({ changes }) => changes);
  const byNight = nights.map(({ measured }) => new Map(measured.map((cell) => [cell.cell, cell])));
  const all = (nights.at(-1)?.measured ?? []).flatMap((cell) =>
    cell.figures.map((figure): Worst => {
      const { metric } = figure;
      const change = open.find((one) => one.cell === cell.cell && one.metric === metric) ?? null;
      const levels = byNight.map(
        (cells) => cells.get(cell.cell)?.figures.find((one) => one.metric === metric)?.level ?? null,
      );
      const first = nights.findIndex(({ runId }) => runId === change?.firstNight);
      const before = (first > 0 ? levels.slice(0, first) : levels).filter((level) => level !== null);
      const usual = before.length === 0 ? null : median(before);
      const shares = levels.map((level) => {
        if (level === null || usual === null || level <= 0 || usual <= 0) return null;
        return betterSide[metric] === 'more' ? level / usual : usual / level;
      });
      return { cell, figure, shares, change };
    }),
  );
  const tonight = ({ shares }: Worst) => shares.at(-1) ?? 1;
  const sorted = all.toSorted(
    (a, b) => Number(b.change !== null) - Number(a.change !== null) || tonight(a) - tonight(b),
  );
  const cells = new Set<NightCell>();
  return sorted.filter(({ cell }) => !cells.has(cell) && cells.add(cell)).slice(0, most);
}
