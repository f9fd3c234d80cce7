import { expect } from 'vitest';
import type { Child } from '../../common/process/child.js';
import { childScripts } from '../../common/process/paths.js';
import type { InvokerContext, InvokerMessage, LoadContext } from '../../common/process/protocol.js';
import { buildLedger } from '../../harness/judge/ledger.js';
import { Conversation } from '../../harness/measure/converse.js';
import { unobserved } from '../../harness/measure/events.js';
import { vethTestbed } from '../../harness/measure/testbed.js';
import type { InvokerCounters, Ledger, LoadTotals, Sample, Window } from '../../model/record.js';
import type { Wire } from './wire.js';

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

/** Every request is accounted for, and every reply was right. */
export function expectSound({ ledger, load, windows }: CellRun): void {
  expect(ledger).toMatchObject({ wrong: 0, residual: 0, handled: ledger.replied });
  expect(ledger.right).toBeGreaterThan(0);
  expect(load.generator.checked).toBeGreaterThan(0);
  const measured = windows.find(({ phase }) => phase === 'measure');
  expect(measured?.replied, JSON.stringify(windows)).toBeGreaterThan(0);
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
  { server }: Pick<Wire, 'server'>,
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
    workSteps: 0,
    receivePath: 'xdp',
    sampleIntervalNs: 100e6,
    ...changes,
  };
}

/** Runs one load against one invoker on a wire that is there already. */
export async function runCell(
  { server, client }: Wire,
  invokerWith: InvokerContext,
  loadWith: LoadContext,
  { environment = [], during }: CellOptions = {},
): Promise<CellRun> {
  const node = ['env', ...environment, process.execPath];
  const conversation = new Conversation(
    {
      name: 'invoker',
      words: [...server.enter, ...node, childScripts.invoker, '--session'],
      context: invokerWith,
    },
    {
      name: 'generator',
      words: [...client.enter, ...node, childScripts.generator, '--session'],
      context: loadWith,
    },
    vethTestbed.hosts,
    unobserved,
    during,
  );
  try {
    await conversation.ready();
    const exchange = await conversation.exchange();
    const samples = exchange.samples.filter(({ source }) => source === 'invoker');
    return { ...exchange, samples, ledger: buildLedger(exchange.load, exchange.invoker, 'veth') };
  } finally {
    await conversation.end(2000);
  }
}

/** The kernel may keep the one frame a queue that it took for a packet it then had to drop. */
export function framesMissing({ invoker }: CellRun): number {
  return (invoker.shared.framesTotal ?? 0) - (invoker.shared.framesAccounted ?? 0);
}
