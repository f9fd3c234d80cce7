import type uPlot from 'uplot';
import type { Plot } from './plot.js';
import { colourOf } from './theme.js';

const font = '12px system-ui, sans-serif';
const characterWidth = 7;

function frame(title: string): uPlot.Axis {
  const line = { stroke: colourOf('--grid'), width: 1 };
  const set = { font, labelFont: font, labelGap: 2, stroke: colourOf('--ink'), grid: line, ticks: line };
  return title === '' ? set : { ...set, label: title, labelSize: 22 };
}

/** Places with as many of their names as there is room for. */
export function axisX({ x }: Plot): uPlot.Axis {
  const axis = { ...frame(x.title), size: 32 };
  if (x.ticks === null) return axis;
  const all = x.ticks;
  const splits = (chart: uPlot) => {
    let end = Number.NEGATIVE_INFINITY;
    const width = chart.bbox.width / devicePixelRatio;
    const [from, to] = x.range;
    return all
      .filter(({ at, label }) => {
        const half = (label.length * characterWidth) / 2;
        const middle = ((at - from) / (to - from)) * width;
        if (middle - half < end) return false;
        end = middle + half + characterWidth;
        return true;
      })
      .map(({ at }) => at);
  };
  const names = new Map(all.map(({ at, label }) => [at, label]));
  return { ...axis, splits, values: (_, places) => places.map((place) => names.get(place) ?? '') };
}

export function axisY(plot: Plot): uPlot.Axis {
  const { y } = plot;
  const values = (_: uPlot, places: number[]) => places.map((place) => String(Number(place.toPrecision(6))));
  const size = (_: uPlot, texts: string[] | null) =>
    20 + characterWidth * Math.max(2, ...(texts ?? []).map((text) => text.length));
  const axis = { ...frame(y.title), values, size, space: 28 };
  if (y.scale === 'linear') return axis;
  const splits = (_: uPlot, _axis: number, least: number, most: number) => ticksBetween(least, most);
  return { ...axis, splits, filter: (_: uPlot, places: number[]) => places };
}

/** From zero, around all lines, or from one 1, 2 or 5 of a power of ten to another: beyond all that is drawn. */
export function rangeY({ lines, y }: Plot): () => [number, number] {
  const drawn = lines.flatMap(({ values, ends }) => [...values, ...(ends ?? []).flatMap((pair) => pair ?? [])]);
  const known = drawn.filter((value) => value !== null && (y.scale === 'linear' || value > 0)) as number[];
  const most = known.reduce((a, b) => Math.max(a, b), 0);
  const least = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (y.scale === 'linear' && y.from === 'least' && known.length > 0) return () => around(lines);
  if (y.scale === 'linear') return () => [0, most > 0 ? most * 1.05 : 1];
  if (known.length === 0) return () => [1, 10];
  const steps = ticksBetween(least / 10, most * 10);
  const from = steps.findLast((step) => step <= least) ?? least;
  const to = steps.find((step) => step >= most) ?? most;
  return () => (from === to ? [from, to * 2] : [from, to]);
}

/** At least 5 % above and below the middle, so that noise stays small; an interval that is wider is cut. */
function around(lines: Plot['lines']): [number, number] {
  const values = lines.flatMap((line) => line.values.filter((value) => value !== null));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const middle = (least + most) / 2;
  const half = Math.max(0.6 * (most - least), 0.05 * Math.abs(middle));
  return [middle - half, middle + half];
}

/** 1, 2 and 5 of each power of ten. */
function ticksBetween(least: number, most: number): number[] {
  const [first, last] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  return (
    Array.from({ length: last - first + 1 }, (_, index) => first + index)
      // From text, so that 2e-1 is 0.2 and not 0.2 with a rounding error.
      .flatMap((exponent) => [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)))
      .filter((step) => step >= least * 0.999 && step <= most * 1.001)
  );
}
