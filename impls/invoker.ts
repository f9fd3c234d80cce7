import type { ImplementationId } from '../model/ids.js';
import type { Counters } from '../model/record.js';
import type { IdleMode, ImplementationSettings, Service } from '../model/settings.js';

/** What an implementation is started with: everything resolved. */
export interface InvokerOptions {
  /** The interface that requests come in by; sockets: empty for all. */
  interface: string;
  /** IPv4 address that sockets are bound to; empty for all. */
  address: string;
  /** Functions by port, each with threads of its own. */
  services: Service[];
  /** Each has threads of its own. */
  queues: number;
  /**
   * Where an XDP program receives: the RX queues that are served, from the first; 0 for all, those included that a driver adds
   * when XDP is attached. Queue i is served by the threads of i modulo `queues`.
   */
  servedRxQueues: number;
  /**
   * One CPU a thread: service by service, in it queue by queue. Behind them, in the same order, those of the threads that
   * scale() may add, or none. `anyCpu` of native/index.ts leaves a thread unpinned, as one is that has no CPU here.
   */
  cpus: number[];
  /** The most that scale() may be asked for. */
  maxThreadsPerQueue: number;
  idle: IdleMode;
  /** That are computed behind each function, by the `workNs` of the settings; 0: none. */
  workSteps: number;
  /** What differs from the implementation's defaults. */
  settings: Partial<ImplementationSettings>;
}

/** What one thread did, and for whom. One that was scaled away keeps its place in the list. */
export interface ThreadReading {
  port: number;
  /** RX queue; for sockets the one it stands for in the matrix. */
  queue: number;
  state: 'running' | 'retired';
  counters: Counters;
}

/** The counters of an invoker at one moment. */
export interface InvokerReading {
  threads: ThreadReading[];
  /** What the threads share: XDP_STATISTICS, steering verdicts, frames. */
  shared: Counters;
}

/** An invoker whose sockets are bound and whose threads stand ready. */
export interface RunningInvoker {
  /** What the kernel granted, by name. */
  granted: Record<string, string>;
  /** Reads the counters of the threads without disturbing them. Rejects with what a thread died of. */
  readThreads(): Promise<ThreadReading[]>;
  /** The same and what the threads share, for which a lock of the data path may be held for a moment. */
  read(): Promise<InvokerReading>;
  /**
   * Gives the function on `port` that many threads for each queue; nothing that was received is lost. Rejects with
   * code SCALE where that cannot be.
   */
  scale(port: number, threadsPerQueue: number): Promise<void>;
  /** Takes nothing more, answers what was received; resolves to the final counters. */
  stop(): Promise<InvokerReading>;
}

/** One candidate of the comparison. */
export interface Implementation {
  id: ImplementationId;
  /** The settings it takes, with their defaults. */
  settings: Partial<ImplementationSettings>;
  /** Rejects with an error that carries `code`, `call` and `errno`; nothing is left behind then. */
  start(options: InvokerOptions): Promise<RunningInvoker>;
}
