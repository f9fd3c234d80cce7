import type { MetricId } from '../../../model/comparison.js';
import { betterSide } from '../../../model/comparison.js';
import type { Night, NightCell, NightFigure } from '../../../model/night.js';

/** A figure of a cell on one night. */
export interface Point {
  /** Index of the night among those that are judged. */
  night: number;
  /** Natural logarithm of its level: a difference is a ratio. */
  log: number;
  figure: NightFigure;
  cell: NightCell;
}

/** What a figure of a cell was, night by night; nights without it are left out. */
export interface Series {
  cell: string;
  metric: MetricId;
  better: 'more' | 'less';
  points: Point[];
}

/** The series of all cells and metrics that the nights have, in the order in which they first come. */
export function seriesOf(nights: readonly Night[]): Series[] {
  const byName = new Map<string, Series>();
  nights.forEach(({ measured }, night) => {
    for (const cell of measured)
      for (const figure of cell.figures) {
        const name = seriesName(cell.cell, figure.metric);
        const series = byName.get(name) ?? {
          ...{ cell: cell.cell, metric: figure.metric, better: betterSide[figure.metric], points: [] },
        };
        series.points.push({ night, log: Math.log(figure.level), figure, cell });
        byName.set(name, series);
      }
  });
  return [...byName.values()];
}

export function seriesName(cell: string, metric: MetricId): string {
  return `${cell} ${metric}`;
}
