import { matrixLabel } from '../../model/cell.js';
import type { Night, NightCell } from '../../model/night.js';
import type { CellSummary } from '../../model/summary.js';

export type Flag = [flag: string, value: string];

/** A command as a shell takes it. */
export function commandLine(flags: readonly Flag[]): string {
  return ['npm run bench --', ...flags.map(([flag, value]) => `${flag} ${quoted(value)}`)].join(' ');
}

/** The command that runs the cell of a night again; without what is not remembered of a night: phases and hosts. */
export function nightCommandOf({ topology, facts }: Pick<Night, 'topology' | 'facts'>, cell: NightCell): string {
  const { repeats } = facts;
  return commandLine([
    ...cellFlags(cell),
    ...axisFlags(settingsOf(cell)),
    ...(repeats === undefined ? [] : [['--repeats', repeats] satisfies Flag]),
    ['--topology', topology],
  ]);
}

export function cellFlags(cell: CellSummary | NightCell): Flag[] {
  return [
    ['--impls', cell.impl],
    ['--function', cell.functionId],
    ['--sizes', String(cell.packetBytes)],
    ['--matrix', matrixLabel(cell)],
    ['--load', cell.load],
  ];
}

/** What was set beside the defaults of an implementation: `batch=32`. */
export function settingsOf({ variant }: Pick<CellSummary, 'variant'>): string[] {
  return variant === '' ? [] : variant.split(',').map(withUnit);
}

/** A setting of an id, which has times as whole nanoseconds, as a user writes it. */
export function withUnit(setting: string): string {
  return setting.replace(/^(\w+Ns=\d+)$/, '$1ns');
}

export function axisFlags(axes: readonly string[]): Flag[] {
  return axes.map((axis) => ['--axis', axis]);
}

function quoted(value: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
