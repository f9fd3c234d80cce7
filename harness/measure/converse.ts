import { Child } from '../../common/process/child.js';
import { nowNs } from '../../common/process/clock.js';
import type {
  InvokerContext,
  InvokerMessage,
  LeadContext,
  LoadContext,
  LoadMessage,
} from '../../common/process/protocol.js';
import { clientSides, type HostSide } from '../../model/host-use.js';
import type { Counters, InvokerCounters, LoadTotals, Sample, Timeline, Window } from '../../model/record.js';
import { type Observe, unobserved } from './events.js';
import { HostCourse, type PhaseUse } from './host-course.js';
import type { HostReading, HostUse, MeasuredHost } from './host-reading.js';

/** A process of a cell: the words that start it, its name in messages, and what it is told first. */
export interface Side<Context> {
  name: string;
  words: readonly string[];
  context: Context;
}

/** What the hosts did in the measure phase. */
interface Measured {
  use: HostUse;
  /** By the clock of the invoker's host. */
  invokerPhase: Pick<Window, 'beginNs' | 'endNs'> | null;
}

/** What the two processes of a cell said. */
export interface Exchange extends Measured {
  /** When probe and programs were done and the first phase began. */
  loadBeganNs: number;
  granted: Record<string, string>;
  windows: Window[];
  samples: Sample[];
  timeline: Timeline;
  invoker: InvokerCounters;
  load: LoadTotals;
}

/**
 * The conversation with the invoker and the generator of one cell, from their start to their totals. The generators of
 * several clients are one here: the process that leads them.
 */
export class Conversation {
  readonly invoker: Child<InvokerMessage>;
  readonly generator: Child<LoadMessage>;
  readonly #observe: Observe;
  readonly #whenMeasured: (invoker: Child<InvokerMessage>) => Promise<void>;
  readonly #windows: Window[] = [];
  readonly #samples: Sample[] = [];
  readonly #hosts: readonly MeasuredHost[];
  /** Of each on its host. */
  #invokerPid = 0;
  #generatorPids: number[] = [];
  #loadBeganNs: number | null = null;
  readonly #recorded: Timeline['roundTrips'] = [];
  readonly #course: HostCourse;
  #measured: Promise<PhaseUse> = Promise.resolve({ hosts: [], pieces: [] });
  #meanwhile: Promise<void> = Promise.resolve();

  /**
   * Starts both on `hosts`, which are read when the measure phase begins and ends. `observe` hears their phases and samples.
   * `whenMeasured` runs from its begin on; the totals wait for it.
   */
  constructor(
    invoker: Side<InvokerContext>,
    generator: Side<LoadContext | LeadContext>,
    hosts: readonly MeasuredHost[],
    observe = unobserved,
    whenMeasured: (invoker: Child<InvokerMessage>) => Promise<void> = async () => {},
  ) {
    this.#observe = observe;
    this.#whenMeasured = whenMeasured;
    this.#hosts = hosts;
    this.#course = new HostCourse(hosts, () => this.#readHosts(), generator.context.durationNs);
    this.invoker = new Child<InvokerMessage>(invoker.name, invoker.words, invoker.context, (message) => {
      if (message.type === 'ready') this.#invokerPid = message.pid;
      if (message.type === 'sample') this.#sample('invoker', message);
    });
    this.generator = new Child<LoadMessage>(generator.name, generator.words, generator.context, (message) =>
      this.#hear(message),
    );
  }

  /** Resolves to what the invoker was granted, when both understood what they are to do. */
  async ready(): Promise<Record<string, string>> {
    const [{ granted }] = await Promise.all([this.invoker.expect('ready'), this.generator.expect('ready')]);
    return granted;
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
    const measured = await this.#measured;
    return {
      loadBeganNs: this.#loadBeganNs ?? nowNs(),
      granted,
      windows: this.#windows,
      samples: this.#samples,
      timeline: { roundTrips: this.#recorded, hosts: measured.pieces },
      ...measuredOf(measured),
      invoker,
      load,
    };
  }

  /** Ends both, and kills what has not left after `graceMs`. */
  async end(graceMs: number): Promise<void> {
    this.#course.stop();
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
    if (message.type === 'ready') this.#generatorPids = message.pids;
    if (message.type === 'sample') this.#sample('generator', message);
    if (message.type === 'recorded') {
      this.#recorded.push(message.piece);
      this.#observe(message);
    }
    if (message.type === 'phase') {
      this.#loadBeganNs ??= nowNs();
      this.#observe(message);
    }
    if (message.type === 'phase' && message.phase === 'measure') {
      this.#course.begin();
      this.#meanwhile = this.#whenMeasured(this.invoker);
      this.#meanwhile.catch(() => {}); // Heard where the exchange waits for it.
    }
    if (message.type === 'window') {
      this.#windows.push(message.window);
      if (message.window.phase === 'measure') {
        this.#measured = this.#course.end();
        this.#measured.catch(() => {}); // Heard where the exchange waits for it.
      }
    }
  }

  async #readHosts(): Promise<HostReading[]> {
    return await Promise.all(this.#hosts.map(({ side, read }) => read(this.#processesOf(side))));
  }

  #processesOf(side: HostSide): number[] {
    if (side === 'one') return [this.#invokerPid, ...this.#generatorPids];
    if (side === 'server') return [this.#invokerPid];
    const index = clientSides(this.#generatorPids.length).indexOf(side);
    return this.#generatorPids.slice(index, index + 1);
  }

  #sample(source: Sample['source'], { atNs, counters }: { atNs: number; counters: Counters }): void {
    const sample = { source, atNs, counters };
    this.#samples.push(sample);
    this.#observe({ type: 'sample', sample });
  }
}

function measuredOf({ hosts }: PhaseUse): Measured {
  const invoker = hosts.find(({ side }) => side === 'one' || side === 'server');
  return {
    use: together(hosts.map(({ use }) => use)),
    invokerPhase: invoker ? { beginNs: invoker.beginNs, endNs: invoker.endNs } : null,
  };
}

/** Of all hosts; of their quotas that which held its processes back the longest. */
function together(uses: readonly HostUse[]): HostUse {
  const quotas = uses.flatMap(({ quota }) => quota ?? []);
  return {
    cpu: uses.flatMap(({ cpu }) => cpu),
    foreign: uses.flatMap(({ foreign }) => foreign),
    quota: quotas.toSorted((a, b) => b.throttledNs - a.throttledNs)[0] ?? null,
    energy: uses.flatMap(({ energy }) => energy),
  };
}
