import type { InvokerReading, RunningInvoker, ThreadReading } from '../../impls/invoker.js';
import type { Counters } from '../../model/record.js';

/** A thread that runs on queue 0 of the first function's port. */
export const threadOf = (counters: Counters, where: Partial<ThreadReading> = {}): ThreadReading => ({
  port: 1232,
  queue: 0,
  state: 'running',
  counters,
  ...where,
});

/** An invoker that counts what it is told to and notes what is asked of it. */
export class FakeInvoker implements RunningInvoker {
  granted: Record<string, string> = { attach: 'native' };
  threads: ThreadReading[];
  shared: Counters = {};
  /** Thrown by whatever is asked next. */
  fault: Error | null = null;
  readonly asked: string[] = [];
  /** Awaited by scale() and stop(). */
  patience: Promise<void> = Promise.resolve();

  constructor(...threads: ThreadReading[]) {
    this.threads = threads;
  }

  async readThreads(): Promise<ThreadReading[]> {
    if (this.fault) throw this.fault;
    return structuredClone(this.threads);
  }

  async read(): Promise<InvokerReading> {
    return { threads: await this.readThreads(), shared: { ...this.shared } };
  }

  async scale(port: number, threadsPerQueue: number): Promise<void> {
    this.asked.push(`scale ${port} ${threadsPerQueue}`);
    await this.patience;
    if (this.fault) throw this.fault;
    this.asked.push(`scaled ${port} ${threadsPerQueue}`);
    const others = this.threads.filter((thread) => thread.port !== port);
    const mine = Array.from({ length: threadsPerQueue }, () => threadOf({}, { port }));
    this.threads = [...others, ...mine];
  }

  async stop(): Promise<InvokerReading> {
    this.asked.push('stop');
    await this.patience;
    return this.read();
  }
}
