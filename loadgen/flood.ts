import type { LoadContext, LoadMessage, LoadTotals } from '../common/protocol.js';
import type { PacedEngineId } from '../harness/model.js';
import { Sink, unpacedRate } from '../native/index.js';
import { pause } from './clock.js';
import { watch } from './engine.js';
import { cellConfig, startPaced } from './paced.js';

/** The two ends of a wire without an invoker: what an engine can send, and what of it can be counted. */

const settleNs = 100e6;
const checkEvery = 64;

type Say = (message: LoadMessage) => void;

const totalsOf = (generator: LoadTotals['generator']): LoadTotals => ({
  generator,
  kernel: {},
  histogram: [],
  capacity: null,
  levels: [],
});

/** Sends as fast as the engine can; nobody answers. */
export async function flood(engine: PacedEngineId, context: LoadContext, say: Say): Promise<void> {
  const load = startPaced(engine, cellConfig(context, false));
  try {
    load.setRate(unpacedRate);
    await pause(settleNs);
    say({ type: 'window', window: await watch(load, 'measure', null, context.durationNs) });
  } finally {
    load.stop();
  }
  say({ type: 'done', totals: totalsOf(load.counters()) });
}

/** Takes in what a flood brings, from the phase it tells until it is told to stop. */
export async function sink({ server, packetBytes }: LoadContext, say: Say, stopped: Promise<void>): Promise<void> {
  const taking = new Sink(server.interface, packetBytes, checkEvery);
  say({ type: 'phase', phase: 'measure' });
  await stopped;
  const counters = taking.counters();
  taking.close();
  say({ type: 'done', totals: totalsOf(counters) });
}
