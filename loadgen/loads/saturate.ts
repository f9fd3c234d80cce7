import type { LoadContext } from '../../common/process/protocol.js';
import type { Window } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import { unpacedRate } from '../../native/index.js';
import { pause } from '../engines/clock.js';
import { type LoadEvents, watch } from '../engines/engine.js';
import type { PacedEngine } from '../engines/paced.js';
import type { HostWatch } from './capacity/host-watch.js';
import { nextStep, type Step, type Trial } from './peak-search.js';

const settleNs = 20e6;
/** Enough requests for a just-in-time compiler, few enough for every implementation. */
const warmupPerSecond = 20_000;
const rampTrialNs = 40e6;
const refineTrialNs = 120e6;
/** A trial of which the host took more than this share is made again. */
const mostTaken = 0.1;
/** So many are, in one look for a peak. */
const mostAgain = 6;
const overloadSettleNs = 50e6;
const overloadNs = 250e6;

/** Finds the offered rate of the highest reply rate, measures there, then once more unpaced. */
export async function saturate(
  engine: PacedEngine,
  context: LoadContext,
  events: LoadEvents,
  host: HostWatch,
): Promise<void> {
  const offered = await findPeak(engine, context, events, host);
  host.stop();
  events.phase('measure');
  events.window(await watch(engine, 'measure', offered, context.durationNs));
  events.phase('overload');
  engine.setRate(unpacedRate);
  await pause(overloadSettleNs);
  events.window(await watch(engine, 'overload', null, overloadNs));
}

/** The offered rate of the highest reply rate. Warms up first: a just-in-time compiler needs it most. */
export async function findPeak(
  engine: PacedEngine,
  context: LoadContext,
  events: LoadEvents,
  host: HostWatch,
): Promise<number> {
  events.phase('warmup');
  engine.setRate(warmupPerSecond);
  await pause(context.warmupNs);
  events.phase('ramp');
  const trials: Trial[] = [];
  const again = { left: mostAgain };
  let step = nextStep(trials);
  for (; step.kind !== 'done'; step = nextStep(trials)) {
    const window = await tryStep(engine, step, host, again);
    trials.push({
      offered: step.offered,
      sent: perSecond(window, window.sent),
      replied: perSecond(window, window.replied),
    });
    events.window(window);
  }
  engine.setRate(step.offered);
  await pause(settleNs);
  return step.offered;
}

/** A slow or absent CPU would look like the knee. */
async function tryStep(
  engine: PacedEngine,
  { kind, offered }: Step,
  host: HostWatch,
  again: { left: number },
): Promise<Window> {
  for (;;) {
    engine.setRate(offered);
    await pause(settleNs);
    const taken = await host.begin();
    const window = await watch(engine, 'ramp', offered, kind === 'refine' ? refineTrialNs : rampTrialNs);
    const { server, generator } = await taken();
    const takenNs = Math.max(server.stalledNs + server.slowNs, generator.stalledNs + generator.slowNs);
    if (again.left === 0 || takenNs < mostTaken * (window.endNs - window.beginNs)) return window;
    again.left--;
    engine.setRate(0);
    await host.rest();
  }
}
