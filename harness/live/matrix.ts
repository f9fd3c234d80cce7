import { formatLoad, matrixLabel, type PlannedCell } from '../../model/cell.js';

/** How far a cell is; of one with several runs the worst that was found. */
export type CellState = 'waiting' | 'running' | 'partly' | 'done' | 'skipped' | 'invalid' | 'failed';

/** A character a state, and what it means. */
export const cellMarks: Record<CellState, { mark: string; meaning: string }> = {
  waiting: { mark: '·', meaning: 'to come' },
  running: { mark: '>', meaning: 'now' },
  partly: { mark: '▄', meaning: 'some runs' },
  done: { mark: '█', meaning: 'all runs' },
  invalid: { mark: '!', meaning: 'invalid' },
  failed: { mark: '×', meaning: 'failed' },
  skipped: { mark: '–', meaning: 'cannot run' },
};

/** The cells of a plan: a row an implementation and variant, columns by load and matrix point, in them by frame size. */
export interface Matrix {
  groups: { load: string; point: string; sizes: number[] }[];
  /** `cells`: for each group the marks of its sizes, a blank where the plan has no such cell. */
  rows: { name: string; cells: string[] }[];
}

/** Where the cells of a plan stand in its matrix. */
export class MatrixLayout {
  readonly #groups = new Map<string, { load: string; point: string; sizes: number[] }>();
  readonly #rows = new Map<string, Map<string, string>>();

  constructor(plan: readonly PlannedCell[]) {
    for (const { cell } of plan) {
      const [load, point] = [formatLoad(cell.load), matrixLabel(cell)];
      const group = this.#groups.get(`${load} ${point}`) ?? { load, point, sizes: [] };
      if (!group.sizes.includes(cell.packetBytes)) group.sizes.push(cell.packetBytes);
      this.#groups.set(`${load} ${point}`, group);
      const name = cell.variant === '' ? cell.implementation : `${cell.implementation} ${cell.variant}`;
      const row = this.#rows.get(name) ?? new Map<string, string>();
      row.set(`${load} ${point} ${cell.packetBytes}`, cell.id);
      this.#rows.set(name, row);
    }
    for (const { sizes } of this.#groups.values()) sizes.sort((a, b) => a - b);
  }

  /** The matrix with the states of its cells, which are told by id. */
  fill(stateOf: (id: string) => CellState): Matrix {
    const groups = [...this.#groups.values()];
    const rows = [...this.#rows].map(([name, ids]) => ({
      name,
      cells: groups.map(({ load, point, sizes }) =>
        sizes
          .map((size) => {
            const id = ids.get(`${load} ${point} ${size}`);
            return id === undefined ? ' ' : cellMarks[stateOf(id)].mark;
          })
          .join(''),
      ),
    }));
    return { groups, rows };
  }
}
