import { formatCpuList } from '../../common/cli/cpu-list.js';
import { abilities } from '../../impls/abilities.js';
import type { Load, Placement } from '../../model/cell.js';
import type { EngineId, ImplementationId } from '../../model/ids.js';
import type { IdleMode } from '../../model/settings.js';
import { Seats } from './seats.js';

/** What placement depends on. */
export interface PlacementRequest {
  /** Online and allowed CPU numbers, ascending. */
  cpus: readonly number[];
  /** Hyper-thread groups; a CPU in none is a core of its own. */
  siblings: readonly (readonly number[])[];
  /** The CPUs of each NUMA node by its number; empty where the host names none. */
  nodes: Readonly<Record<number, readonly number[]>>;
  /** How fast each CPU is, in any unit; empty where nothing tells. */
  speed: Readonly<Record<number, number>>;
  /** The CPUs that the generator's threads may have; null for any. */
  generatorCpus: readonly number[] | null;
  threads: number;
  queues: number;
  load: Load;
  implementation: ImplementationId;
  /** How its threads wait, of the ways that it has; null: they block, as those of every implementation can. */
  idle: IdleMode | null;
}

/** Who runs where, or the reason why this host cannot run the point. */
export type PlacementResult = { engine: EngineId; placement: Placement; idle: IdleMode } | { skip: string };

/**
 * Places generator threads from the lowest CPU up and invoker threads from the highest down, without sharing a CPU while
 * that is possible; then on one NUMA node, that of the first generator CPU, while that is possible; then without sharing
 * a core. `generatorCpus[q]` feeds queue `q` when the engine is `live`; a `closed` load has a CPU a connection where the
 * host has that many beside invoker and harness; `none` has no generator and leaves its CPU to the harness. XDP has no
 * threads to place: its `invokerCpus` are those that it runs on.
 */
export function place(request: PlacementRequest): PlacementResult {
  const cpus = [...request.cpus].sort((a, b) => a - b);
  const lowest = cpus[0];
  if (lowest === undefined || cpus.length < 2) {
    const has = lowest === undefined ? 'this process may use no CPU' : `this process may use only CPU ${lowest}`;
    const needs = 'a cell needs two: one for the invoker, one for the generator and the harness';
    return { skip: `${has}, and ${needs}; isolated CPUs have to be named (--cpus)` };
  }
  const mayGenerate = [...(request.generatorCpus ?? cpus)].sort((a, b) => a - b);
  const seats = new Seats(cpus, request.siblings, nodeOf(request.nodes, mayGenerate[0] ?? lowest));
  const { engine, generatorCpus } = placeGenerator(request, mayGenerate, seats);
  for (const cpu of generatorCpus) seats.take(cpu, 'generator');

  // A lone generator feeds every queue, and the harness needs a turn while an invoker spins: their CPU is not shared.
  // Of several generators each feeds one queue, and an invoker thread may sit beside one. What the user gave to the
  // generator is the generator's.
  const alone = generatorCpus.length > 1 ? [] : [generatorCpus[0] ?? lowest];
  const kept = new Set(request.generatorCpus ?? alone);
  const others = cpus.filter((candidate) => !kept.has(candidate)).reverse();
  if (others.length === 0) return { skip: 'the CPUs of the generator leave none to the invoker' };
  const threadless = abilities[request.implementation].threads === 'none';
  const invokerCpus = Array.from({ length: request.threads }, (_, thread) => {
    // On veth the receive context is that of the sender; at rest there is none.
    if (threadless) return generatorCpus[thread] ?? generatorCpus[0] ?? seats.pick(others);
    const cpu = seats.pick(others);
    seats.take(cpu, 'invoker');
    return cpu;
  });

  const warnings = seats.warnings();
  if (engine === 'afxdp') {
    warnings.push(
      `One generator thread on CPU ${generatorCpus[0]} feeds ${request.queues} queues through AF_XDP sockets, because ` +
        `live frames from CPUs ${formatCpuList(cpus)} cannot reach them all: compare only with cells fed the same way.`,
    );
  }
  if (threadless) warnings.push(...sharedContext(request.load));
  if (request.load.kind === 'closed') {
    const { connections } = request.load;
    const where = `CPU${generatorCpus.length > 1 ? 's' : ''} ${formatCpuList(generatorCpus)}`;
    if (connections > generatorCpus.length)
      warnings.push(
        `${connections} connections take turns on ${where}: their round trips include waiting for each other.`,
      );
  }
  const busy = [...generatorCpus, ...invokerCpus];
  const nodes = nodesOf(request.nodes, busy);
  if (nodes.length > 1)
    warnings.push(`Threads run on NUMA nodes ${nodes.join(' and ')}: what they exchange crosses the interconnect.`);
  warnings.push(...unequal(request.speed, busy));
  return {
    engine,
    placement: {
      generatorCpus,
      invokerCpus,
      housekeepingCpu: seats.pickIdle(cpus) ?? generatorCpus[0] ?? lowest,
      nodes,
      sharing: cpus.some((cpu) => seats.busyOn(cpu) > 1) ? 'shared' : 'exclusive',
      cores: seats.crowdedCores().length > 0 ? 'shared' : 'own',
      warnings,
    },
    // All wait alike unless told otherwise: a wake-up is not to be compared with none.
    idle: request.idle ?? 'poll',
  };
}

/** What the figure of an implementation holds that runs where the request was sent. */
function sharedContext(load: Load): string[] {
  if (load.kind === 'none') return [];
  return load.kind === 'closed'
    ? ["On veth XDP_TX runs on the client's CPU: its round trips wake no other."]
    : ["On veth XDP_TX runs on the generator's CPU: the figure holds generator, server and reply counter together."];
}

/** Above this ratio of their speeds two CPUs are not alike: a favoured core of one kind differs by less. */
const alikeRatio = 1.1;

/** That the busy threads do not run equally fast, where it is so. */
function unequal(speed: PlacementRequest['speed'], busy: readonly number[]): string[] {
  const known = busy.flatMap((cpu) => (speed[cpu] === undefined ? [] : [{ cpu, speed: speed[cpu] }]));
  const [slowest, fastest] = [
    known.toSorted((a, b) => a.speed - b.speed)[0],
    known.toSorted((a, b) => b.speed - a.speed)[0],
  ];
  if (!slowest || !fastest || fastest.speed <= alikeRatio * slowest.speed) return [];
  const ratio = (fastest.speed / slowest.speed).toFixed(1);
  return [`Unequal cores: CPU ${fastest.cpu} is up to ${ratio} times as fast as CPU ${slowest.cpu} (see --cpus).`];
}

/** The CPUs of the node of a CPU; none where the host names no nodes. */
function nodeOf(nodes: PlacementRequest['nodes'], cpu: number): ReadonlySet<number> {
  return new Set(Object.values(nodes).find((node) => node.includes(cpu)));
}

function nodesOf(nodes: PlacementRequest['nodes'], cpus: readonly number[]): number[] {
  return Object.entries(nodes)
    .filter(([, own]) => own.some((cpu) => cpus.includes(cpu)))
    .map(([node]) => Number(node))
    .sort((a, b) => a - b);
}

function placeGenerator(
  request: PlacementRequest,
  mayGenerate: readonly number[],
  seats: Seats,
): { engine: EngineId; generatorCpus: number[] } {
  const lowest = mayGenerate.slice(0, 1);
  if (request.load.kind === 'none') return { engine: 'none', generatorCpus: [] };
  if (request.load.kind === 'closed')
    return { engine: 'socket', generatorCpus: clients(request, request.load.connections, mayGenerate, seats) };
  const covering = coverResidues(request.queues, mayGenerate, seats);
  return covering ? { engine: 'live', generatorCpus: covering } : { engine: 'afxdp', generatorCpus: lowest };
}

/** The CPUs of the client's threads: what the host has beside a core for each invoker thread and one for the harness. */
function clients(
  request: PlacementRequest,
  connections: number,
  mayGenerate: readonly number[],
  seats: Seats,
): number[] {
  const spare = seats.coreCount() - request.threads - 1;
  // XDP runs on the CPU of each client: one, so that its cost is known.
  const most = abilities[request.implementation].threads === 'none' ? 1 : Math.max(1, spare);
  const trial = seats.copy();
  return Array.from({ length: Math.min(connections, most, mayGenerate.length) }, () => {
    const cpu = trial.pick(mayGenerate);
    trial.take(cpu, 'generator');
    return cpu;
  });
}

/** A CPU for each residue modulo `queues`, by residue: veth puts a live frame on the queue of that number. Null if one has none. */
function coverResidues(queues: number, cpus: readonly number[], seats: Seats): number[] | null {
  const residues = Array.from({ length: queues }, (_, residue) => ({
    residue,
    candidates: cpus.filter((cpu) => cpu % queues === residue),
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
