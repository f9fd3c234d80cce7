import { abilities } from '../../impls/abilities.js';
import type { EngineId } from '../../model/ids.js';
import type { PlacementRequest } from './placement.js';
import type { Seats } from './seats.js';

/** Which engine feeds a point, and one CPU for each of its threads, of those in `pool`; none of them is seated yet. */
export function placeGenerator(
  request: PlacementRequest,
  pool: readonly number[],
  seats: Seats,
): { engine: EngineId; generatorCpus: number[] } {
  const { load, queues, nic, pinned } = request;
  // What the user wrote down is in the order of the threads, and not chosen among.
  const choose: Choose = pinned?.generatorCpus ? ([first]) => first as number : (cpus, own) => own.pick(cpus);
  if (load.kind === 'none') return { engine: 'none', generatorCpus: [] };
  if (load.kind === 'closed') {
    const threads = Math.min(load.connections, clientCount(request, pool, seats));
    return {
      engine: 'socket',
      generatorCpus: pinned?.generatorCpus?.slice(0, threads) ?? spread(threads, pool, seats),
    };
  }
  if (nic !== null)
    return { engine: 'live', generatorCpus: pinned?.generatorCpus?.slice(0, queues) ?? spread(queues, pool, seats) };
  const covering = coverResidues(queues, pool, seats, choose);
  return covering
    ? { engine: 'live', generatorCpus: covering }
    : { engine: 'afxdp', generatorCpus: [choose(pool, seats)] };
}

/** Chooses one of the CPUs. */
type Choose = (cpus: readonly number[], seats: Seats) => number;

/** How many CPUs the client's threads may have: what is left beside a core for each invoker thread and the harness. */
function clientCount(
  { server, client, nic, roles, pinned, implementation, threads }: PlacementRequest,
  pool: readonly number[],
  seats: Seats,
): number {
  // On veth XDP runs on the CPU of each client: one, so that its cost is known.
  if (nic === null && abilities[implementation].threads === 'none') return 1;
  if (pinned?.generatorCpus || roles.client) return pool.length;
  // The harness does with CPUs that no measured thread would like.
  const liked = likedOf(client, pool);
  const harness = liked.length < pool.length ? 0 : 1;
  const invokers = client === server && roles.server === null && pinned === null ? threads : 0;
  const taken = seats.coreCount(seats.taken.map(({ cpu }) => cpu));
  return Math.min(pool.length, Math.max(1, seats.coreCount(liked) - invokers - taken - harness));
}

/** The isolated ones where there are any, of those the fastest. */
function likedOf({ isolated, kinds }: PlacementRequest['client'], pool: readonly number[]): readonly number[] {
  const some = (cpus: readonly number[], wish: readonly number[]) => {
    const granted = cpus.filter((cpu) => wish.includes(cpu));
    return granted.length > 0 ? granted : cpus;
  };
  return some(some(pool, isolated), kinds[0]?.cpus ?? []);
}

function spread(threads: number, pool: readonly number[], seats: Seats): number[] {
  const trial = seats.copy();
  return Array.from({ length: threads }, () => {
    const cpu = trial.pick(pool);
    trial.take(cpu, 'generator');
    return cpu;
  });
}

/** A CPU for each residue modulo `queues`, by residue: veth puts a live frame on the queue of that number. Null if one has none. */
function coverResidues(queues: number, cpus: readonly number[], seats: Seats, choose: Choose): number[] | null {
  const residues = Array.from({ length: queues }, (_, residue) => ({
    residue,
    candidates: cpus.filter((cpu) => cpu % queues === residue),
  }));
  if (residues.some(({ candidates }) => candidates.length === 0)) return null;
  const chosen: number[] = [];
  const trial = seats.copy();
  // The residue with the fewest CPUs chooses first, so that the others can keep off its core.
  for (const { residue, candidates } of residues.toSorted((a, b) => a.candidates.length - b.candidates.length)) {
    const cpu = choose(candidates, trial);
    trial.take(cpu, 'generator');
    chosen[residue] = cpu;
  }
  return chosen;
}
