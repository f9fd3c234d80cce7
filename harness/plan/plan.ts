import { expandCpus } from '../../common/cli/tuning.js';
import { waitsOf } from '../../impls/abilities.js';
import type { Cell, Load, MatrixPoint, PlannedCell, Scenario } from '../../model/cell.js';
import { formatLoad, matrixLabel, wireQueues } from '../../model/cell.js';
import type { FunctionId, ImplementationId } from '../../model/ids.js';
import { formatVariant, type Variant } from '../../model/settings.js';
import type { Tuning } from '../../model/tuning.js';
import { ceilingNs, ceilingQuestions } from './ceilings.js';
import { type Ends, type PlacementRequest, type PlacementResult, place } from './placement.js';

const setupNs = 0.5e9;
/** The search for the rate at which replies stop growing. */
const rateSearchNs = 1.4e9;
const overloadNs = 0.3e9;
const drainNs = 0.1e9;
/** As a rule; 30 s at most. */
const capacitySearchNs = 15e9;
const levels = 4;

/** One entry of the schedule; a skipped cell has one, with repeat 0. */
export interface Turn {
  /** 0-based. */
  repeat: number;
  planned: PlannedCell;
}

/** What a plan must know of functions and implementations. */
export interface Known {
  /** The UDP port that selects a function. */
  portOf(functionId: FunctionId): number;
  /** Why an implementation cannot serve a function at a point, whatever the host; null if it can. */
  cannot(
    implementation: ImplementationId,
    asked: MatrixPoint & { functionId: FunctionId; wireQueues: number },
  ): string | null;
  /** The part of a variant that an implementation has. */
  variantOf(implementation: ImplementationId, variant: Variant): Variant;
}

/**
 * Every cell of the scenario once: load by load, then by implementation, matrix point and size, in the scenario's order.
 * What an implementation or this host cannot run is skipped with the reason, not left out.
 */
export function planCells(scenario: Scenario, ends: Ends, known: Known): PlannedCell[] {
  const planned = new Map<string, PlannedCell>();
  for (const { load, matrix, sizes, implementations, variants } of scenario.loads) {
    for (const implementation of implementations ?? scenario.implementations) {
      for (const point of matrix) {
        for (const wished of variants ?? scenario.variants) {
          const variant = known.variantOf(implementation, wished);
          const { functionId } = scenario;
          const tuning = { ...scenario.tuning, ...variant.tuning };
          const queues = wireQueues({ ...point, tuning });
          const refusal = known.cannot(implementation, { ...point, functionId, wireQueues: queues });
          const idle = variant.idle ?? waitsOf(implementation);
          const irqAffinity = tuning.irqAffinity === undefined ? null : expandCpus('irqAffinity', tuning.irqAffinity);
          const asked = { threads: point.threads, queues, load, implementation, idle, irqAffinity };
          const placed: PlacementResult =
            refusal === null ? placePoint(scenario, ends, point, asked) : { skip: refusal };
          for (const packetBytes of sizes) {
            const values = { implementation, point, packetBytes, load, variant, tuning, placed };
            const entry = planCell(scenario, ends, known, values);
            if (!planned.has(entry.cell.id)) planned.set(entry.cell.id, entry);
          }
        }
      }
    }
  }
  return [...planned.values()];
}

/** Skipped cells once, then `repeats` rounds of all others, each round in an order shuffled from `seed` (32 bits). */
export function schedule(cells: readonly PlannedCell[], repeats: number, seed: number): Turn[] {
  const random = mulberry32(seed);
  const skipped = cells.filter(({ state }) => state === 'skipped').map((planned) => ({ repeat: 0, planned }));
  const runnable = cells.filter(({ state }) => state === 'runnable');
  const rounds = Array.from({ length: repeats }, (_, repeat) =>
    shuffle(runnable, random).map((planned) => ({ repeat, planned })),
  );
  return [...skipped, ...rounds.flat()];
}

/** How long one run of the cell will take, in nanoseconds: an estimate for the time left. */
export function expectedNs(cell: Pick<Cell, 'load' | 'durationNs' | 'warmupNs'>): number {
  return setupNs + cell.warmupNs + loadNs(cell) + drainNs;
}

function loadNs({ load, durationNs }: Pick<Cell, 'load' | 'durationNs'>): number {
  switch (load.kind) {
    case 'saturate':
      return rateSearchNs + durationNs + overloadNs;
    case 'capacity':
      return rateSearchNs + capacitySearchNs + durationNs;
    case 'latency-under-load':
      return rateSearchNs + capacitySearchNs + levels * durationNs;
    default:
      return durationNs;
  }
}

/** How long all runs of the plan will take, and before them what the generator can send, in nanoseconds. */
export function expectedTotalNs(cells: readonly PlannedCell[], repeats: number): number {
  const runsNs = cells.reduce(
    (sum, { state, cell }) => sum + (state === 'runnable' ? expectedNs(cell) * repeats : 0),
    0,
  );
  return ceilingQuestions(cells).length * ceilingNs + runsNs;
}

/** Who runs where at a point of a scenario, as it is pinned or chosen; the queues of the wire may be others. */
export function placePoint(
  { cpus, pinned }: Pick<Scenario, 'cpus' | 'pinned'>,
  ends: Ends,
  point: MatrixPoint,
  asked: Pick<PlacementRequest, 'threads' | 'queues' | 'load' | 'implementation' | 'idle' | 'irqAffinity'>,
): PlacementResult {
  const own = pinned.filter(({ threads, queues }) => threads === point.threads && queues === point.queues);
  const entry = (implementation: ImplementationId | null) =>
    own.find((point) => point.implementation === implementation);
  return place({
    ...{ ...asked, ...ends, roles: cpus },
    pinned: entry(asked.implementation) ?? entry(null) ?? null,
  });
}

interface Values {
  implementation: ImplementationId;
  point: MatrixPoint;
  packetBytes: number;
  load: Load;
  variant: Variant;
  tuning: Tuning;
  placed: PlacementResult;
}

function planCell(
  scenario: Scenario,
  ends: Ends,
  known: Known,
  { implementation, point, packetBytes, load, variant, tuning, placed }: Values,
): PlannedCell {
  const { threads, queues } = point;
  const values = {
    id: [implementation, matrixLabel(point), packetBytes, scenario.functionId, formatLoad(load), formatVariant(variant)]
      .filter((part) => part !== '')
      .join('-'),
    implementation,
    threads,
    queues,
    packetBytes,
    functionId: scenario.functionId,
    port: known.portOf(scenario.functionId),
    load,
    topology: scenario.topology,
    durationNs: scenario.durationNs,
    warmupNs: scenario.warmupNs,
    settings: variant.settings,
    tuning,
    variant: formatVariant(variant),
  };
  return 'skip' in placed
    ? { state: 'skipped', cell: { ...values, ...nowhere(ends) }, reason: placed.skip }
    : { state: 'runnable', cell: { ...values, ...placed, tuning: { ...placingInterrupts(placed), ...tuning } } };
}

/** Interrupts go where they are placed as by any tuning: journaled, read back and undone. Nobody moves them meanwhile. */
function placingInterrupts({ placement: { irqCpus } }: Exclude<PlacementResult, { skip: string }>): Tuning {
  return irqCpus.length === 0 ? {} : { irqbalance: 'paused', irqAffinity: irqCpus.join('+') };
}

/** A skipped cell is fed by nothing and runs on no CPU. */
function nowhere({ server, clients }: Ends): Pick<Cell, 'engine' | 'idle' | 'placement'> {
  const housekeepingCpu = server.cpus[0] ?? 0;
  return {
    engine: 'none',
    idle: 'poll',
    placement: {
      clients: clients.map(({ cpus }) => ({ generatorCpus: [], housekeepingCpu: cpus[0] ?? 0 })),
      invokerCpus: [],
      irqCpus: [],
      housekeepingCpu,
      nodes: [],
      sharing: 'exclusive',
      cores: 'own',
      warnings: [],
    },
  };
}

/** Fisher-Yates on a copy, from the last place down. */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}

/** mulberry32 by Tommy Ettinger (2017, public domain): 32 bits of state, numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
