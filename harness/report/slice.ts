import type { MatrixPoint } from '../../model/cell.js';
import { matrixLabel } from '../../model/cell.js';
import type { EngineId, FunctionId } from '../../model/ids.js';
import type { Answer, CellSummary, Summary } from '../../model/summary.js';
import { distinct, groupBy } from './group-by.js';
import { nameOf } from './standing.js';
import type { Extent } from './table.js';
import { workText } from './units.js';

/** Cells that may stand in one comparison: fed by the same engine and load, running the same function with as much work. */
export interface Slice {
  engine: EngineId;
  functionId: FunctionId;
  /** Behind the function; null where none was asked about, or several amounts stand beside each other. */
  workNs: number | null;
  load: string;
  /** What tells this slice from the others in a file name, e.g. `live` or `live-echo-saturate`. */
  suffix: string;
  cells: CellSummary[];
}

/** Cells of one slice at one frame size. */
export interface SizedSlice extends Slice {
  packetBytes: number;
}

const engineTitles: Record<EngineId, string> = {
  live: 'fed by XDP live frames',
  afxdp: 'fed by AF_XDP TX sockets',
  sendmmsg: 'fed by sendmmsg',
  socket: 'fed by UDP sockets',
  none: 'fed by nothing',
};

/** What fed a cell, as words for a title. */
export function engineTitle(engine: EngineId): string {
  return engineTitles[engine];
}

/** Cells of one slice at one matrix point and frame size, which differ in work. */
export interface WorkSlice extends SizedSlice {
  /** `1T1Q`. */
  point: string;
}

/** Of several amounts of work: all, or the least and the most. */
export type Amounts = 'all' | 'ends';

/** A brief report has all amounts in the tables of work alone. */
export const amountsIn = (extent: Extent): Amounts => (extent === 'brief' ? 'ends' : 'all');

/** Cells with one kind of answer by what may be compared; a slice in which no cell completed is left out. */
export function slicesOf(summary: Summary, kind: Answer['kind'], amounts: Amounts = 'all'): Slice[] {
  return slice(summary, ofKind(summary, kind, amounts), comparable);
}

/** The same by frame size. */
export function sizedSlicesOf(summary: Summary, kind: Answer['kind'], amounts: Amounts = 'all'): SizedSlice[] {
  const keyOf = (cell: CellSummary) => [...comparable(cell), cell.packetBytes];
  return slice(summary, ofKind(summary, kind, amounts), keyOf).map((part) => {
    const { packetBytes } = part.cells[0] as CellSummary;
    return { ...part, packetBytes, suffix: `${part.suffix}-${packetBytes}` };
  });
}

/** Peaks that stand side by side as work grows, at each matrix point and frame size where it was an axis. */
export function workSlicesOf(summary: Summary): WorkSlice[] {
  const cells = ofKind(summary, 'peak', 'all').filter(({ workNs }) => workNs !== null);
  const keyOf = (cell: CellSummary) => [cell.engine, cell.functionId, cell.load, cell.packetBytes, matrixLabel(cell)];
  return slice(summary, cells, keyOf)
    .filter((part) => distinct(part.cells.map(({ workNs }) => workNs)).length > 1)
    .map((part) => {
      const { packetBytes, ...rest } = part.cells[0] as CellSummary;
      const point = matrixLabel(rest);
      return { ...part, packetBytes, point, suffix: `${part.suffix}-${packetBytes}-${point}` };
    });
}

const comparable = ({ engine, functionId, workNs, load }: CellSummary) => [engine, functionId, String(workNs), load];

function ofKind(summary: Summary, kind: Answer['kind'], amounts: Amounts): CellSummary[] {
  const cells = summary.cells.filter(({ answer }) => answer.kind === kind);
  const asked = cells.flatMap(({ workNs }) => workNs ?? []);
  const ends = [Math.min(...asked), Math.max(...asked)];
  return amounts === 'all' ? cells : cells.filter(({ workNs }) => workNs === null || ends.includes(workNs));
}

/** Words for a title: the function, the work behind it, what fed it, and the load. */
export function describeSlice({
  functionId,
  workNs,
  engine,
  load,
}: Pick<Slice, 'functionId' | 'workNs' | 'engine' | 'load'>): string {
  const work = workNs === null ? '' : `, work ${workText(workNs)}`;
  return `function ${functionId}${work}, ${engineTitle(engine)}, load ${load}`;
}

/** Matrix points of the cells, by threads and then queues. */
export function matrixPointsOf(cells: readonly CellSummary[]): MatrixPoint[] {
  const points = new Map(cells.map(({ threads, queues }) => [matrixLabel({ threads, queues }), { threads, queues }]));
  return [...points.values()].sort((a, b) => a.threads - b.threads || a.queues - b.queues);
}

/** What is made of the cells at each matrix point of a slice, which is named as `2T1Q`. */
export function atEachPoint<T>({ cells }: Slice, make: (cells: CellSummary[], point: string) => T[]): T[] {
  return matrixPointsOf(cells).flatMap((point) =>
    make(
      cells.filter((cell) => isAt(cell, point)),
      matrixLabel(point),
    ),
  );
}

/** Frame sizes of the cells in bytes, ascending. */
export function sizesOf(cells: readonly CellSummary[]): number[] {
  return distinct(cells.map((cell) => cell.packetBytes)).sort((a, b) => a - b);
}

/** One line an implementation and matrix point, implementations in the order of the run. */
export function linesOf(cells: readonly CellSummary[]): { label: string; cells: CellSummary[] }[] {
  const points = matrixPointsOf(cells);
  return distinct(cells.map(nameOf)).flatMap((name) =>
    points
      .map((point) => ({
        label: labelOf(name, matrixLabel(point)),
        cells: cells.filter((cell) => nameOf(cell) === name && isAt(cell, point)),
      }))
      .filter((line) => line.cells.length > 0),
  );
}

/** `afxdp 1T1Q batch=64`: what varies stands last. */
function labelOf(name: string, point: string): string {
  const [impl = '', ...settings] = name.split(' ');
  return [impl, point, ...settings].join(' ');
}

/** Both name the same threads and queues. */
export function isAt(cell: MatrixPoint, point: MatrixPoint): boolean {
  return cell.threads === point.threads && cell.queues === point.queues;
}

function slice(summary: Summary, cells: CellSummary[], keyOf: (cell: CellSummary) => (string | number)[]): Slice[] {
  // A function, an amount of work or a load stands in names only where there is another to be told from.
  const functions = distinct(summary.cells.map((cell) => cell.functionId));
  const loads = distinct(cells.map((cell) => cell.load));
  const works = distinct(summary.cells.map((cell) => cell.workNs));
  return [...groupBy(cells, (cell) => keyOf(cell).join(' ')).values()]
    .filter((group) => group.some((cell) => cell.state === 'completed'))
    .map((group) => {
      const { engine, functionId, load } = group[0] as CellSummary;
      const [workNs = null, ...others] = distinct(group.map((cell) => cell.workNs));
      const parts = [
        engine,
        ...(functions.length > 1 ? [functionId] : []),
        ...(works.length > 1 && workNs !== null && others.length === 0 ? [`work${workNs}`] : []),
        ...(loads.length > 1 ? [load] : []),
      ];
      return {
        ...{ engine, functionId, load, cells: group, workNs: others.length === 0 ? workNs : null },
        suffix: parts.join('-').replaceAll('=', ''),
      };
    });
}
