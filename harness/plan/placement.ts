import { abilities } from '../../impls/abilities.js';
import {
  type ClientPlacement,
  type CpuRoles,
  formatLoad,
  isPaced,
  type Load,
  type PinnedPoint,
  type Placement,
} from '../../model/cell.js';
import type { Interrupts } from '../../model/host.js';
import type { EngineId, ImplementationId } from '../../model/ids.js';
import type { IdleMode } from '../../model/settings.js';
import { type Generators, placeGenerators } from './generator-cpus.js';
import type { HostCpus } from './host-cpus.js';
import { placementWarnings } from './placement-warnings.js';
import { Seats } from './seats.js';

/** The hosts at the ends of a wire. */
export interface Ends {
  /** The host of invoker and harness. */
  server: HostCpus;
  /** The hosts of the generators, one or more: the first is the same object where one host has both. */
  clients: [HostCpus, ...HostCpus[]];
  /** The server's NIC; null: a veth, which has no interrupts. */
  nic: Nic | null;
}

export interface Nic {
  /** Its NUMA node; null where the host does not say it. */
  node: number | null;
  interrupts: Interrupts;
}

/** Both ends of a veth on one host. */
export const onVeth = (host: HostCpus): Ends => ({ server: host, clients: [host], nic: null });

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
  /** Of each client. */
  clients: readonly (readonly number[])[];
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
  const { server, clients, nic, roles, pinned } = request;
  const pools = poolsOf(request);
  const refusal = whyNot(request, pools);
  if (refusal !== null) return { skip: refusal };
  const seats = new Seats(server, homeOf(request, pools));
  const clientSeats = clients.map((client, index) =>
    client === server ? seats : new Seats(client, nodeOf(client, lowest(pools.clients[index] ?? []))),
  );

  const threadless = abilities[request.implementation].threads === 'none';
  if (!threadless) for (const cpu of pinned?.invokerCpus ?? []) seats.take(cpu, 'invoker');
  const irqCpus = placeInterrupts(request, pools.irq, seats);
  const { engine, cpus } = placeGenerators(request, pools.clients, clientSeats);
  for (const [index, own] of cpus.entries()) for (const cpu of own) clientSeats[index]?.take(cpu, 'generator');
  const [generatorCpus] = cpus;
  const invokerCpus = placeInvoker(request, pools.server, seats, { irqCpus, generatorCpus });

  const starved = whyStarved(request, cpus, invokerCpus);
  if (starved !== null) return { skip: starved };
  const isOne = isOneHost(request);
  const lone = isOne ? generatorCpus[0] : undefined;
  const kept = [...(roles.server ?? []), ...(isOne ? (roles.client ?? []) : []), ...(roles.irq ?? [])];
  const allSeats = isOne ? [seats] : [seats, ...clientSeats];
  const housekeepingCpu = pinned?.housekeepingCpu ?? seats.pickIdle(server.cpus, kept) ?? lone ?? lowest(server.cpus);
  return {
    engine,
    placement: {
      clients: clients.map((client, index) => {
        const own = cpus[index] ?? [];
        const idle = () =>
          clientSeats[index]?.pickIdle(client.cpus, roles.client ?? []) ?? own[0] ?? lowest(client.cpus);
        return { generatorCpus: own, housekeepingCpu: isOne ? housekeepingCpu : idle() };
      }),
      invokerCpus,
      irqCpus,
      housekeepingCpu,
      nodes: busyNodes(seats, nic?.node ?? null),
      sharing: allSeats.some((own) => own.crowdedCpus().length > 0) ? 'shared' : 'exclusive',
      cores: allSeats.some((own) => own.crowdedCores().length > 0) ? 'shared' : 'own',
      warnings: placementWarnings(request, {
        engine,
        generatorCpus: cpus,
        clientPools: pools.clients,
        seats: allSeats,
      }),
    },
    // All wait alike unless told otherwise: a wake-up is not to be compared with none.
    idle: request.idle ?? 'poll',
  };
}

/** Whether the server's host has the generator, too. */
export const isOneHost = ({ server, clients }: Pick<Ends, 'server' | 'clients'>) => clients[0] === server;

/** What a role has for itself is no other's, unless the user gives it to both. */
function poolsOf({ server, clients, roles, pinned }: PlacementRequest): Pools {
  const isOne = isOneHost({ server, clients });
  const others = isOne ? [roles.irq, roles.server] : [];
  const firstThreads = server.cpus.filter(
    (cpu) => !server.siblings.some((core) => core.includes(cpu) && core.some((other) => other < cpu)),
  );
  const threads = [...(roles.server ?? []), ...(isOne ? (roles.client ?? []) : []), ...(pinned?.invokerCpus ?? [])];
  return {
    server: pinned?.invokerCpus ?? roles.server ?? without(server.cpus, roles.irq, isOne ? roles.client : null),
    clients: clients.map(
      ({ cpus }) =>
        pinned?.generatorCpus ??
        roles.client ??
        leftOf(without(cpus, ...others), isOne ? (pinned?.invokerCpus ?? []) : []),
    ),
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

/** Why these hosts cannot run the point; null if they can. */
function whyNot({ server, clients, roles, load }: PlacementRequest, pools: Pools): string | null {
  if (load.kind === 'closed' && load.connections < clients.length)
    return `${formatLoad(load)} leaves ${clients.length - load.connections} of ${clients.length} clients without a connection`;
  const all = new Set([...server.cpus, ...pools.server, ...pools.clients.flat(), ...pools.irq]);
  const [only] = all;
  if (isOneHost({ server, clients }) && all.size < 2) {
    const has = only === undefined ? 'this process may use no CPU' : `this process may use only CPU ${only}`;
    const needs = 'a cell needs two: one for the invoker, one for the generator and the harness';
    return `${has}, and ${needs}; isolated CPUs have to be named (--cpus)`;
  }
  const named = Object.entries({ server: roles.server, client: roles.client, irq: roles.irq });
  const given = named.flatMap(([role, cpus]) => (cpus === null ? [] : [role])).join(' and ');
  if (pools.server.length === 0) return `--cpus: the CPUs of ${given} leave none to the server`;
  return pools.clients.some((pool) => pool.length === 0)
    ? `--cpus: the CPUs of ${given} leave none to the client`
    : null;
}

/**
 * Why a limit of CPU time leaves nothing to whoever waits for work, beside threads that never rest; null if it does.
 * Generators at a rate never do: the kernel then holds back all threads of a host, most of the time.
 */
function whyStarved(
  { server, clients, load, idle }: PlacementRequest,
  generatorCpus: Generators['cpus'],
  invokerCpus: readonly number[],
): string | null {
  const ofInvoker = idle === 'spin' ? invokerCpus : [];
  const busy = (host: HostCpus) => {
    const ofGenerator = isPaced(load) ? generatorCpus.filter((_, index) => clients[index] === host).flat() : [];
    return new Set([...ofGenerator, ...(host === server ? ofInvoker : [])]).size;
  };
  const short = [server, ...clients].find((host) => host.quota !== null && busy(host) >= host.quota);
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
  { server, clients, nic, roles, pinned, threads, implementation }: PlacementRequest,
  pool: readonly number[],
  seats: Seats,
  { irqCpus, generatorCpus }: Pick<Placement & ClientPlacement, 'irqCpus' | 'generatorCpus'>,
): number[] {
  // A lone generator feeds every queue, and the harness needs a turn while an invoker spins: their CPU is not shared.
  // Of several generators each feeds one queue, and an invoker thread may sit beside one. What the user gave to the
  // server is the invoker's.
  const alone = isOneHost({ server, clients })
    ? (generatorCpus[0] ?? lowest(roles.client ?? server.cpus))
    : lowest(server.cpus);
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
function homeOf({ server, clients, nic, roles, pinned }: PlacementRequest, pools: Pools): ReadonlySet<number> {
  const node = nic?.node ?? null;
  if (node !== null) return new Set(server.nodes[node]);
  const isOne = isOneHost({ server, clients });
  const anchors = isOne ? [pinned?.generatorCpus, roles.client] : [];
  const chosen = [...anchors, pinned?.invokerCpus, roles.server].find((cpus) => cpus && cpus.length > 0);
  return nodeOf(server, chosen?.[0] ?? lowest((isOne ? pools.clients[0] : null) ?? pools.server));
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
