import type { PointStyle } from 'chart.js';

/** How a line is told from the others, also without colour. */
export interface LineStyle {
  colour: string;
  point: PointStyle;
  /** Lengths in pixels of strokes and gaps; [] is a solid line. */
  dash: number[];
}

/** Okabe and Ito's colours for all kinds of colour vision, without the yellow, which is too faint on white. */
const okabeIto = {
  black: '#000000',
  blue: '#0072B2',
  vermillion: '#D55E00',
  green: '#009E73',
  orange: '#E69F00',
  purple: '#CC79A7',
  sky: '#56B4E9',
} as const;

/** Ink of titles, axes and grid lines. */
export const ink = { text: '#222222', faint: '#555555', axis: '#888888', grid: '#E4E4E4', paper: '#FFFFFF' } as const;

const styles: readonly LineStyle[] = [
  { colour: okabeIto.blue, point: 'circle', dash: [] },
  { colour: okabeIto.vermillion, point: 'rect', dash: [10, 4] },
  { colour: okabeIto.green, point: 'triangle', dash: [10, 3, 2, 3] },
  { colour: okabeIto.orange, point: 'rectRot', dash: [3, 3] },
  { colour: okabeIto.black, point: 'star', dash: [6, 3] },
  { colour: okabeIto.purple, point: 'crossRot', dash: [14, 3, 2, 3, 2, 3] },
  { colour: okabeIto.sky, point: 'cross', dash: [5, 2] },
];

/** The style of the nth thing of a run, the same in each of its charts; repeats after 7. */
export function lineStyle(index: number): LineStyle {
  return styles[index % styles.length] as LineStyle;
}

/** A published figure: faint and grey, told from its neighbours by the point of the measured line it belongs to. */
export function referenceStyle(measured: LineStyle): LineStyle {
  return { colour: '#9A9A9A', point: measured.point, dash: [2, 4] };
}
