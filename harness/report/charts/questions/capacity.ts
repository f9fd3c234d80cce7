import { count } from '../../../../common/cli/text.js';
import type { CellSummary, Summary } from '../../../../model/summary.js';
import { type CapacityGoal, capacityGoals } from '../../quantities.js';
import { atEachPoint, type Slice, sizesOf, slicesOf } from '../../slice.js';
import { standingOf } from '../../standing.js';
import { kiloPacketsPerSecond } from '../../units.js';
import { isDrawable, measuredDataset } from '../dataset.js';
import {
  byName,
  type Chart,
  hollowRemark,
  pointsBySize,
  rateChart,
  type Sized,
  styleOf,
  subtitleOf,
  withLastFigure,
} from '../parts.js';

const questions: Record<CapacityGoal['id'], string> = {
  ndr: 'How much can each take without any loss (NDR)?',
  pdr: 'How much can each take with a loss of at most 0.5 % (PDR)?',
};

/** How much can each take? Capacities by frame size: a chart a matrix point and goal, a line an implementation. */
export function capacityCharts(summary: Summary): Chart[] {
  return slicesOf(summary, 'capacity', 'ends').flatMap((slice) =>
    atEachPoint(slice, (cells, point) => capacityGoals.map((goal) => goalChart(summary, slice, cells, point, goal))),
  );
}

function goalChart(
  summary: Summary,
  slice: Slice,
  cells: readonly CellSummary[],
  point: string,
  { id, of }: CapacityGoal,
): Chart {
  const without = cells.filter((cell) => standingOf(cell) === 'figure' && of(cell) === null).length;
  const isBound = (cell: CellSummary) => of(cell)?.bound === 'lower';
  const figure = (cell: CellSummary): Sized | null => {
    const found = of(cell);
    if (found === null) return null;
    const { interval, bracket, bound } = found;
    const ends = bracket ?? (interval.confidence === 0 ? null : interval);
    const { low, high } = ends?.high == null ? { low: null, high: null } : { low: ends.low, high: ends.high };
    return { y: interval.median, low, high, mark: bound === 'lower' ? 'bound' : 'plain' };
  };
  return rateChart({
    name: `capacity-${id}-${slice.suffix}-${point}`,
    title: `${questions[id]} At ${point}`,
    subtitle: subtitleOf(summary, slice, cells, [
      ...hollowRemark(cells, isBound, 'a lower bound, the generator was the limit or time was up'),
      ...(without > 0 ? [`${count(without, 'cell')} without such a load`] : []),
    ]),
    sizes: sizesOf(cells),
    what: 'Thousand requests/s',
    datasets: byName(cells)
      .map(({ name, cells: own }) => {
        const style = styleOf(summary, name);
        const data = pointsBySize(own, kiloPacketsPerSecond, figure);
        return { ...measuredDataset(name, style, data), endLabel: withLastFigure(name, data) };
      })
      .filter(isDrawable),
  });
}
