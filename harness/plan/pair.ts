import { BenchError } from '../../common/cli/errors.js';
import type { Cell, Scenario } from '../../model/cell.js';
import type { Build, Candidate, PairQuestion, ProgramCell } from '../../model/pair.js';
import type { HostCpus } from './host-cpus.js';
import { onVeth } from './placement.js';
import { expectedNs, type Known, placePoint, planCells } from './plan.js';

/** What one candidate runs at one frame size. */
export type Seat =
  /** `build`: whose invoker serves; null: this tree's. */
  { kind: 'implementation'; cell: Cell; build: Build | null } | { kind: 'program'; cell: ProgramCell };

/** One candidate's attempt within a turn. */
export interface Attempt {
  packetBytes: number;
  control: number | null;
  turn: number;
  side: 0 | 1;
  seat: Seat;
}

const topology = 'veth';
/** Placement may choose among all CPUs of this process. */
export const anyCpus = { cpus: { any: null, server: null, client: null, irq: null }, pinned: [] };
/** What a program's own start and end take beyond a cell's. */
const programNs = 1e9;

/**
 * Every attempt in its order. Turns are the outer loop, so that a drift of the machine meets all sizes and controls
 * alike, and within a comparison the order of the two sides alternates from turn to turn. Throws BenchError for what
 * this host cannot run.
 */
export function planPair(question: PairQuestion, host: HostCpus, known: Known): Attempt[] {
  const [firstSize = 0] = question.sizes;
  const comparisons = [
    ...question.sizes.map((packetBytes) => ({ packetBytes, control: null })),
    ...Array.from({ length: question.controls }, (_, control) => ({ packetBytes: firstSize, control })),
  ];
  const seats = new Map<string, Seat>();
  const seatOf = (index: 0 | 1, packetBytes: number): Seat => {
    const key = `${index} ${packetBytes}`;
    const seat = seats.get(key) ?? seatAt(question.candidates[index], packetBytes, question, host, known);
    seats.set(key, seat);
    return seat;
  };
  return Array.from({ length: question.turns }, (_, turn) =>
    comparisons.flatMap(({ packetBytes, control }, index) => {
      const order: (0 | 1)[] = (turn + index) % 2 === 0 ? [0, 1] : [1, 0];
      return order.map((side) => {
        const seat = seatOf(control === null ? side : 0, packetBytes);
        return { packetBytes, control, turn, side, seat };
      });
    }),
  ).flat();
}

/** How long attempts will take, in nanoseconds: an estimate. */
export function expectedPairNs(attempts: readonly Attempt[]): number {
  return attempts.reduce((sum, { seat }) => {
    return sum + expectedNs(seat.cell) + (seat.kind === 'program' ? programNs : 0);
  }, 0);
}

function seatAt(candidate: Candidate, packetBytes: number, question: PairQuestion, host: HostCpus, known: Known): Seat {
  if (candidate.kind === 'program') return programSeat(candidate, packetBytes, question, host, known);
  const { load, point, durationNs, warmupNs, turns } = question;
  const scenario: Scenario = {
    name: 'pair',
    implementations: [candidate.implementation],
    functionId: candidate.functionId,
    loads: [{ load, matrix: [point], sizes: [packetBytes], implementations: null, variants: null }],
    variants: [candidate.variant],
    tuning: {},
    ...{ topology, sides: null, cards: null, durationNs, warmupNs, repeats: turns, seed: 0, ...anyCpus },
  };
  const [planned] = planCells(scenario, onVeth(host), known);
  if (planned?.state !== 'runnable')
    throw new BenchError('PLACEMENT', `${candidate.name} cannot run: ${planned?.reason ?? 'it has no cell'}`);
  return { kind: 'implementation', cell: planned.cell, build: candidate.build };
}

/** A program has the CPU that an invoker's thread would have. */
function programSeat(
  { name, program }: Extract<Candidate, { kind: 'program' }>,
  packetBytes: number,
  { load, point, durationNs, warmupNs }: PairQuestion,
  host: HostCpus,
  known: Known,
): Seat {
  const asked = { ...point, load, implementation: 'recvfrom', idle: null, irqAffinity: null } as const;
  const placed = placePoint(anyCpus, onVeth(host), point, asked);
  if ('skip' in placed) throw new BenchError('PLACEMENT', `${name} cannot run: ${placed.skip}`);
  const { engine, placement } = placed;
  const { functionId } = program;
  const port = known.portOf(functionId);
  const cell = { functionId, packetBytes, queues: point.queues, port, load, topology, durationNs, warmupNs } as const;
  return { kind: 'program', cell: { ...cell, engine, placement, program } };
}
