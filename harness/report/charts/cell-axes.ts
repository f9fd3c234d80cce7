import type { Scale } from 'chart.js';
import { matrixLabel } from '../../../model/cell.js';
import type { CellSummary } from '../../../model/summary.js';
import { distinct } from '../group-by.js';
import { nameOf } from '../standing.js';
import { workText } from '../units.js';
import { courseAxis, family, stretchStyle } from './layout.js';

type Axis = ReturnType<typeof courseAxis>;

/** One of several axes below each other; `all`: labels are shown only where each of them has room. */
interface Tier {
  id: string;
  words(cell: CellSummary): string;
  shows: 'all' | 'some';
}

/** From the cell outwards. */
const tiers: readonly Tier[] = [
  { id: 'bytes', words: ({ packetBytes }) => String(packetBytes), shows: 'all' },
  { id: 'work', words: ({ workNs }) => (workNs === null ? '' : workText(workNs)), shows: 'some' },
  { id: 'point', words: matrixLabel, shows: 'some' },
  { id: 'x', words: nameOf, shows: 'some' },
  { id: 'load', words: ({ load }) => load, shows: 'some' },
  { id: 'function', words: ({ functionId }) => functionId, shows: 'some' },
];

/** A part of the axis that belongs to one thing. */
interface Stretch {
  from: number;
  label: string;
}

/** Letters of the labels, in pixels; between two of them; and what stands left and right of the plot. */
const [letters, gap, beside] = [12, 8, 100];

/**
 * Axes that name the cells of pieces which stand one after the other, one a unit: implementations, and what else differs
 * as far as there is room. A label begins where its cells do.
 */
export function cellAxes(title: string, cells: readonly CellSummary[]): Record<string, Axis> {
  const told = tiers.filter(({ id, words }) => id === 'x' || distinct(cells.map(words)).length > 1);
  return Object.fromEntries(
    told.map((tier, index) => {
      const outer = tiers.slice(tiers.indexOf(tier));
      const stretches = stretchesOf(cells, (cell) => outer.map(({ words }) => words(cell)).join(' '), tier.words);
      const isLast = index === told.length - 1;
      return [tier.id, tierAxis(isLast ? title : '', tier, stretches, cells.length)];
    }),
  );
}

function stretchesOf(
  cells: readonly CellSummary[],
  keyOf: (cell: CellSummary) => string,
  words: (cell: CellSummary) => string,
): Stretch[] {
  return cells.flatMap((cell, index) => {
    const before = cells[index - 1];
    return before && keyOf(before) === keyOf(cell) ? [] : [{ from: index, label: words(cell) }];
  });
}

function tierAxis(title: string, { id, shows }: Tier, stretches: readonly Stretch[], most: number): Axis {
  const axis = courseAxis(title, most);
  // Measuring text is what a chart of hundreds of cells takes longest for: once a layout, not once a tick.
  let labels = new Map<number | string, string>();
  return {
    ...axis,
    ...stretchStyle(id === 'x' ? 'divides' : 'names', title),
    position: 'bottom',
    afterBuildTicks: (scale: Scale) => {
      const fit = fitting(stretches, scale);
      labels = new Map(fit.map(({ from, label }) => [from, label]));
      const shown = shows === 'some' || fit.length === stretches.length ? stretches : [];
      scale.ticks = shown.map(({ from }) => ({ value: from }));
    },
    afterFit: (scale: Scale) => {
      if (scale.ticks.length === 0) scale.height = 0;
    },
    ticks: {
      ...axis.ticks,
      ...{ align: 'start', autoSkip: false, maxRotation: 0 },
      callback: (value) => labels.get(value) ?? '',
    },
  } as Axis;
}

/** Those whose labels have room behind the ones before them; the chart is not laid out yet, so its width must do. */
function fitting(stretches: readonly Stretch[], { chart, max }: Scale): Stretch[] {
  const { ctx, width } = chart;
  const perUnit = (width - beside) / max;
  ctx.save();
  ctx.font = `${letters}px "${family}"`;
  let free = 0;
  const fit = stretches.filter(({ from, label }) => {
    const begin = from * perUnit;
    const end = begin + ctx.measureText(label).width;
    if (begin < free || end > width - beside) return false;
    free = end + gap;
    return true;
  });
  ctx.restore();
  return fit;
}
