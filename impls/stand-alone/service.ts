import { exitCodes } from '../../common/cli/exit-codes.js';
import { MetricsServer } from '../../common/cli/metrics-server.js';
import { write } from '../../common/cli/streams.js';
import { nowNs } from '../../common/process/clock.js';
import { readLines } from '../../common/process/protocol.js';
import type { RunningInvoker } from '../invoker.js';
import { grantedWork, workStepsOf } from '../work.js';
import { type Announcement, formatText, readyOf } from './announcer.js';
import { remarkOn } from './host.js';
import { InvokerMetrics } from './metrics.js';
import type { ServeRequest } from './options.js';
import { ratesBetween, type TimedReading } from './rates.js';
import { Scaler } from './scaler.js';
import type { InvokerSurroundings } from './surroundings.js';

/** How often the threads are looked after, and rates are printed. */
const tickMs = 1000;

/**
 * How long a stop may take before a second signal counts: npm passes on a Ctrl-C that the terminal has sent to all of
 * the group already, so that the first often comes twice.
 */
const stopGraceMs = 1000;

/** An invoker that serves any client until a signal, and hears what its user wants in between. */
export class StandAloneService {
  readonly #request: ServeRequest;
  readonly #surroundings: InvokerSurroundings;
  readonly #complain: (message: string) => void;
  readonly #scaler: Scaler;
  /** Resolves when it is to stop. */
  readonly #over: Promise<void>;
  #end = () => {};
  #endedAtNs: number | null = null;
  #fault: Error | null = null;
  #toldOfUnserved = false;

  /** `complain` prints one line for the user. */
  constructor(request: ServeRequest, surroundings: InvokerSurroundings, complain: (message: string) => void) {
    this.#request = request;
    this.#surroundings = surroundings;
    this.#complain = complain;
    this.#scaler = new Scaler(request.id, request.options, {
      scaled: (port, threadsPerQueue) => this.#say({ type: 'scaled', port, threadsPerQueue }),
      refused: complain,
    });
    this.#over = new Promise((resolve) => {
      this.#end = () => {
        this.#endedAtNs ??= nowNs();
        resolve();
      };
    });
  }

  /** Resolves to the exit code; rejects with what kept the invoker from starting or what a thread died of. */
  serve(): Promise<number> {
    const { stdin, signals } = this.#surroundings;
    const abandoned = new Promise<number>((abandon) => {
      for (const signal of ['SIGINT', 'SIGTERM']) {
        signals.on(signal, () => {
          if (this.#endedAtNs === null) this.#end();
          else {
            const stoppingMs = (nowNs() - this.#endedAtNs) / 1e6;
            setTimeout(abandon, Math.max(0, stopGraceMs - stoppingMs), exitCodes.interrupted);
          }
        });
      }
    });
    // Before anything starts: nobody listening, the first starts Node's debugger and the second ends the process.
    signals.on('SIGUSR1', () => this.#scaler.addToAll(1));
    signals.on('SIGUSR2', () => this.#scaler.addToAll(-1));
    if (stdin) {
      const obey = (line: string) => this.#scaler.obey(line);
      readLines(stdin, obey, obey);
      stdin.on('error', (error) => this.#complain(`cannot read the standard input: ${error.message}`));
    }
    return Promise.race([abandoned, this.#run()]);
  }

  async #run(): Promise<number> {
    const { id, options, metrics } = this.#request;
    // Before the datapath: if somebody has the port, nothing was attached.
    const server = metrics && (await MetricsServer.listen(metrics));
    let running: RunningInvoker;
    let workSteps: number;
    try {
      workSteps = workStepsOf(options);
      const remark = await remarkOn(id, options.interface, this.#surroundings.host);
      if (remark !== null) this.#complain(remark);
      running = await this.#surroundings.implementations[id].start({ ...options, workSteps });
    } catch (error) {
      server?.close();
      // A terminal's signal goes to the processes of the implementation, too: ended while they start, they have not failed.
      if (this.#endedAtNs !== null) return exitCodes.ok;
      throw error;
    }
    this.#say(readyOf(id, options, { ...running.granted, ...grantedWork(workSteps) }));
    server?.show(new InvokerMetrics(id, running));
    this.#scaler.begin(running);
    const ticker = this.#startTicking(running);
    await this.#over;
    clearInterval(ticker);
    server?.close();
    await this.#scaler.close();
    if (this.#fault) {
      // It may be unable to stop for the same reason.
      await running.stop().catch(() => {});
      throw this.#fault;
    }
    await this.#write({ type: 'totals', ...(await running.stop()) });
    return exitCodes.ok;
  }

  /** Looks once a second whether the threads still live, and prints rates if asked to. */
  #startTicking(running: RunningInvoker): NodeJS.Timeout {
    let before: TimedReading = { atNs: nowNs(), threads: [], shared: {} };
    let reading = false;
    const tick = async () => {
      const now = { ...(await running.read()), atNs: nowNs() };
      // A reader that does not keep up misses some; the threads do not wait for it, nor is memory spent on it.
      if (this.#request.stats === 'on' && this.#endedAtNs === null && !this.#surroundings.stdout.writableNeedDrain) {
        const { atNs, threads, shared } = now;
        const rates = ratesBetween(before, now);
        this.#say({ type: 'stats', atNs, intervalNs: atNs - before.atNs, rates, threads, shared });
      }
      before = now;
      this.#tellOfUnserved(now.shared.steerUnservedQueue ?? 0);
    };
    return setInterval(() => {
      if (reading) return;
      reading = true;
      tick()
        .catch((error: Error) => this.#fail(error))
        .finally(() => {
          reading = false;
        });
    }, tickMs);
  }

  /** Once: the counter goes on telling. */
  #tellOfUnserved(requests: number): void {
    if (requests === 0 || this.#toldOfUnserved) return;
    this.#toldOfUnserved = true;
    const where = `RX queues of ${this.#request.options.interface} that are not served`;
    this.#complain(`${requests} requests came in on ${where} (without --queues all are that there are at the start)`);
  }

  #say(announcement: Announcement): void {
    this.#write(announcement).catch((error: Error) => this.#fail(error));
  }

  /** A reader that has left ends the service like a signal: nobody is left to serve for. */
  async #write(announcement: Announcement): Promise<void> {
    const { output } = this.#request;
    const line = output === 'json' ? JSON.stringify(announcement) : formatText(announcement);
    if ((await write(this.#surroundings.stdout, `${line}\n`)) === 'closed') this.#end();
  }

  #fail(error: Error): void {
    this.#fault ??= error;
    this.#end();
  }
}
