import { Child } from '../../common/process/child.js';
import { childScripts } from '../../common/process/paths.js';
import type { InvokerContext, InvokerMessage, LoadContext, LoadMessage } from '../../common/process/protocol.js';
import type { Topology } from '../../common/wire/topology.js';
import { buildLedger } from '../../harness/judge/ledger.js';
import type { InvokerCounters, Ledger, LoadTotals, Sample, Window } from '../../model/record.js';

/** What both sides of a cell said. */
export interface CellRun {
  invoker: InvokerCounters;
  load: LoadTotals;
  ledger: Ledger;
  windows: Window[];
  /** Of the invoker. */
  samples: Sample[];
  granted: Record<string, string>;
}

/** How the two processes are run. */
export interface CellOptions {
  /** Environment variables, as NAME=value. */
  environment?: string[];
  /** Runs while requests come; the load goes on until its duration is over. */
  during?(invoker: Child<InvokerMessage>): Promise<void>;
}

/** `reverse` on port 1232 by `implementation`, its threads on CPU 1, fed through an XDP program. */
export function invokerContext(
  { server }: Topology,
  implementation: InvokerContext['implementation'],
  threadsPerQueue: number,
  changes: Partial<InvokerContext> = {},
): InvokerContext {
  return {
    implementation,
    services: [{ port: 1232, functionId: 'reverse', threadsPerQueue }],
    interface: server.interface,
    queues: 1,
    cpus: new Array<number>(threadsPerQueue).fill(1),
    maxThreadsPerQueue: threadsPerQueue,
    idle: 'poll',
    settings: {},
    receivePath: 'xdp',
    sampleIntervalNs: 100e6,
    ...changes,
  };
}

/** Runs one load against one invoker on a wire that is there already. */
export async function runCell(
  { server, client }: Topology,
  invokerWith: InvokerContext,
  loadWith: LoadContext,
  { environment = [], during }: CellOptions = {},
): Promise<CellRun> {
  const samples: Sample[] = [];
  const windows: Window[] = [];
  const node = ['env', ...environment, process.execPath];
  const invoker = new Child<InvokerMessage>(
    'invoker',
    [...server.enter, ...node, childScripts.invoker, '--session'],
    invokerWith,
    (message) => {
      if (message.type === 'sample') samples.push({ source: 'invoker', ...message });
    },
  );
  const generator = new Child<LoadMessage>(
    'generator',
    [...client.enter, ...node, childScripts.generator, '--session'],
    loadWith,
    (message) => {
      if (message.type === 'window') windows.push(message.window);
      if (message.type === 'phase' && message.phase === 'measure') meanwhile = during?.(invoker);
    },
  );
  let meanwhile: Promise<void> | undefined;
  try {
    const { granted } = await invoker.expect('ready');
    generator.command({ type: 'start' });
    // The generator ends by itself, whatever becomes of the invoker, whose failure the next message would have told.
    const { totals: load } = await generator.expect('done');
    await meanwhile;
    invoker.command({ type: 'stop' });
    const { totals } = await invoker.expect('stopped');
    return { invoker: totals, load, ledger: buildLedger(load, totals), windows, samples, granted };
  } finally {
    await Promise.all([invoker.end(2000), generator.end(2000)]);
  }
}

/** The kernel may keep the one frame a queue that it took for a packet it then had to drop. */
export function framesMissing({ invoker }: CellRun): number {
  return (invoker.shared.framesTotal ?? 0) - (invoker.shared.framesAccounted ?? 0);
}
