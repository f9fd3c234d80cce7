import type { LoadContext } from '../common/protocol.js';
import { perSecond } from '../common/window.js';
import { unpacedRate } from '../native/index.js';
import { pause } from './clock.js';
import { type LoadEvents, watch } from './engine.js';
import type { PacedEngine } from './paced.js';
import { nextStep, type Trial } from './search.js';

const settleNs = 20e6;
/** Enough requests for a just-in-time compiler, few enough for every implementation. */
const warmupPerSecond = 20_000;
const rampTrialNs = 40e6;
const refineTrialNs = 120e6;
const overloadSettleNs = 50e6;
const overloadNs = 250e6;

/** Finds the offered rate of the highest reply rate, measures there, then once more unpaced. */
export async function saturate(engine: PacedEngine, context: LoadContext, events: LoadEvents): Promise<void> {
  const offered = await findPeak(engine, context, events);
  events.phase('measure');
  events.window(await watch(engine, 'measure', offered, context.durationNs));
  events.phase('overload');
  engine.setRate(unpacedRate);
  await pause(overloadSettleNs);
  events.window(await watch(engine, 'overload', null, overloadNs));
}

/** The offered rate of the highest reply rate. Warms up first: a just-in-time compiler needs it most. */
export async function findPeak(engine: PacedEngine, context: LoadContext, events: LoadEvents): Promise<number> {
  events.phase('warmup');
  engine.setRate(warmupPerSecond);
  await pause(context.warmupNs);
  events.phase('ramp');
  const trials: Trial[] = [];
  let step = nextStep(trials);
  for (; step.kind !== 'done'; step = nextStep(trials)) {
    engine.setRate(step.offered);
    await pause(settleNs);
    const window = await watch(engine, 'ramp', step.offered, step.kind === 'ramp' ? rampTrialNs : refineTrialNs);
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
