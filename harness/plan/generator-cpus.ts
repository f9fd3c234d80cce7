import { abilities } from '../../impls/abilities.js';
import type { EngineId } from '../../model/ids.js';
import { loadShares } from '../../model/shares.js';
import type { HostCpus } from './host-cpus.js';
import type { PlacementRequest } from './placement.js';
import type { Seats } from './seats.js';

/** What feeds a point. */
export interface Generators {
  engine: EngineId;
  /** Of each client, one CPU a thread. */
  cpus: [number[], ...number[][]];
}

/** The engine that all clients have, and the CPUs of each, of those in its pool; none of them is seated yet. */
export function placeGenerators(
  request: PlacementRequest,
  pools: readonly (readonly number[])[],
  seats: readonly Seats[],
): Generators {
  const { clients, load, pinned } = request;
  // What the user wrote down is in the order of the threads, and not chosen among.
  const choose: Choose = pinned?.generatorCpus ? ([first]) => first as number : (cpus, own) => own.pick(cpus);
  const shares = loadShares(load, clients.length);
  const placed = clients.map((client, index) => {
    const own = { ...request, client, load: shares[index] ?? load };
    return placeGenerator(own, pools[index] ?? [], seats[index] as Seats, choose);
  });
  // Figures of different engines are not to be added.
  const common = placed.find(({ engine }) => engine === 'afxdp')?.engine ?? placed[0]?.engine ?? 'none';
  const cpus = placed.map(({ engine, generatorCpus }, index) =>
    engine === common ? generatorCpus : [choose(pools[index] ?? [], seats[index] as Seats)],
  );
  return { engine: common, cpus: cpus as Generators['cpus'] };
}

/** What the generator of one client depends on. */
interface ClientRequest extends PlacementRequest {
  client: HostCpus;
}

function placeGenerator(
  request: ClientRequest,
  pool: readonly number[],
  seats: Seats,
  choose: Choose,
): { engine: EngineId; generatorCpus: number[] } {
  const { load, queues, nic, pinned } = request;
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
  { server, client, nic, roles, pinned, implementation, threads }: ClientRequest,
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
function likedOf({ isolated, kinds }: HostCpus, pool: readonly number[]): readonly number[] {
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
