import { toRunError } from '../common/cli/errors.js';
import { nowNs } from '../common/process/clock.js';
import { MessageOutput } from '../common/process/message-output.js';
import { type Command, type InvokerContext, type InvokerMessage, readLines } from '../common/process/protocol.js';
import type { Counters } from '../model/record.js';
import { PassProgram } from '../native/index.js';
import { countedSince, kernelCounters } from '../native/kernel.js';
import { abilities } from './abilities.js';
import type { InvokerReading, RunningInvoker, ThreadReading } from './invoker.js';
import { implementations } from './table.js';
import { grantedWork } from './work.js';

type Say = (message: InvokerMessage) => void;

/**
 * Serves one cell for the harness: context in on the first line, then ready, samples, and the totals after `stop` (or
 * the end of input: the harness is gone). Resolves to the exit code.
 */
export function serveSession(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<number> {
  const messages = new MessageOutput<InvokerMessage>(output);
  const say: Say = (message) => messages.say(message);
  return new Promise((resolve) => {
    let session: Session | null = null;
    const onContext = (line: string) => {
      session = new Session(JSON.parse(line) as InvokerContext, say);
      resolve(messages.end(session.serve()));
    };
    readLines(
      input,
      (line) => (session ? session.obey(JSON.parse(line) as Command) : onContext(line)),
      () => (session ? session.obey({ type: 'stop' }) : resolve(1)),
    );
  });
}

/** One invoker from its context to its totals. */
class Session {
  readonly #context: InvokerContext;
  readonly #say: Say;
  readonly #stopped: Promise<void>;
  #stop = () => {};
  #running: RunningInvoker | null = null;
  #fault: unknown = null;

  constructor(context: InvokerContext, say: Say) {
    this.#context = context;
    this.#say = say;
    this.#stopped = new Promise((stop) => {
      this.#stop = stop;
    });
  }

  obey(command: Command): void {
    if (command.type === 'stop') this.#stop();
    if (command.type === 'scale')
      this.#scale(command.port, command.threadsPerQueue).catch((error) => this.#fail(error));
  }

  async serve(): Promise<void> {
    const context = this.#context;
    const implementation = implementations[context.implementation];
    // A card has counted before.
    const kernelBefore = kernelCounters(context.interface);
    const pass =
      context.receivePath === 'xdp' && abilities[context.implementation].receives !== 'xdp'
        ? new PassProgram(context.interface)
        : null;
    const running = await implementation.start({ ...context, address: '', servedRxQueues: 0 });
    this.#running = running;
    this.#say({
      type: 'ready',
      pid: process.pid,
      granted: {
        ...running.granted,
        receivePath: pass ? 'xdp-pass' : abilities[context.implementation].receives,
        ...grantedWork(context.workSteps),
      },
    });
    const sampler = setInterval(() => {
      this.#sample(running).catch((error) => {
        clearInterval(sampler);
        this.#fail(error);
      });
    }, context.sampleIntervalNs / 1e6);
    await this.#stopped;
    clearInterval(sampler);
    if (this.#fault) throw this.#fault;
    // What passed since the last sample is known too: the measure phase may end in between.
    await this.#sample(running);
    const { threads, shared } = await running.stop();
    const totals = { threads: threads.map(({ counters }) => counters), shared };
    const kernel = countedSince(kernelBefore, kernelCounters(context.interface));
    this.#say({ type: 'stopped', totals: { ...totals, kernel } });
    pass?.close();
  }

  async #sample(running: RunningInvoker): Promise<void> {
    const threads = await running.readThreads();
    this.#say({ type: 'sample', atNs: nowNs(), counters: seriesOf(threads) });
  }

  async #scale(port: number, threadsPerQueue: number): Promise<void> {
    await this.#running?.scale(port, threadsPerQueue);
    this.#say({ type: 'scaled', port, threadsPerQueue });
  }

  #fail(error: unknown): void {
    this.#fault ??= error;
    this.#say({ type: 'error', error: toRunError(error) });
  }
}

/** What a time series needs: handled and replied in all, and what each thread handled and how it waited for its CPU. */
function seriesOf(threads: ThreadReading[]): Counters {
  const byThread = threads.flatMap(({ counters }, thread) =>
    ['handled', 'runDelayNs', 'runs'].flatMap((name): [string, number][] => {
      const value = counters[name];
      return value === undefined ? [] : [[`${name}.${thread}`, value]];
    }),
  );
  return {
    handled: sumOf({ threads }, 'handled'),
    replied: sumOf({ threads }, 'replied'),
    ...Object.fromEntries(byThread),
  };
}

function sumOf({ threads }: Pick<InvokerReading, 'threads'>, name: string): number {
  return threads.reduce((total, { counters }) => total + (counters[name] ?? 0), 0);
}
