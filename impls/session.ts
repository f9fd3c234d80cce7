import { toRunError } from '../harness/errors.js';
import type { Counters } from '../harness/model.js';
import { type InvokerContext, type InvokerMessage, readLines, writeLine } from '../harness/protocol.js';
import { PassProgram } from '../native/index.js';
import { kernelCounters } from '../native/kernel.js';
import { implementations } from './table.js';

/**
 * Serves one cell for the harness: context in on the first line, then ready, samples, and the totals after `stop` (or
 * the end of input: the harness is gone). Resolves to the exit code.
 */
export function serveSession(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<number> {
  const say = (message: InvokerMessage) => writeLine(output, message);
  return new Promise((resolve) => {
    let stop = () => {};
    const stopped = new Promise<void>((stopNow) => {
      stop = stopNow;
    });
    const onContext = (line: string) => {
      serve(JSON.parse(line) as InvokerContext, say, stopped).then(resolve, (error: unknown) => {
        say({ type: 'error', error: toRunError(error) });
        resolve(1);
      });
    };
    let lines = 0;
    readLines(
      input,
      (line) => (lines++ === 0 ? onContext(line) : stop()),
      () => (lines === 0 ? resolve(1) : stop()),
    );
  });
}

async function serve(
  context: InvokerContext,
  say: (message: InvokerMessage) => void,
  stopped: Promise<void>,
): Promise<number> {
  const implementation = implementations[context.implementation];
  const pass =
    context.receivePath === 'xdp' && implementation.receives === 'socket' ? new PassProgram(context.interface) : null;
  const running = await implementation.start(context);
  say({ type: 'ready', granted: { ...running.granted, receivePath: pass ? 'xdp-pass' : implementation.receives } });

  let fault: unknown = null;
  const sampler = setInterval(async () => {
    try {
      const counters = await running.counters();
      say({ type: 'sample', atNs: Number(process.hrtime.bigint()), counters: totalsOf(counters) });
    } catch (error) {
      fault ??= error;
      clearInterval(sampler);
      say({ type: 'error', error: toRunError(error) });
    }
  }, context.sampleIntervalNs / 1e6);
  await stopped;
  clearInterval(sampler);
  if (fault) throw fault;
  const totals = await running.stop();
  say({ type: 'stopped', totals: { ...totals, kernel: kernelCounters(context.interface) } });
  pass?.close();
  return 0;
}

/** What a time series needs: handled and replied, in all and by thread. */
function totalsOf(threads: Counters[]): Counters {
  const sum = (name: string) => threads.reduce((total, thread) => total + (thread[name] ?? 0), 0);
  const byThread = threads.map((thread, i) => [`handled.${i}`, thread.handled ?? 0]);
  return { handled: sum('handled'), replied: sum('replied'), ...Object.fromEntries(byThread) };
}
