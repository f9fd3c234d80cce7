import type { Counters, FunctionId, IdleMode, ImplementationId } from '../harness/model.js';

/** What an implementation is started with: everything resolved. */
export interface InvokerOptions {
  /** The interface that requests come in by. */
  interface: string;
  functionId: FunctionId;
  port: number;
  threads: number;
  queues: number;
  /** One CPU a thread; `anyCpu` of native/index.ts leaves it unpinned. */
  cpus: number[];
  idle: IdleMode;
}

/** The final counters of an invoker: a list a thread, and what the threads share. */
export interface FinalCounters {
  threads: Counters[];
  shared: Counters;
}

/** An invoker whose sockets are bound and whose threads stand ready. */
export interface RunningInvoker {
  /** What the kernel granted, by name. */
  granted: Record<string, string>;
  /** Counters of each thread, read without disturbing it. Rejects with what a thread died of. */
  counters(): Promise<Counters[]>;
  /** Takes nothing more, answers what was received; resolves to the final counters. */
  stop(): Promise<FinalCounters>;
}

/** One candidate of the comparison. */
export interface Implementation {
  id: ImplementationId;
  /** `xdp` attaches a program of its own to the interface, `socket` leaves it as it is. */
  receives: 'xdp' | 'socket';
  /** Rejects with an error that carries `code`, `call` and `errno`; nothing is left behind then. */
  start(options: InvokerOptions): Promise<RunningInvoker>;
}
