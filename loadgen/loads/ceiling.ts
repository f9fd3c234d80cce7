import type { LoadContext, LoadMessage } from '../../common/process/protocol.js';
import type { PacedEngineId } from '../../model/ids.js';
import type { LoadTotals, Window } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import { PassProgram, Sink, unpacedRate } from '../../native/index.js';
import { pause } from '../engines/clock.js';
import { watch } from '../engines/engine.js';
import { cellConfig, startPaced } from '../engines/paced.js';

/** The two ends of a wire without an invoker: what an engine can send, and what of it can be counted. */

const settleNs = 100e6;
const windows = 3;

type CeilingEnd<Kind> = Extract<LoadContext['load'], { kind: Kind }>;
type Say = (message: LoadMessage) => void;

const totalsOf = (generator: LoadTotals['generator']): LoadTotals => ({
  generator,
  kernel: {},
  histogram: [],
  capacity: null,
  levels: [],
  clients: [],
});

/** Sends as fast as the engine can, nobody answering, and tells the best of a few windows: a host may take the CPU away. */
export async function flood(
  engine: PacedEngineId,
  { timed, checkEvery }: CeilingEnd<'flood'>,
  context: LoadContext,
  say: Say,
): Promise<void> {
  const load = startPaced(engine, { ...cellConfig(context, timed), checkEvery });
  try {
    load.setRate(unpacedRate);
    await pause(settleNs);
    const seen: Window[] = [];
    while (seen.length < windows) seen.push(await watch(load, 'measure', null, context.durationNs));
    const rates = seen.map((window) => perSecond(window, window.sent));
    const best = seen[rates.indexOf(Math.max(...rates))];
    if (best) say({ type: 'window', window: best });
  } finally {
    load.stop();
  }
  say({ type: 'done', totals: totalsOf(load.counters()) });
}

/** Takes in what a flood brings, from the phase it tells until it is told to stop. */
export async function sink(
  { checkEvery }: CeilingEnd<'sink'>,
  { server, packetBytes }: LoadContext,
  say: Say,
  stopped: Promise<void>,
): Promise<void> {
  const taking = new Sink(server.interface, packetBytes, checkEvery);
  say({ type: 'phase', phase: 'measure' });
  await stopped;
  const counters = taking.counters();
  taking.close();
  say({ type: 'done', totals: totalsOf(counters) });
}

/**
 * Holds a program on the server's interface that lets everything through, from the phase it tells until it is told to
 * stop: live frames reach no server on veth whose interface has none.
 */
export async function letThrough({ server }: LoadContext, say: Say, stopped: Promise<void>): Promise<void> {
  const pass = new PassProgram(server.interface);
  say({ type: 'phase', phase: 'measure' });
  await stopped;
  pass.close();
  say({ type: 'done', totals: totalsOf({}) });
}
