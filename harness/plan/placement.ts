import { abilities } from '../../impls/abilities.js';
import { type CpuRoles, isPaced, type Load, type PinnedPoint, type Placement } from '../../model/cell.js';
import type { Interrupts } from '../../model/host.js';
import type { EngineId, ImplementationId } from '../../model/ids.js';
import type { IdleMode } from '../../model/settings.js';
import { placeGenerator } from './generator-cpus.js';
import type { HostCpus } from './host-cpus.js';
import { placementWarnings } from './placement-warnings.js';
import { Seats } from './seats.js';

/** The hosts at the ends of a wire. */
export interface Ends {
  /** The host of invoker and harness. */
  server: HostCpus;
  /** The host of the generator: the same object where one host has both. */
  client: HostCpus;
  /** The server's NIC; null: a veth, which has no interrupts. */
  nic: Nic | null;
}

export interface Nic {
  /** Its NUMA node; null where the host does not say it. */
  node: number | null;
  interrupts: Interrupts;
}

/** Both ends of a veth on one host. */
export const onVeth = (host: HostCpus): Ends => ({ server: host, client: host, nic: null });

/** What placement depends on. */
export interface PlacementRequest extends Ends {
  /** The CPUs of each role that has its own; `any` is the `cpus` of the hosts. */
  roles: CpuRoles;
  /** What the user wrote down for this point; null: nothing. */
  pinned: PinnedPoint | null;
  /** CPUs that the tuning gives to the interrupts of queues, in turn; null: none. */
  irqAffinity: readonly number[] | null;
  threads: number;
  queues: number;
  load: Load;
  implementation: ImplementationId;
  /** How its threads wait, of the ways that it has; null: they block, as those of every implementation can. */
  idle: IdleMode | null;
}

/** Who runs where, or the reason why this host cannot run the point. */
export type PlacementResult = { engine: EngineId; placement: Placement; idle: IdleMode } | { skip: string };

/** CPUs that each role may have, ascending. */
export interface Pools {
  server: readonly number[];
  client: readonly number[];
  irq: readonly number[];
}

/**
 * Places interrupts on the first hyper-threads of cores and generator threads from the lowest CPU up, invoker threads
 * from the highest CPU down. Seats.pick says what comes first: a CPU of one's own, then the NUMA node of the NIC (of the
 * first generator CPU where there is none), then a core of one's own. `generatorCpus[q]` feeds queue `q` when the engine
 * is `live`; a `closed` load has a CPU a connection where the host has that many beside invoker and harness; `none` has
 * no generator and leaves its CPU to the harness. XDP has no threads to place: its `invokerCpus` are those that it runs
 * on.
 */
export function place(request: PlacementRequest): PlacementResult {
  const { server, client, nic, roles, pinned } = request;
  const pools = poolsOf(request);
  const refusal = whyNot(request, pools);
  if (refusal !== null) return { skip: refusal };
  const seats = new Seats(server, homeOf(request, pools));
  const clientSeats = client === server ? seats : new Seats(client, nodeOf(client, lowest(pools.client)));

  const threadless = abilities[request.implementation].threads === 'none';
  if (!threadless) for (const cpu of pinned?.invokerCpus ?? []) seats.take(cpu, 'invoker');
  const irqCpus = placeInterrupts(request, pools.irq, seats);
  const { engine, generatorCpus } = placeGenerator(request, pools.client, clientSeats);
  for (const cpu of generatorCpus) clientSeats.take(cpu, 'generator');
  const invokerCpus = placeInvoker(request, pools.server, seats, { irqCpus, generatorCpus });

  const starved = whyStarved(request, generatorCpus, invokerCpus);
  if (starved !== null) return { skip: starved };
  const lone = client === server ? generatorCpus[0] : undefined;
  const kept = [...(roles.server ?? []), ...(client === server ? (roles.client ?? []) : []), ...(roles.irq ?? [])];
  const bothSeats = client === server ? [seats] : [seats, clientSeats];
  const housekeepingCpu = pinned?.housekeepingCpu ?? seats.pickIdle(server.cpus, kept) ?? lone ?? lowest(server.cpus);
  return {
    engine,
    placement: {
      generatorCpus,
      invokerCpus,
      irqCpus,
      housekeepingCpu,
      clientHousekeepingCpu:
        client === server
          ? housekeepingCpu
          : (clientSeats.pickIdle(client.cpus, roles.client ?? []) ?? generatorCpus[0] ?? lowest(client.cpus)),
      nodes: busyNodes(seats, nic?.node ?? null),
      sharing: bothSeats.some((own) => own.crowdedCpus().length > 0) ? 'shared' : 'exclusive',
      cores: bothSeats.some((own) => own.crowdedCores().length > 0) ? 'shared' : 'own',
      warnings: placementWarnings(request, { engine, generatorCpus, clientPool: pools.client, seats: bothSeats }),
    },
    // All wait alike unless told otherwise: a wake-up is not to be compared with none.
    idle: request.idle ?? 'poll',
  };
}

/** What a role has for itself is no other's, unless the user gives it to both. */
function poolsOf({ server, client, roles, pinned }: PlacementRequest): Pools {
  const oneHost = client === server;
  const others = oneHost ? [roles.irq, roles.server] : [];
  const firstThreads = server.cpus.filter(
    (cpu) => !server.siblings.some((core) => core.includes(cpu) && core.some((other) => other < cpu)),
  );
  const threads = [...(roles.server ?? []), ...(oneHost ? (roles.client ?? []) : []), ...(pinned?.invokerCpus ?? [])];
  return {
    server: pinned?.invokerCpus ?? roles.server ?? without(server.cpus, roles.irq, oneHost ? roles.client : null),
    client:
      pinned?.generatorCpus ??
      roles.client ??
      leftOf(without(client.cpus, ...others), oneHost ? (pinned?.invokerCpus ?? []) : []),
    irq: roles.irq ?? leftOf(firstThreads, threads),
  };
}

/** Ascending. */
function without(cpus: readonly number[], ...taken: (readonly number[] | null)[]): readonly number[] {
  return cpus.filter((cpu) => !taken.some((list) => list?.includes(cpu))).toSorted((a, b) => a - b);
}

/** The CPUs without those that are taken; all where that leaves none. */
function leftOf(cpus: readonly number[], taken: readonly number[]): readonly number[] {
  const left = without(cpus, taken);
  return left.length > 0 ? left : without(cpus);
}

/** Why this host cannot run the point; null if it can. */
function whyNot({ server, client, roles }: PlacementRequest, pools: Pools): string | null {
  const all = new Set([...server.cpus, ...pools.server, ...pools.client, ...pools.irq]);
  const [only] = all;
  if (client === server && all.size < 2) {
    const has = only === undefined ? 'this process may use no CPU' : `this process may use only CPU ${only}`;
    const needs = 'a cell needs two: one for the invoker, one for the generator and the harness';
    return `${has}, and ${needs}; isolated CPUs have to be named (--cpus)`;
  }
  const named = Object.entries({ server: roles.server, client: roles.client, irq: roles.irq });
  const given = named.flatMap(([role, cpus]) => (cpus === null ? [] : [role])).join(' and ');
  if (pools.server.length === 0) return `--cpus: the CPUs of ${given} leave none to the server`;
  return pools.client.length === 0 ? `--cpus: the CPUs of ${given} leave none to the client` : null;
}

/**
 * Why a limit of CPU time leaves nothing to whoever waits for work, beside threads that never rest; null if it does.
 * Generators at a rate never do: the kernel then holds back all threads of a host, most of the time.
 */
function whyStarved(
  { server, client, load, idle }: PlacementRequest,
  generatorCpus: readonly number[],
  invokerCpus: readonly number[],
): string | null {
  const [ofGenerator, ofInvoker] = [isPaced(load) ? generatorCpus : [], idle === 'spin' ? invokerCpus : []];
  const busy = (host: HostCpus) =>
    new Set([...(host === client ? ofGenerator : []), ...(host === server ? ofInvoker : [])]).size;
  const short = [server, client].find((host) => host.quota !== null && busy(host) >= host.quota);
  if (short === undefined) return null;
  return (
    `a quota of ${short.quota} CPUs leaves nothing beside ${busy(short)} that never rest` +
    ' (raise it: docker --cpus, CPUQuota= of systemd, cpu.max)'
  );
}

/** One CPU a queue, seated; queues share where there are fewer CPUs. None where they cannot be placed. */
function placeInterrupts(
  { nic, pinned, irqAffinity, queues }: PlacementRequest,
  pool: readonly number[],
  seats: Seats,
): number[] {
  if (nic?.interrupts !== 'placed') return [];
  return Array.from({ length: queues }, (_, queue) => {
    const cpu = irqAffinity?.[queue % irqAffinity.length] ?? pinned?.irqCpus?.[queue] ?? seats.pick(pool);
    seats.take(cpu, 'irq');
    return cpu;
  });
}

/** The CPUs of the invoker's threads, seated; of XDP those that its programs run on. */
function placeInvoker(
  { server, client, nic, roles, pinned, threads, implementation }: PlacementRequest,
  pool: readonly number[],
  seats: Seats,
  { irqCpus, generatorCpus }: Pick<Placement, 'irqCpus' | 'generatorCpus'>,
): number[] {
  // A lone generator feeds every queue, and the harness needs a turn while an invoker spins: their CPU is not shared.
  // Of several generators each feeds one queue, and an invoker thread may sit beside one. What the user gave to the
  // server is the invoker's.
  const alone = client !== server ? lowest(server.cpus) : (generatorCpus[0] ?? lowest(roles.client ?? server.cpus));
  const free = roles.server !== null || generatorCpus.length > 1 ? pool : pool.filter((cpu) => cpu !== alone);
  const candidates = (free.length > 0 ? free : pool).toReversed();
  // On veth the receive context is that of the sender, and at rest there is none.
  const receiving = nic === null ? generatorCpus : irqCpus;
  const threadless = abilities[implementation].threads === 'none';
  if (pinned && !threadless) return [...pinned.invokerCpus];
  return Array.from({ length: threads }, (_, thread) => {
    if (threadless) return receiving[thread] ?? receiving[0] ?? seats.pick(candidates);
    const cpu = seats.pick(candidates);
    seats.take(cpu, 'invoker');
    return cpu;
  });
}

/** The node that the NIC is on, else that of the first CPU that the user chose or the generator may have. */
function homeOf({ server, client, nic, roles, pinned }: PlacementRequest, pools: Pools): ReadonlySet<number> {
  const node = nic?.node ?? null;
  if (node !== null) return new Set(server.nodes[node]);
  const anchors = client === server ? [pinned?.generatorCpus, roles.client] : [];
  const chosen = [...anchors, pinned?.invokerCpus, roles.server].find((cpus) => cpus && cpus.length > 0);
  return nodeOf(server, chosen?.[0] ?? lowest(client === server ? pools.client : pools.server));
}

/** The CPUs of the node of a CPU; none where the host names no nodes. */
function nodeOf({ nodes }: HostCpus, cpu: number): ReadonlySet<number> {
  return new Set(Object.values(nodes).find((node) => node.includes(cpu)));
}

function busyNodes({ host, taken }: Seats, nicNode: number | null): number[] {
  return Object.entries(host.nodes)
    .filter(([node, own]) => Number(node) === nicNode || taken.some(({ cpu }) => own.includes(cpu)))
    .map(([node]) => Number(node))
    .sort((a, b) => a - b);
}

function lowest(cpus: readonly number[]): number {
  return Math.min(...cpus);
}
