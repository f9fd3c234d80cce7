import { axisFlags, cellFlags, commandLine, settingsOf } from '../../common/cli/cell-command.js';
import { formatDuration } from '../../common/cli/values.js';
import type { CardSide, CpuRoles, FarSide, Scenario } from '../../model/cell.js';
import type { CellSummary } from '../../model/summary.js';

/**
 * The command that runs one cell of a scenario again, as a shell takes it. What the scenario file set of host and interface
 * becomes axes of one value, which are then part of the cell's name. A placement file is not in the records: see
 * `needsPlacementFile`.
 */
export function commandOf(scenario: Scenario, cell: CellSummary): string {
  const { topology, sides, cards, cpus, durationNs, warmupNs, repeats, tuning } = scenario;
  const ends = sides
    ? { server: farSide(sides.server), clients: sides.clients.map(farSide) }
    : cards && { server: cardSide(cards.server), clients: [cardSide(cards.client)] };
  const named = settingsOf(cell).map((setting) => setting.split('=')[0]);
  const inherited = Object.entries(tuning).filter(([name]) => !named.includes(name));
  const roles = formatRoles(cpus);
  return commandLine([
    ...cellFlags(cell),
    ...axisFlags([...inherited.map(([name, value]) => `${name}=${value}`), ...settingsOf(cell)]),
    ['--duration', formatDuration(durationNs)],
    ['--warmup', formatDuration(warmupNs)],
    ['--repeats', String(repeats)],
    ['--topology', topology],
    ...(ends ? [['--server', ends.server] satisfies [string, string]] : []),
    ...(ends?.clients ?? []).map((client): [string, string] => ['--client', client]),
    ...(roles === '' ? [] : [['--cpus', roles] satisfies [string, string]]),
  ]);
}

/** Whether the CPUs of the cell were written down in a file that the command has to name, too. */
export function needsPlacementFile({ pinned }: Scenario, cell: CellSummary): boolean {
  return pinned.some(
    ({ threads, queues, implementation }) =>
      threads === cell.threads && queues === cell.queues && (implementation ?? cell.impl) === cell.impl,
  );
}

function farSide({ target, root, inUse, ...card }: FarSide): string {
  const more = [...(root === null ? [] : [`dir=${root}`]), ...(inUse === 'allow' ? [`in-use=${card.interface}`] : [])];
  return [target, cardSide(card), ...more].join(',');
}

function cardSide(card: CardSide): string {
  return `if=${card.interface},ip=${card.address}`;
}

function formatRoles({ any, server, client, irq }: CpuRoles): string {
  const lists = Object.entries({ server, client, irq }).map(([role, cpus]) => cpus && `${role}=${cpus.join()}`);
  return [any?.join(), ...lists].filter((list) => list != null).join();
}
