import type { PhaseName } from '../../../model/record.js';
import type { Summary } from '../../../model/summary.js';
import type { LineStyle } from '../charts/palette.js';

/** What the page's script reads: figures in units of the axes and finished markup, so that it only draws and shows. */
export interface PageContent {
  /** As in summary.json. */
  summary: Summary;
  views: View[];
  /** By the id of the cell. */
  cells: Record<string, CellView>;
  /** Markup of a table of all cells, each with a link to its page; blank where there is none. */
  cellList: string;
}

/** What a reader picks a chart by, in this order: the choices of each depend on those before it. */
export const facets = ['load', 'matrix', 'size', 'figure'] as const;

export type Facet = (typeof facets)[number];

/** `id` stands in the address of the page. */
export interface Choice {
  id: string;
  label: string;
}

/** One chart: a line an implementation. */
export interface View {
  chart: Choice;
  facets: Partial<Record<Facet, Choice>>;
  /** Places of the horizontal axis in their order, and where each stands. */
  x: { title: string; labels: string[]; at: number[] };
  y: { title: string; scale: 'linear' | 'log' };
  lines: Line[];
  /** What must be known of the points. */
  notes: string[];
}

export interface Line {
  name: string;
  style: LineStyle;
  /** One for each place; null where there is no figure to quote. */
  points: (Point | null)[];
}

/** In the unit of the axis. */
export interface Point {
  y: number;
  /** Ends of the interval; null without one. */
  low: number | null;
  high: number | null;
  /** `bound`: a lower bound, or measured at a share of one. */
  mark: 'plain' | 'bound';
  /** The figure and its interval as tables have them; `range` is empty without one. */
  text: string;
  range: string;
  /** Id of the cell. */
  cell: string;
}

/** What a cell's own page shows. */
export interface CellView {
  /** Markup of all but the charts. */
  html: string;
  /** Round trips of all runs by percentile: a curve a load. */
  curves: { name: string; points: CurvePoint[] }[];
  /** Of the run nearest to the median; null where none is recorded. */
  course: CourseView | null;
}

/** A percentile as its nines (2 is the 99th), and µs. */
export type CurvePoint = [nines: number, microseconds: number];

/** A run over time; phases by the clock of the generator. */
export interface CourseView {
  phases: { phase: PhaseName; beginS: number; endS: number }[];
  panels: Panel[];
}

/** A chart over time: each series has a value for each end. */
export interface Panel {
  title: string;
  unit: string;
  /** `host`: counted from the first reading of a host, which is where its measure phase begins. */
  clock: 'generator' | 'host';
  endS: number[];
  series: { name: string; values: (number | null)[] }[];
}
