import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageRoot } from '../common/process/paths.js';
import type { HistogramPairs } from '../model/histogram.js';
import type { Mechanism, XdpAbilities, XdpProgram } from '../model/host.js';
import type { Arrival, DatapathId, FunctionId, PacedEngineId } from '../model/ids.js';
import type { Counters } from '../model/record.js';
import type { IdleMode, ImplementationSettings, Service } from '../model/settings.js';

export type NativeImplementationId = Exclude<DatapathId, 'dgram'>;

/** Resolved settings of a native invoker: no defaults below this line. What is not its own it ignores. */
export interface NativeInvokerConfig extends ImplementationSettings {
  /** UDP sockets are confined to it (SO_BINDTODEVICE), or not if it is empty; all others are bound to it. */
  interface: string;
  /** 4 bytes: that sockets are bound to; zeros for all. */
  address: Uint8Array;
  services: Service[];
  /** Each has threads of its own. */
  queues: number;
  /** AF_XDP, XDP: RX queues that are served, from the first; 0: all. Queue i is served by the threads of i modulo `queues`. */
  servedRxQueues: number;
  /**
   * One CPU a thread, service by service, in it queue by queue; behind them, in the same order, those of the threads that
   * scale() may add, or none. `anyCpu` leaves a thread unpinned, as one is that has no CPU here.
   */
  cpus: number[];
  maxThreadsPerQueue: number;
  idle: IdleMode;
  /** Behind each function; 0: none. */
  workSteps: number;
}

export const anyCpu = -1;

export interface NativeThread {
  port: number;
  queue: number;
  /** `retired`: scaled away. */
  state: 'running' | 'retired';
  counters: Counters;
}

export interface NativeInvoker {
  /** What each thread did. Throws what a thread died of. */
  threads(): NativeThread[];
  /** Counters of what the threads share: XDP_STATISTICS, steering verdicts, frames. */
  shared(): Counters;
  /** What the kernel granted. */
  granted(): Record<string, string>;
  /** Changes the threads a queue of the service on `port`; loses nothing that was received. */
  scale(port: number, threadsPerQueue: number): void;
  /** Takes nothing more, answers what was received, joins the threads. */
  stop(): void;
}

export interface PacedLoadConfig {
  interface: string;
  /** 6 bytes. */
  sourceMac: Uint8Array;
  /** 6 bytes. */
  destinationMac: Uint8Array;
  /** 4 bytes. */
  sourceAddress: Uint8Array;
  /** 4 bytes. */
  destinationAddress: Uint8Array;
  firstSourcePort: number;
  /** Source ports in turn, a power of two; of `live` and `afxdp`. */
  flows: number;
  port: number;
  /** Sockets; of `socket` and `sendmmsg`. */
  connections: number;
  packetBytes: number;
  queues: number;
  cpus: number[];
  functionId: FunctionId;
  /**
   * Where the kernel takes the replies in, the whole content of one in so many is compared, length and stamp of each. 0,
   * where nobody replies: `live` does not stamp either.
   */
  checkEvery: number;
  /** Who takes replies in: always the kernel with `live`, the engine with sockets; `afxdp` has the choice. */
  replies: 'kernel' | 'own';
  copyMode: ImplementationSettings['copyMode'];
  arrival: Arrival;
  /** Whether times count: a request bears when it was due, and duplicates, late and reordered replies are told. */
  timed: boolean;
}

/** Rate that sends as fast as the engine can. */
export const unpacedRate = -1;

export interface PacedLoad {
  /** Requests a second over all threads; 0 pauses. */
  setRate(perSecond: number): void;
  /** Whether round trips of requests that are due from now on, and their lags, go into the histograms. */
  record(on: boolean): void;
  /** Where times count: replies to what was due before are not counted any more. */
  countFromNow(): void;
  /** Throws what a thread died of. */
  counters(): Counters;
  /** What was counted until a thread died, too. */
  lastCounters(): Counters;
  /** From when a request was due to its reply. */
  roundTrips(): HistogramPairs;
  /** From when a request was due to when it left. */
  lags(): HistogramPairs;
  stop(): void;
}

export interface ClosedLoopConfig {
  /** 4 bytes. */
  serverAddress: Uint8Array;
  port: number;
  packetBytes: number;
  functionId: FunctionId;
  /** `stamped` ones are numbered, so that duplicates and late replies are told; `plain` ones are the published client's. */
  requests: 'stamped' | 'plain';
  connections: number;
  /** One CPU a thread, or `anyCpu`; at least one. The threads share the connections; none is without. */
  cpus: number[];
  /** Whether round trips are recorded from the first one on. */
  recording: boolean;
}

export interface ClosedLoop {
  /** Whether round trips that begin from now on go into the histogram. */
  record(on: boolean): void;
  counters(): Counters;
  /** Begins no more round trips. */
  quiesce(): void;
  /** Returns after the round trips under way: up to 1 s. */
  stop(): void;
  roundTrips(): HistogramPairs;
}

export interface Sink {
  /** Throws after close(). */
  counters(): Counters;
  close(): void;
}

/** A UDP socket to be bound, every value resolved. */
export interface UdpBinding extends Pick<ImplementationSettings, 'socketBufferBytes' | 'depthPackets' | 'steering'> {
  /** That the socket is confined to; empty for none. */
  interface: string;
  /** 4 bytes; zeros for all. */
  address: Uint8Array;
  port: number;
  /** Sockets that share the port, this one included: `steering` divides requests among them. */
  sharers: number;
}

/** Queues of an interface that its device uses now. */
export interface QueueCounts {
  rx: number;
  tx: number;
}

interface Addon {
  Invoker: new (kind: NativeImplementationId, config: NativeInvokerConfig) => NativeInvoker;
  PacedLoad: new (engine: PacedEngineId, config: PacedLoadConfig) => PacedLoad;
  ClosedLoop: new (config: ClosedLoopConfig) => ClosedLoop;
  Sink: new (interfaceName: string, packetBytes: number, checkEvery: number) => Sink;
  PassProgram: new (interfaceName: string) => { close(): void };
  interfaceCounters(interfaceName: string): Counters;
  queueCounts(interfaceName: string): QueueCounts;
  xdpAbilities(interfaceName: string): XdpAbilities | null;
  xdpPrograms(): XdpProgram[];
  tryMechanism(mechanism: Mechanism): void;
  pinThread(cpu: number): void;
  ownWaits(): Counters;
  measureStep(cpu: number): number;
  compute(payload: Uint8Array, steps: number): number;
  stayBusy(ns: number): void;
  bindUdp(binding: UdpBinding): number;
  takeUdp(pid: number, socketFd: number, binding: UdpBinding): number;
  keepPort(socketFd: number): void;
  receiveBufferBytes(socketFd: number): number;
  datagramsIn(receiveBufferBytes: number): number;
  severalAddresses(interfaceName: string): string[];
  longestPayload(interfaceName: string): number;
  runFunction(id: string, buffer: Uint8Array, length: number): number;
}

/** `Debug` checks at every step that a UMEM frame is in one place only. */
const configuration = process.env.INVOKER_BENCH_ADDON === 'Debug' ? 'Debug' : 'Release';

let loaded: Addon | null = null;

/** The addon, which is loaded once, at its first use; throws where it is not built or cannot be loaded. */
export function loadAddon(): Addon {
  loaded ??= createRequire(import.meta.url)(join(packageRoot(), 'build', configuration, 'invoker.node')) as Addon;
  return loaded;
}

/** A function or class of the addon that loads it when it is called: help is printed where nothing is built. */
function part<Name extends keyof Addon>(name: Name): Addon[Name] {
  // An arrow function could not be constructed.
  function stand() {}
  return new Proxy(stand as unknown as Addon[Name], {
    apply: (_, self, args) => Reflect.apply(loadAddon()[name] as (...args: unknown[]) => unknown, self, args),
    construct: (_, args) => Reflect.construct(loadAddon()[name], args),
  });
}

/** A running native invoker. Errors carry `code`, `call` and `errno`. */
export const Invoker = part('Invoker');
/** Paced requests, their replies counted, verified and timed. */
export const PacedLoad = part('PacedLoad');
/** Connections with one request outstanding each. */
export const ClosedLoop = part('ClosedLoop');
/** Takes in, checks and counts generated requests at the far end of a wire; answers nothing. */
export const Sink = part('Sink');
/** An XDP program that lets everything through, attached in native mode until closed. */
export const PassProgram = part('PassProgram');
/** All of `ethtool -S` of an interface of this network namespace. */
export const interfaceCounters = part('interfaceCounters');
/** Queues of an interface of this network namespace; zeros where it is missing or sysfs cannot be read. */
export const queueCounts = part('queueCounts');
/** What the driver of an interface of this network namespace can do of XDP; null where the kernel does not tell. */
export const xdpAbilities = part('xdpAbilities');
/** All XDP programs of the kernel, attached or not, whoever loaded them; none for a process that may not ask. */
export const xdpPrograms = part('xdpPrograms');
/** Makes what a datapath stands on, and lets it go at once. Throws what keeps the kernel from it. */
export const tryMechanism = part('tryMechanism');
/** Binds the calling thread to one CPU. */
export const pinThread = part('pinThread');
/**
 * How long the calling thread was ready to run and did not, in ns since it began (`runDelayNs`), and how often it got a
 * CPU (`runs`); empty where the kernel does not keep them.
 */
export const ownWaits = part('ownWaits');
/**
 * Nanoseconds that a step of work (bpf/work.h) takes on a CPU that nothing else uses, with what interrupts that CPU all the
 * time: measured for 50 ms.
 */
export const measureStep = part('measureStep');
/** What so many steps of that work on a payload come to, in C++. */
export const compute = part('compute');
/** Keeps the calling thread busy for that time in ns, and up to one reading of the clock longer. */
export const stayBusy = part('stayBusy');
/**
 * Binds a UDP socket with the buffers and the steering of the native invokers; returns its file descriptor, which is the
 * caller's to close.
 */
export const bindUdp = part('bindUdp');
/**
 * The same of a socket that a child process has bound, by the number of its descriptor there; returns one of this process, which is
 * the caller's to close.
 */
export const takeUdp = part('takeUdp');
/** Makes the port of a socket its own again where libuv took the socket over, which lets others share it. */
export const keepPort = part('keepPort');
/** Bytes of a socket's receive buffer as the kernel counts them, which it may have limited. */
export const receiveBufferBytes = part('receiveBufferBytes');
/** How many datagrams a receive buffer holds for certain; its size in bytes is as the kernel counts it. */
export const datagramsIn = part('datagramsIn');
/**
 * The IPv4 addresses of an interface of this network namespace, of all where the name is empty, if there are several: a
 * socket that serves them all has to say which one a reply comes from. Else none.
 */
export const severalAddresses = part('severalAddresses');
/** Bytes of the longest UDP payload that an interface sends in one packet, by its MTU of now; 0 where it is missing. */
export const longestPayload = part('longestPayload');
/** Runs a function in place on the first `length` bytes; returns the reply's length, or -1 if the function failed. */
export const runFunction = part('runFunction');
