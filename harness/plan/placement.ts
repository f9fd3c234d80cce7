import { formatCpuList } from '../../common/process/cpus.js';
import { abilities } from '../../impls/abilities.js';
import type { Load, Placement } from '../../model/cell.js';
import type { EngineId, ImplementationId } from '../../model/ids.js';
import type { IdleMode } from '../../model/settings.js';

/** What placement depends on. */
export interface PlacementRequest {
  /** Online and allowed CPU numbers, ascending. */
  cpus: readonly number[];
  /** Hyper-thread groups; a CPU in none is a core of its own. */
  siblings: readonly (readonly number[])[];
  threads: number;
  queues: number;
  load: Load;
  implementation: ImplementationId;
}

/** Who runs where, or the reason why this host cannot run the point. */
export type PlacementResult = { engine: EngineId; placement: Placement; idle: IdleMode } | { skip: string };

/**
 * Places generator threads from the lowest CPU up and invoker threads from the highest down, without sharing a CPU or
 * else a core while that is possible. `generatorCpus[q]` feeds queue `q` when the engine is `live`; a `closed` load
 * has one generator CPU for all its connections; `none` has no generator and leaves its CPU to the harness. XDP has no
 * threads to place: its `invokerCpus` are those that it runs on.
 */
export function place(request: PlacementRequest): PlacementResult {
  const cpus = [...request.cpus].sort((a, b) => a - b);
  const lowest = cpus[0];
  if (lowest === undefined || cpus.length < 2) {
    const has = lowest === undefined ? 'this process may use no CPU' : `this process may use only CPU ${lowest}`;
    return { skip: `${has}, and a cell needs two: one for the invoker, one for the generator and the harness` };
  }
  const seats = new Seats(cpus, request.siblings);
  const { engine, generatorCpus } = placeGenerator(request, seats);
  for (const cpu of generatorCpus) seats.take(cpu, 'generator');

  // A lone generator feeds every queue, and the harness needs a turn while an invoker spins: their CPU is not shared.
  // Of several generators each feeds one queue, and an invoker thread may sit beside one.
  const kept = generatorCpus.length > 1 ? null : (generatorCpus[0] ?? lowest);
  const others = cpus.filter((candidate) => candidate !== kept).reverse();
  const threadless = abilities[request.implementation].threads === 'none';
  const invokerCpus = Array.from({ length: request.threads }, (_, thread) => {
    // On veth the receive context is that of the sender; at rest there is none.
    if (threadless) return generatorCpus[thread] ?? generatorCpus[0] ?? seats.pick(others);
    const cpu = seats.pick(others);
    seats.take(cpu, 'invoker');
    return cpu;
  });

  const spins = request.implementation === 'afxdp' && invokerCpus.every((cpu) => seats.busyOn(cpu) === 1);
  const warnings = seats.warnings();
  if (engine === 'afxdp') {
    warnings.push(
      `One generator thread on CPU ${generatorCpus[0]} feeds ${request.queues} queues through AF_XDP sockets, because ` +
        `live frames from CPUs ${formatCpuList(cpus)} cannot reach them all: compare only with cells fed the same way.`,
    );
  }
  if (threadless) warnings.push(...sharedContext(request.load));
  if (request.load.kind === 'closed' && request.load.connections > 1) {
    const count = `${request.load.connections} connections`;
    warnings.push(`${count} take turns on CPU ${generatorCpus[0]}: their round trips include waiting for each other.`);
  }
  return {
    engine,
    placement: {
      generatorCpus,
      invokerCpus,
      housekeepingCpu: seats.pickIdle(cpus) ?? generatorCpus[0] ?? lowest,
      sharing: cpus.some((cpu) => seats.busyOn(cpu) > 1) ? 'shared' : 'exclusive',
      cores: seats.crowdedCores().length > 0 ? 'shared' : 'own',
      warnings,
    },
    idle: spins ? 'spin' : 'poll',
  };
}

/** What the figure of an implementation holds that runs where the request was sent. */
function sharedContext(load: Load): string[] {
  if (load.kind === 'none') return [];
  return load.kind === 'closed'
    ? ["On veth XDP_TX runs on the client's CPU: its round trips wake no other."]
    : ["On veth XDP_TX runs on the generator's CPU: the figure holds generator, server and reply counter together."];
}

function placeGenerator(request: PlacementRequest, seats: Seats): { engine: EngineId; generatorCpus: number[] } {
  const lowest = seats.cpus.slice(0, 1);
  if (request.load.kind === 'none') return { engine: 'none', generatorCpus: [] };
  if (request.load.kind === 'closed') return { engine: 'socket', generatorCpus: lowest };
  const covering = coverResidues(request.queues, seats);
  return covering ? { engine: 'live', generatorCpus: covering } : { engine: 'afxdp', generatorCpus: lowest };
}

/** A CPU for each residue modulo `queues`, by residue: veth puts a live frame on the queue of that number. Null if one has none. */
function coverResidues(queues: number, seats: Seats): number[] | null {
  const residues = Array.from({ length: queues }, (_, residue) => ({
    residue,
    candidates: seats.cpus.filter((cpu) => cpu % queues === residue),
  }));
  if (residues.some(({ candidates }) => candidates.length === 0)) return null;
  const chosen: number[] = [];
  const trial = seats.copy();
  // The residue with the fewest CPUs chooses first, so that the others can keep off its core.
  for (const { residue, candidates } of residues.toSorted((a, b) => a.candidates.length - b.candidates.length)) {
    const cpu = trial.pick(candidates);
    trial.take(cpu, 'generator');
    chosen[residue] = cpu;
  }
  return chosen;
}

type Role = 'generator' | 'invoker';

/** Which busy threads sit on which CPU and core. */
class Seats {
  readonly cpus: readonly number[];
  readonly #siblings: readonly (readonly number[])[];
  readonly #roles = new Map<number, Role[]>();
  readonly #core = new Map<number, readonly number[]>();

  constructor(cpus: readonly number[], siblings: readonly (readonly number[])[]) {
    this.cpus = cpus;
    this.#siblings = siblings;
    for (const cpu of cpus) {
      this.#roles.set(cpu, []);
      this.#core.set(cpu, siblings.find((group) => group.includes(cpu)) ?? [cpu]);
    }
  }

  copy(): Seats {
    const copy = new Seats(this.cpus, this.#siblings);
    for (const [cpu, roles] of this.#roles) for (const role of roles) copy.take(cpu, role);
    return copy;
  }

  take(cpu: number, role: Role): void {
    this.#roles.get(cpu)?.push(role);
  }

  busyOn(cpu: number): number {
    return this.#roles.get(cpu)?.length ?? 0;
  }

  /** The first of the least busy candidates, by CPU and then by core. */
  pick(candidates: readonly number[]): number {
    return firstBy(candidates, (cpu) => [this.busyOn(cpu), this.#coreRoles(cpu).length]);
  }

  /** A CPU without a busy thread, if possible on a core without one, and rather beside a generator than an invoker. */
  pickIdle(candidates: readonly number[]): number | null {
    const idle = candidates.filter((cpu) => this.busyOn(cpu) === 0);
    if (idle.length === 0) return null;
    return firstBy(idle, (cpu) => {
      const roles = this.#coreRoles(cpu);
      return [roles.filter((role) => role === 'invoker').length, roles.length];
    });
  }

  warnings(): string[] {
    const warnings = this.cpus.flatMap((cpu) => {
      const roles = this.#roles.get(cpu) ?? [];
      if (roles.length < 2) return [];
      const invokers = roles.filter((role) => role === 'invoker').length;
      const generators = roles.length - invokers;
      const parts = [generators > 0 ? `${generators} generator` : '', invokers > 0 ? `${invokers} invoker` : ''];
      return [`CPU ${cpu} runs ${roles.length} busy threads (${parts.filter(Boolean).join(', ')}).`];
    });
    const crowded = this.crowdedCores().map((group) => group.join('+'));
    if (crowded.length > 0) warnings.push(`Busy threads share physical cores: CPUs ${crowded.join(', ')}.`);
    return warnings;
  }

  /** The busy CPUs of each core that has several. */
  crowdedCores(): number[][] {
    const busyCpus = this.cpus.filter((cpu) => this.busyOn(cpu) > 0);
    const cores = new Map<readonly number[], number[]>();
    for (const cpu of busyCpus) {
      const core = this.#core.get(cpu) ?? [cpu];
      cores.set(core, [...(cores.get(core) ?? []), cpu]);
    }
    return [...cores.values()].filter((group) => group.length > 1);
  }

  #coreRoles(cpu: number): Role[] {
    return (this.#core.get(cpu) ?? [cpu]).flatMap((sibling) => this.#roles.get(sibling) ?? []);
  }
}

/** The first candidate with the smallest ranks, compared from left to right. */
function firstBy(candidates: readonly number[], ranksOf: (cpu: number) => [number, number]): number {
  const [first, ...rest] = candidates;
  if (first === undefined) throw new RangeError('no CPU to choose from');
  let best = { cpu: first, ranks: ranksOf(first) };
  for (const cpu of rest) {
    const ranks = ranksOf(cpu);
    if (ranks[0] < best.ranks[0] || (ranks[0] === best.ranks[0] && ranks[1] < best.ranks[1])) best = { cpu, ranks };
  }
  return best.cpu;
}
