import { formatCpuList } from '../../common/cli/cpu-list.js';
import { abilities } from '../../impls/abilities.js';
import type { Load } from '../../model/cell.js';
import type { Interrupts } from '../../model/host.js';
import type { EngineId } from '../../model/ids.js';
import { loadShares } from '../../model/shares.js';
import type { PlacementRequest } from './placement.js';
import type { Role, Seat, Seats } from './seats.js';

/** What was placed. */
export interface Placed {
  engine: EngineId;
  /** Of each client. */
  generatorCpus: readonly (readonly number[])[];
  /** CPUs that each generator could have had. */
  clientPools: readonly (readonly number[])[];
  /** Of each host. */
  seats: readonly Seats[];
}

/** What a reader must know of a placement, in a sentence each. */
export function placementWarnings(request: PlacementRequest, placed: Placed): string[] {
  const { load, nic, implementation, clients } = request;
  const shares = loadShares(load, clients.length);
  const [serverSeats] = placed.seats;
  const warnings = [
    ...placed.seats.flatMap(sharedCpus),
    ...placed.seats.flatMap(sharedCores),
    ...engineWarnings(request, placed),
    ...(nic === null && abilities[implementation].threads === 'none' ? sharedContext(load) : []),
    ...placed.generatorCpus.flatMap((cpus, index) => clientsInTurn(shares[index] ?? load, cpus)),
    ...placed.seats.flatMap((seats) => apartByNode(seats, seats === serverSeats ? (nic?.node ?? null) : null)),
    ...placed.seats.flatMap(apartByKind),
    ...placed.seats.flatMap(apartByIsolation),
    ...unplacedInterrupts(request),
  ];
  // Several clients may have the same to say.
  return [...new Set(warnings)];
}

const reasons: Readonly<Record<Exclude<Interrupts, 'placed'>, string>> = {
  nameless: "No interrupt of the server's NIC names a queue: they stay where its host has them.",
  fixed: "The kernel lets nobody move the interrupts of the server's NIC: they stay where its host has them.",
};

function unplacedInterrupts({ nic, roles, pinned, implementation }: PlacementRequest): string[] {
  if (nic?.interrupts === 'placed') return [];
  const why = nic === null ? 'A veth has no interrupts: it receives on the CPU that sends.' : reasons[nic.interrupts];
  const elsewhere = nic !== null && abilities[implementation].threads === 'none';
  const consequences = [
    ...(elsewhere ? [`${implementation} runs there, whatever CPU is named here.`] : []),
    ...(pinned?.irqCpus ? ['The irq of --placement has no effect.'] : []),
    ...(roles.irq ? [`Threads without CPUs of their own keep off ${cpusText(roles.irq)}.`] : []),
  ];
  if (nic === null) return consequences.map((consequence) => `${why} ${consequence}`);
  return [[why, ...consequences].join(' ')];
}

function sharedCpus(seats: Seats): string[] {
  const cpus = seats.crowdedCpus().map((crowd) => `CPU ${crowd[0]?.cpu} runs ${roster(crowd).join(', ')}`);
  return cpus.length === 0 ? [] : [`Busy threads share CPUs: ${briefly(cpus, '; ')}.`];
}

function sharedCores(seats: Seats): string[] {
  const cores = seats.crowdedCores().map((cpus) => cpus.join('+'));
  return cores.length === 0 ? [] : [`Busy threads share physical cores: CPUs ${briefly(cores, ', ')}.`];
}

function engineWarnings({ queues }: PlacementRequest, { engine, generatorCpus, clientPools }: Placed): string[] {
  if (engine !== 'afxdp') return [];
  return generatorCpus.map(
    ([cpu], index) =>
      `One generator thread on CPU ${cpu} feeds ${queues} queues through AF_XDP sockets, because live frames ` +
      `from ${cpusText(clientPools[index] ?? [])} cannot reach them all: compare only with cells fed the same way.`,
  );
}

/** What the figure of an implementation holds that runs where the request was sent. */
function sharedContext(load: Load): string[] {
  if (load.kind === 'none') return [];
  return load.kind === 'closed'
    ? ["On veth XDP_TX runs on the client's CPU: its round trips wake no other."]
    : ["On veth XDP_TX runs on the generator's CPU: the figure holds generator, server and reply counter together."];
}

function clientsInTurn(load: Load, generatorCpus: readonly number[]): string[] {
  if (load.kind !== 'closed' || load.connections <= generatorCpus.length) return [];
  const where = cpusText(generatorCpus);
  return [`${load.connections} connections take turns on ${where}: their round trips include waiting for each other.`];
}

function apartByNode({ host, taken }: Seats, nicNode: number | null): string[] {
  const groups = Object.entries(host.nodes).map(([node, cpus]) => {
    const nic = Number(node) === nicNode ? ['the NIC'] : [];
    return { name: `node ${node}`, members: [...nic, ...named(taken.filter(({ cpu }) => cpus.includes(cpu)))] };
  });
  return apart('Threads of several NUMA nodes exchange packets across the interconnect', groups);
}

function apartByKind({ host, taken }: Seats): string[] {
  const groups = host.kinds.map(({ name, cpus }) => {
    return { name, members: named(taken.filter(({ cpu }) => cpus.includes(cpu))) };
  });
  return apart('Threads run on unequal cores', groups);
}

function apartByIsolation({ host, taken }: Seats): string[] {
  const isIsolated = ({ cpu }: Seat) => host.isolated.includes(cpu);
  return apart('Only some threads run on isolated CPUs', [
    { name: 'isolated', members: named(taken.filter(isIsolated)) },
    { name: 'not isolated', members: named(taken.filter((seat) => !isIsolated(seat))) },
  ]);
}

/** That threads are not in the same group, with the names of all; nothing where they are. */
function apart(what: string, groups: readonly { name: string; members: string[] }[]): string[] {
  const inhabited = groups.filter(({ members }) => members.length > 0);
  if (inhabited.length < 2) return [];
  return [`${what}: ${inhabited.map(({ name, members }) => `${members.join(', ')} (${name})`).join('; ')}.`];
}

/** `generator thread 0 on CPU 0`, `invoker threads 0-2 on CPUs 4-6`. */
function named(seats: readonly Seat[]): string[] {
  return byRole(seats).map(([role, own]) => `${memberText(role, own)} on ${cpusText(own.map(({ cpu }) => cpu))}`);
}

/** The same without CPUs. */
function roster(seats: readonly Seat[]): string[] {
  return byRole(seats).map(([role, own]) => memberText(role, own));
}

const roles: Role[] = ['generator', 'irq', 'invoker'];

function byRole(seats: readonly Seat[]): [Role, Seat[]][] {
  return roles
    .map((role): [Role, Seat[]] => [role, seats.filter((seat) => seat.role === role)])
    .filter(([, own]) => own.length > 0);
}

function memberText(role: Role, seats: readonly Seat[]): string {
  const plural = seats.length === 1 ? '' : 's';
  const numbers = formatCpuList(seats.map(({ index }) => index));
  return role === 'irq' ? `interrupts of queue${plural} ${numbers}` : `${role} thread${plural} ${numbers}`;
}

const mostListed = 8;

/** The first of many, and how many more there are. */
function briefly(items: readonly string[], separator: string): string {
  const more = items.length > mostListed ? [`and ${items.length - mostListed} more`] : [];
  return [...items.slice(0, mostListed), ...more].join(separator);
}

function cpusText(cpus: readonly number[]): string {
  return `CPU${new Set(cpus).size === 1 ? '' : 's'} ${formatCpuList(cpus)}`;
}
