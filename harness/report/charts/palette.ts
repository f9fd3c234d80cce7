import type { PointStyle } from 'chart.js';
import type { ImplementationId } from '../../../model/ids.js';
import { forRuntimes } from '../../../model/runtimes.js';

/** How a line is told from the others, also without colour. */
export interface LineStyle {
  colour: string;
  point: PointStyle;
  /** Of the point, in degrees. */
  rotation: number;
  /** Lengths in pixels of strokes and gaps; [] is a solid line. */
  dash: number[];
}

/** Okabe and Ito's colours for all kinds of colour vision, without yellow and sky, too faint on white or too near another. */
const okabeIto = {
  black: '#000000',
  blue: '#0072B2',
  vermillion: '#D55E00',
  green: '#009E73',
  orange: '#E69F00',
  purple: '#CC79A7',
} as const;

/** Farther from those than they are from each other, for all kinds of colour vision. */
const beside = { violet: '#7722DD', brown: '#663311' } as const;

/** Of programs of runtimes/, in the order of their table: less bright than datapaths, which are seldom beside them. */
const ofRuntimes: readonly Omit<LineStyle, 'dash'>[] = [
  { colour: '#44AA99', point: 'star', rotation: 0 },
  { colour: '#882255', point: 'cross', rotation: 0 },
  { colour: '#999933', point: 'rectRounded', rotation: 0 },
  { colour: '#332288', point: 'triangle', rotation: 45 },
  { colour: '#6B7A8F', point: 'triangle', rotation: 135 },
  { colour: '#B07AA1', point: 'triangle', rotation: 225 },
  { colour: '#4E6B2F', point: 'triangle', rotation: 315 },
];

/** Ink of titles, axes and grid lines. */
export const ink = { text: '#222222', faint: '#555555', axis: '#888888', grid: '#E4E4E4', paper: '#FFFFFF' } as const;

/** An implementation looks the same in every picture of every run. Points that can be hollow are closed shapes. */
export const implementationStyles: Record<ImplementationId, Omit<LineStyle, 'dash'>> = {
  dgram: { colour: okabeIto.black, point: 'crossRot', rotation: 0 },
  recvfrom: { colour: okabeIto.orange, point: 'triangle', rotation: 180 },
  recvmmsg: { colour: okabeIto.green, point: 'triangle', rotation: 0 },
  iouring: { colour: okabeIto.purple, point: 'rectRot', rotation: 0 },
  afpacket: { colour: beside.violet, point: 'triangle', rotation: 90 },
  afxdp: { colour: okabeIto.blue, point: 'circle', rotation: 0 },
  tc: { colour: beside.brown, point: 'triangle', rotation: 270 },
  xdp: { colour: okabeIto.vermillion, point: 'rect', rotation: 0 },
  dpdk: { colour: '#117733', point: 'rectRot', rotation: 45 },
  'dpdk-packet': { colour: '#661100', point: 'crossRot', rotation: 45 },
  ...forRuntimes((_id, _runtime, index) => ofRuntimes[index % ofRuntimes.length] as (typeof ofRuntimes)[number]),
};

/** The defaults are solid; every other variant of an implementation has a dash of its own, the first six of them. */
const dashes: readonly number[][] = [[], [9, 4], [2, 3], [9, 3, 2, 3], [16, 4], [4, 2], [14, 3, 2, 3, 2, 3]];

/** The style of the nth variant of an implementation, the defaults being the 0th. */
export function variantStyle(impl: ImplementationId, variant: number): LineStyle {
  return { ...implementationStyles[impl], dash: dashes[variant % dashes.length] as number[] };
}

/** A published figure: faint and grey, told from its neighbours by the point of the measured line it belongs to. */
export function referenceStyle(measured: LineStyle): LineStyle {
  return { ...measured, colour: '#9A9A9A', dash: [2, 4] };
}

/** Parts of a bar from dark to light, which a print without colour keeps; no implementation has one of them. */
export const partShades = ['#2B3A55', '#5F7A9E', '#9DB4CE', '#D3DCE7'] as const;

/** What went right, and losses: these are not to be mixed up with the parts of another whole. */
export const outcomeShades = { right: '#D9E2EC', wrong: '#B40F20', unexplained: '#000000' } as const;

/** Places of losses, the first the darkest. */
export const lossShades = ['#7A3B12', '#B5651D', '#DE9B4E', '#F2C98A', '#8C7B6B', '#C4B7A6'] as const;

/** From few to many, for all kinds of colour vision and legible in grey: light blue to dark. */
export function heatColour(share: number): string {
  const [from, to] = [
    [236, 243, 250],
    [8, 48, 107],
  ] as const;
  const mixed = from.map((value, index) => Math.round(value + ((to[index] as number) - value) * share));
  return `rgb(${mixed.join(', ')})`;
}

/** Ink for words on a `heatColour`. */
export function inkOn(share: number): string {
  return share > 0.45 ? ink.paper : ink.text;
}
