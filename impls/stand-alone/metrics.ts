import { Counter, Gauge, Registry } from 'prom-client';
import type { ImplementationId } from '../../model/ids.js';
import type { InvokerReading, RunningInvoker, ThreadReading } from '../invoker.js';
import { sharedDrops, threadDrops, verdictsOf } from './drops.js';

/** The metrics of an invoker, read from its counters at each scrape: the hot path does not know of them. */
export class InvokerMetrics {
  readonly #id: ImplementationId;
  readonly #invoker: RunningInvoker;
  readonly #registry = new Registry();
  readonly #received = this.#counter('received', 'Requests taken from the kernel.', threadLabels);
  readonly #handled = this.#counter('handled', 'Requests the function ran on.', threadLabels);
  readonly #replied = this.#counter('replied', 'Replies the kernel accepted.', threadLabels);
  readonly #dropped = this.#counter('dropped', 'Requests and replies dropped, by cause.', [...threadLabels, 'cause']);
  readonly #steered = this.#counter('steered', 'Packets the steering program decided on, by verdict.', [
    'implementation',
    'verdict',
  ]);
  readonly #threads = new Gauge({
    name: 'invoker_threads',
    help: 'Threads that serve a function on a queue now.',
    labelNames: ['implementation', 'queue', 'port'],
    registers: [this.#registry],
  });

  constructor(id: ImplementationId, invoker: RunningInvoker) {
    this.#id = id;
    this.#invoker = invoker;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The metrics in Prometheus' text format, of this moment. Rejects with what a thread died of. */
  async scrape(): Promise<string> {
    const reading = await this.#invoker.read();
    this.#registry.resetMetrics();
    this.#fill(reading);
    return this.#registry.metrics();
  }

  #fill({ threads, shared }: InvokerReading): void {
    threads.forEach((reading, thread) => {
      this.#fillThread(reading, thread);
    });
    const implementation = this.#id;
    // What is lost before a thread is chosen is nobody's in particular.
    const all = { implementation, thread: 'all', queue: 'all', port: 'all' };
    for (const [cause, count] of Object.entries(sharedDrops(shared))) this.#dropped.inc({ ...all, cause }, count);
    for (const [verdict, count] of Object.entries(verdictsOf(shared)))
      this.#steered.inc({ implementation, verdict }, count);
  }

  #fillThread({ port, queue, state, counters }: ThreadReading, thread: number): void {
    const implementation = this.#id;
    const labels = { implementation, thread, queue, port };
    this.#received.inc(labels, counters.received ?? 0);
    this.#handled.inc(labels, counters.handled ?? 0);
    this.#replied.inc(labels, counters.replied ?? 0);
    for (const [cause, count] of Object.entries(threadDrops(counters))) this.#dropped.inc({ ...labels, cause }, count);
    this.#threads.inc({ implementation, queue, port }, state === 'running' ? 1 : 0);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name: `invoker_${name}_total`, help, labelNames, registers: [this.#registry] });
  }
}

const threadLabels = ['implementation', 'thread', 'queue', 'port'] as const;
