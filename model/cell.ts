/**
 * What is asked and planned. Times are nanoseconds of CLOCK_MONOTONIC (`process.hrtime.bigint()`), rates are per second,
 * sizes are bytes.
 */

import type { EngineId, FunctionId, ImplementationId, TopologyId } from './ids.js';
import type { IdleMode, ImplementationSettings, Variant } from './settings.js';
import type { Tuning } from './tuning.js';

/** Threads x RX queues, written `2T1Q`. */
export interface MatrixPoint {
  threads: number;
  queues: number;
}

/** `2T1Q` for 2 threads over 1 RX queue. */
export function matrixLabel({ threads, queues }: MatrixPoint): string {
  return `${threads}T${queues}Q`;
}

export type Load =
  /** Offer more until the reply rate stops growing; the result is that peak. */
  | { kind: 'saturate' }
  /** Open loop: requests at a constant rate, whatever comes back. */
  | { kind: 'rate'; perSecond: number }
  /** `connections` sockets with one request outstanding each; the result is the round-trip time. */
  | { kind: 'closed'; connections: number }
  /** The highest rates without loss and with little. */
  | { kind: 'capacity' }
  /** Open loop at shares of the invoker's own capacity and at one rate that is equal for all. */
  | { kind: 'latency-under-load' }
  /** Start the invoker, prove it alive, leave it alone: what it costs when idle. */
  | { kind: 'none' };

/** Whether requests come at a rate, whatever comes back, instead of after each other's replies. */
export function isPaced(load: Load): load is Exclude<Load, { kind: 'closed' | 'none' }> {
  return load.kind !== 'closed' && load.kind !== 'none';
}

/** Whether requests at a rate are sent for their round trips. */
export function isTimed(load: Load): boolean {
  return load.kind === 'rate' || load.kind === 'latency-under-load';
}

/** Whether a run makes many trials to find what it measures at. */
export function searches(load: Load): boolean {
  return load.kind === 'capacity' || load.kind === 'latency-under-load';
}

/** A load as a user writes it: `saturate`, `rate=100000`, `closed=4`, `none`. */
export function formatLoad(load: Load): string {
  if (load.kind === 'closed') return `closed=${load.connections}`;
  return load.kind === 'rate' ? `rate=${load.perSecond}` : load.kind;
}

/** One load with the axes it runs over. */
export interface LoadPlan {
  load: Load;
  matrix: MatrixPoint[];
  sizes: number[];
  /** Some of the scenario's; null: all of them. */
  implementations: ImplementationId[] | null;
  /** In place of the scenario's; null: those. */
  variants: Variant[] | null;
}

/** An end of a wire between hosts. */
export interface FarSide {
  /** As ssh takes it: user@name, or a name of its configuration. */
  target: string;
  interface: string;
  /** Of that interface, dotted quad. */
  address: string;
  /** The folder of this project's built tree there; null: the same as here. */
  root: string | null;
  /** Whether its interface may be tuned although the host is reached by it. */
  inUse: 'refuse' | 'allow';
}

/** The ends of a wire between hosts: one server, and a client or several. */
export interface FarSides {
  server: FarSide;
  clients: FarSide[];
}

/** An end of a wire between two interfaces of this host. */
export type CardSide = Pick<FarSide, 'interface' | 'address'>;

export type CardSides = Record<'server' | 'client', CardSide>;

/** CPUs that a run may use, by what they are for. */
export interface CpuRoles {
  /** Of all that has no list of its own; null: those that are allowed to the process. */
  any: number[] | null;
  /** Of invoker threads; null: chosen. */
  server: number[] | null;
  /** Of generator threads; null: chosen. */
  client: number[] | null;
  /** Of the interrupts of the measured queues, which other threads then keep off; null: chosen. */
  irq: number[] | null;
}

/** The CPUs of a matrix point as a user wrote them down; those that are null are chosen. */
export interface PinnedPoint extends MatrixPoint {
  /** Null: of every implementation that has no entry of its own. */
  implementation: ImplementationId | null;
  /** One CPU a thread. */
  invokerCpus: number[];
  /** One CPU a thread, as many of them as the load has threads. */
  generatorCpus: number[] | null;
  /** One CPU a queue. */
  irqCpus: number[] | null;
  housekeepingCpu: number | null;
}

/** A question: everything a run needs, resolved and validated by scenario.ts. Below it nothing has a default. */
export interface Scenario {
  name: string;
  implementations: ImplementationId[];
  functionId: FunctionId;
  loads: LoadPlan[];
  /** Every implementation runs in each; one that lacks an axis runs once without it. */
  variants: Variant[];
  /** Of the server's host and interface in every cell; a variant's own come on top. */
  tuning: Tuning;
  topology: TopologyId;
  /** Of the topology `remote`; null of others. */
  sides: FarSides | null;
  /** Of the topology `nic`; null of others. */
  cards: CardSides | null;
  cpus: CpuRoles;
  /** Matrix points whose CPUs are given; the CPUs of all others are chosen among `cpus`. */
  pinned: PinnedPoint[];
  durationNs: number;
  warmupNs: number;
  repeats: number;
  seed: number;
}

/** Which CPU of a client's host does what. */
export interface ClientPlacement {
  /** One CPU a generator thread. */
  generatorCpus: number[];
  /** Where JavaScript runs; the same as the server's where one host is both. */
  housekeepingCpu: number;
}

/** Which CPU does what. CPU numbers are the kernel's. */
export interface Placement {
  /** One or more. */
  clients: ClientPlacement[];
  /** One CPU an invoker thread. */
  invokerCpus: number[];
  /**
   * The CPU that takes the interrupts of each RX queue, by `irqAffinity` of the cell's tuning; empty where none can be
   * placed: on veth, which receives on the CPU that sends, and where no interrupt names a queue.
   */
  irqCpus: number[];
  /** Where the JavaScript threads of harness and native invokers run. */
  housekeepingCpu: number;
  /** NUMA nodes of the busy threads, ascending; empty where the host names none. */
  nodes: number[];
  /** `shared`: a CPU runs more than one busy thread, or one beside interrupts of a measured queue. */
  sharing: 'exclusive' | 'shared';
  /** `shared`: busy threads have hardware threads of the same core, where each slows the other. */
  cores: 'own' | 'shared';
  /** What a reader must know, in a sentence each. */
  warnings: string[];
}

/** One point of the matrix, every value resolved. */
export interface Cell {
  /** Derived from the values below, e.g. `afxdp-2T2Q-200-reverse-saturate` or `afxdp-1T1Q-200-reverse-saturate-batch=64`. */
  id: string;
  implementation: ImplementationId;
  threads: number;
  queues: number;
  packetBytes: number;
  functionId: FunctionId;
  /** UDP port the function is served on. */
  port: number;
  load: Load;
  engine: EngineId;
  topology: TopologyId;
  idle: IdleMode;
  /** What was asked for beside the implementation's defaults. */
  settings: Partial<ImplementationSettings>;
  /** What the server's host and interface are set to, of the scenario, of the variant and of the placement. */
  tuning: Tuning;
  /** What of these and of the way to wait the variant asks for, as part of the id: `batch=64,idle=spin`; blank for the defaults. */
  variant: string;
  placement: Placement;
  durationNs: number;
  warmupNs: number;
}

/** RX queues of the server's interface: those that the point serves, unless the tuning sets their number. */
export function wireQueues({ queues, tuning }: Pick<Cell, 'queues' | 'tuning'>): number {
  return tuning.channels === undefined ? queues : Number(tuning.channels);
}

/** A cell of the plan, or the reason why this host cannot run it. */
export type PlannedCell = { state: 'runnable'; cell: Cell } | { state: 'skipped'; cell: Cell; reason: string };
