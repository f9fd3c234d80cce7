import { setImmediate } from 'node:timers/promises';
import { quote } from '../../common/cli/text.js';
import type { ImplementationId } from '../../model/ids.js';
import { abilities, cannotScale } from '../abilities.js';
import type { InvokerReading, RunningInvoker } from '../invoker.js';
import type { ServeOptions } from './options.js';

/** What becomes of requests to scale. */
export interface ScalerEvents {
  scaled(port: number, threadsPerQueue: number): void;
  /** One line that names what was asked and why it cannot be. */
  refused(message: string): void;
}

/** Takes requests to change the number of threads and carries them out one after the other. */
export class Scaler {
  readonly #id: ImplementationId;
  readonly #options: ServeOptions;
  readonly #events: ScalerEvents;
  readonly #started: Promise<RunningInvoker>;
  #start: (running: RunningInvoker) => void = () => {};
  #last: Promise<void> = Promise.resolve();
  #state: 'open' | 'closed' = 'open';

  constructor(id: ImplementationId, options: ServeOptions, events: ScalerEvents) {
    this.#id = id;
    this.#options = options;
    this.#events = events;
    this.#started = new Promise((resolve) => {
      this.#start = resolve;
    });
  }

  /** What was asked for before this waits for it. */
  begin(running: RunningInvoker): void {
    this.#start(running);
  }

  /** Takes no request any more; resolves when the one under way is done. To be called after begin(). */
  async close(): Promise<void> {
    this.#state = 'closed';
    await this.#last;
  }

  /** So many threads a queue more for every function, or less if it is negative. */
  addToAll(threadsPerQueue: number): void {
    if (abilities[this.#id].threads !== 'scaled') {
      this.#refuse(`cannot scale: ${this.#id} has a fixed number of threads`);
      return;
    }
    for (const { port } of this.#options.services) {
      this.#enqueue(async (running) => {
        const now = threadsPerQueueOf(await running.read(), port);
        await this.#scale(running, port, now + threadsPerQueue);
      });
    }
  }

  /** A line from the user: `scale 1232 3` or `1232 3`; blank ones mean nothing. */
  obey(line: string): void {
    if (line.trim() === '') return;
    const match = /^\s*(?:scale\s+)?(\d+)\s+(\d+)\s*$/.exec(line);
    if (!match) {
      this.#refuse(`cannot obey ${quote(line)}: write scale PORT THREADS, such as scale 1232 3`);
      return;
    }
    const [port, threadsPerQueue] = [Number(match[1]), Number(match[2])];
    this.#enqueue((running) => this.#scale(running, port, threadsPerQueue));
  }

  /** In its turn, so that answers come in the order of the requests. */
  #refuse(message: string): void {
    this.#enqueue(async () => this.#events.refused(message));
  }

  #enqueue(request: (running: RunningInvoker) => Promise<void>): void {
    this.#last = this.#last.then(async () => {
      const running = await this.#started;
      // Between two changes of threads, which take their time, the process hears signals.
      await setImmediate();
      if (this.#state === 'closed') return;
      await request(running).catch((error: Error) => this.#events.refused(`cannot scale: ${error.message}`));
    });
  }

  async #scale(running: RunningInvoker, port: number, threadsPerQueue: number): Promise<void> {
    const { services, maxThreadsPerQueue } = this.#options;
    const reason = services.some((service) => service.port === port)
      ? cannotScale(this.#id, threadsPerQueue, maxThreadsPerQueue)
      : `no function is served there, only on ${services.map((service) => service.port).join(', ')}`;
    if (reason !== null) {
      this.#events.refused(`cannot scale port ${port} to ${threadsPerQueue}: ${reason}`);
      return;
    }
    await running.scale(port, threadsPerQueue);
    this.#events.scaled(port, threadsPerQueue);
  }
}

/** Running threads of a function on each queue; the most if they differ, as after a change that failed half-way. */
function threadsPerQueueOf({ threads }: InvokerReading, port: number): number {
  const byQueue = new Map<number, number>();
  for (const thread of threads) {
    if (thread.port === port && thread.state === 'running')
      byQueue.set(thread.queue, (byQueue.get(thread.queue) ?? 0) + 1);
  }
  return Math.max(0, ...byQueue.values());
}
