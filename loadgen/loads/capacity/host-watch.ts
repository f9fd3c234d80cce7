import type { LoadContext, Stalls } from '../../../common/process/protocol.js';
import type { SpeedWatch } from '../../../native/index.js';
import { nowNs, pause } from '../../engines/clock.js';
import type { Engine } from '../../engines/engine.js';
import type { ServerHiccups } from './server-hiccups.js';
import { SlowTime } from './slow-time.js';

/** CPU time that the host took from one side, in ns; the mean of its threads or CPUs. */
interface Taken {
  /** While threads did not run. */
  stalledNs: number;
  /** By slowing CPUs. */
  slowNs: number;
}

/** What the host took from the measured threads between two moments. */
export interface HostTook {
  server: Taken;
  generator: Taken;
  /** Requests that the kernel had no room for while a thread of the server did not run. */
  lost: number;
}

/** What tells of the host. */
export interface HostSources {
  /** Nothing is taken for a hiccup where measured threads share CPUs: each does not run while another does. */
  context: Pick<LoadContext, 'cpus' | 'serverCpus' | 'sharing' | 'cores'>;
  engine: Pick<Engine, 'counters'>;
  hiccups: ServerHiccups;
  /** At the CPUs of `watchedCpus`. */
  speed: SpeedWatch;
}

const restStepNs = 20e6;
/** Slow spells that last longer are not waited for: they may be how the machine is. */
const mostRestNs = 200e6;

/** CPUs whose speed tells of the host: none where measured threads slow each other. */
export function watchedCpus({ cpus, serverCpus, sharing, cores }: HostSources['context']): number[] {
  return sharing === 'exclusive' && cores === 'own' ? [...new Set([...cpus, ...serverCpus])] : [];
}

/** Watches what the host takes from the threads that are measured. */
export class HostWatch {
  readonly #sources: HostSources;
  readonly #slowTimes: Map<number, SlowTime>;

  constructor(sources: HostSources) {
    this.#sources = sources;
    this.#slowTimes = new Map(watchedCpus(sources.context).map((cpu) => [cpu, new SlowTime()]));
  }

  /** Begins a reading; calling what it resolves to ends it. */
  async begin(): Promise<() => Promise<HostTook>> {
    const stallsBefore = await this.#serverStalls();
    const generatorBeforeNs = this.#generatorStalledNs();
    const beginNs = nowNs();
    return async () => {
      const endNs = nowNs();
      const generatorStalledNs = this.#generatorStalledNs() - generatorBeforeNs;
      const stalls = await this.#serverStalls();
      return {
        server: {
          stalledNs: stalls.stalledNs - stallsBefore.stalledNs,
          slowNs: this.#slowNs('server', beginNs, endNs),
        },
        generator: { stalledNs: generatorStalledNs, slowNs: this.#slowNs('generator', beginNs, endNs) },
        lost: stalls.lost - stallsBefore.lost,
      };
    };
  }

  /** Whether a watched CPU is slow at the moment. */
  isSlow(): boolean {
    this.#look();
    return [...this.#slowTimes.values()].some((slowTime) => slowTime.isSlow(nowNs()));
  }

  /** Resolves when no watched CPU is slow any more, or after a while. */
  async rest(): Promise<void> {
    const untilNs = nowNs() + mostRestNs;
    while (this.isSlow() && nowNs() < untilNs) await pause(restStepNs);
  }

  /** The share of the time between two moments that slowness took, of the side that lost more. */
  slowShare(beginNs: number, endNs: number): number {
    const lostNs = Math.max(this.#slowNs('server', beginNs, endNs), this.#slowNs('generator', beginNs, endNs));
    return lostNs / Math.max(1, endNs - beginNs);
  }

  /** Nothing is read afterwards. */
  stop(): void {
    this.#sources.speed.stop();
  }

  async #serverStalls(): Promise<Stalls> {
    const { context, hiccups } = this.#sources;
    return context.sharing === 'exclusive' ? await hiccups.stalls() : { stalledNs: 0, lost: 0 };
  }

  #generatorStalledNs(): number {
    const { context, engine } = this.#sources;
    return context.sharing === 'exclusive' ? (engine.counters().awayTotalNs ?? 0) / context.cpus.length : 0;
  }

  #slowNs(side: 'server' | 'generator', beginNs: number, endNs: number): number {
    this.#look();
    const { cpus, serverCpus } = this.#sources.context;
    const own = side === 'server' ? serverCpus : cpus;
    const lost = own.map((cpu) => this.#slowTimes.get(cpu)?.lostNs(beginNs, endNs) ?? 0);
    return lost.reduce((sum, ns) => sum + ns, 0) / Math.max(1, lost.length);
  }

  #look(): void {
    const looks = this.#sources.speed.take();
    for (const [i, slowTime] of [...this.#slowTimes.values()].entries()) slowTime.add(looks[i] ?? []);
  }
}
