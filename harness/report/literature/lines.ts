import { type MatrixPoint, matrixLabel } from '../../../model/cell.js';
import type { ImplementationId } from '../../../model/ids.js';
import type { CellSummary } from '../../../model/summary.js';
import { type LineStyle, variantStyle } from '../charts/palette.js';
import type { Throughput } from '../quantities.js';
import type { Reference } from '../reference.js';
import { isAt } from '../slice.js';
import { standingOf } from '../standing.js';

/** One implementation at one setting, as a figure names it. */
export interface Line {
  label: string;
  implementation: string;
  point: MatrixPoint;
  style: LineStyle;
}

/** From few to many, dark to light, which a print without colour keeps; no implementation has one of them. */
const orderedStyles: readonly LineStyle[] = [
  { colour: '#2D1160', point: 'circle', rotation: 0, dash: [] },
  { colour: '#721F81', point: 'rect', rotation: 0, dash: [9, 4] },
  { colour: '#B73779', point: 'triangle', rotation: 0, dash: [9, 3, 2, 3] },
  { colour: '#E8575A', point: 'rectRot', rotation: 0, dash: [2, 3] },
  { colour: '#E8924A', point: 'triangle', rotation: 180, dash: [16, 4] },
];

/** Of the nth of up to five things that have an order. */
export function orderedStyle(index: number): LineStyle {
  return orderedStyles[index % orderedStyles.length] as LineStyle;
}

export const oneThread: MatrixPoint = { threads: 1, queues: 1 };

/** Implementations with one thread on one queue. */
export function oneThreadLines(...implementations: ImplementationId[]): Line[] {
  return implementations.map((implementation) => ({
    ...{ label: implementation, implementation, point: oneThread },
    style: variantStyle(implementation, 0),
  }));
}

/** Settings of one implementation, `1T1Q` and so on. */
export function pointLines(implementation: ImplementationId, ...labels: string[]): Line[] {
  return labels.map((label, index) => {
    const [threads = 0, queues = 0] = label.match(/\d+/g)?.map(Number) ?? [];
    return { label, implementation, point: { threads, queues }, style: orderedStyle(index) };
  });
}

export function isOf(cell: CellSummary, { implementation, point }: Pick<Line, 'implementation' | 'point'>): boolean {
  return cell.impl === implementation && isAt(cell, point);
}

/** The published figures of a line by frame size, ascending; none where the source has no such line. */
export function publishedValues(
  { throughput }: Reference,
  id: Throughput['id'],
  { implementation, point }: Pick<Line, 'implementation' | 'point'>,
): [number, number][] {
  const found = throughput[id].find((line) => line.implementation === implementation && isAt(line, point));
  return found?.values ?? [];
}

/** `valid figure of recvmmsg 4T2Q, 8T4Q, afxdp 8T8Q`: the lines of which the cells have no figure to quote; null where all have one. */
export function lackingLines(lines: readonly Pick<Line, 'implementation' | 'point'>[], cells: readonly CellSummary[]) {
  const lacking = lines.filter((line) => !cells.some((cell) => isOf(cell, line) && standingOf(cell) === 'figure'));
  let last = '';
  const words = lacking.map(({ implementation, point }) => {
    const name = implementation === last ? '' : `${implementation} `;
    last = implementation;
    return `${name}${matrixLabel(point)}`;
  });
  return words.length === 0 ? null : `valid figure of ${words.join(', ')}`;
}
