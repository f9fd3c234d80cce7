import { Child } from '../../common/process/child.js';
import { nowNs } from '../../common/process/clock.js';
import type { InvokerContext, InvokerMessage, LoadContext, LoadMessage } from '../../common/process/protocol.js';
import type { Counters, InvokerCounters, LoadTotals, Sample, Window } from '../../model/record.js';
import { type HostReading, type HostUse, readHost, useBetween } from './host-reading.js';

/** A process of a cell: the words that start it, its name in messages, and what it is told first. */
export interface Side<Context> {
  name: string;
  words: readonly string[];
  context: Context;
}

/** What the two processes of a cell said. */
export interface Exchange {
  /** When probe and programs were done and the first phase began. */
  loadBeganNs: number;
  granted: Record<string, string>;
  windows: Window[];
  samples: Sample[];
  /** Of the measure phase. */
  use: HostUse;
  invoker: InvokerCounters;
  load: LoadTotals;
}

/** The conversation with the invoker and the generator of one cell, from their start to their totals. */
export class Conversation {
  readonly invoker: Child<InvokerMessage>;
  readonly generator: Child<LoadMessage>;
  readonly #whenMeasured: (invoker: Child<InvokerMessage>) => Promise<void>;
  readonly #windows: Window[] = [];
  readonly #samples: Sample[] = [];
  #loadBeganNs: number | null = null;
  #measureBegin: HostReading | null = null;
  #use: HostUse = { cpu: [], foreign: [], quota: null };
  #meanwhile: Promise<void> = Promise.resolve();

  /** Starts both. `whenMeasured` runs from the begin of the measure phase on; the totals wait for it. */
  constructor(
    invoker: Side<InvokerContext>,
    generator: Side<LoadContext>,
    whenMeasured: (invoker: Child<InvokerMessage>) => Promise<void> = async () => {},
  ) {
    this.#whenMeasured = whenMeasured;
    this.invoker = new Child<InvokerMessage>(invoker.name, invoker.words, invoker.context, (message) => {
      if (message.type === 'sample') this.#sample('invoker', message);
    });
    this.generator = new Child<LoadMessage>(generator.name, generator.words, generator.context, (message) =>
      this.#hear(message),
    );
  }

  /** Resolves when both understood what they are to do. */
  async ready(): Promise<void> {
    await Promise.all([this.invoker.expect('ready'), this.generator.expect('ready')]);
  }

  /** Lets the load run and resolves to all that was said; rejects when either process fails. */
  async exchange(): Promise<Exchange> {
    this.generator.command({ type: 'start' });
    // An invoker that dies takes the load's meaning with it: do not wait for the generator to notice.
    const { totals: load } = await Promise.race([this.generator.expect('done'), this.#invokerLost()]);
    await this.#meanwhile;
    this.invoker.command({ type: 'stop' });
    const { totals: invoker } = await this.invoker.expect('stopped');
    const { granted } = await this.invoker.expect('ready');
    return {
      loadBeganNs: this.#loadBeganNs ?? nowNs(),
      granted,
      windows: this.#windows,
      samples: this.#samples,
      use: this.#use,
      invoker,
      load,
    };
  }

  /** Ends both, and kills what has not left after `graceMs`. */
  async end(graceMs: number): Promise<void> {
    await Promise.all([this.invoker.end(graceMs), this.generator.end(graceMs)]);
  }

  /** Rejects when the invoker ends before it was asked to; never resolves. */
  async #invokerLost(): Promise<never> {
    try {
      return await this.invoker.failure();
    } catch (error) {
      if (!this.invoker.said('stopped')) throw error;
      return new Promise<never>(() => {});
    }
  }

  #hear(message: LoadMessage): void {
    if (message.type === 'sample') this.#sample('generator', message);
    if (message.type === 'phase') this.#loadBeganNs ??= nowNs();
    if (message.type === 'phase' && message.phase === 'measure') {
      this.#measureBegin = this.#readHost();
      this.#meanwhile = this.#whenMeasured(this.invoker);
      this.#meanwhile.catch(() => {}); // Heard where the exchange waits for it.
    }
    if (message.type === 'window') {
      this.#windows.push(message.window);
      if (message.window.phase === 'measure' && this.#measureBegin)
        this.#use = useBetween(this.#measureBegin, this.#readHost());
    }
  }

  #readHost(): HostReading {
    return readHost([this.invoker.pid, this.generator.pid]);
  }

  #sample(source: Sample['source'], { atNs, counters }: { atNs: number; counters: Counters }): void {
    this.#samples.push({ source, atNs, counters });
  }
}
