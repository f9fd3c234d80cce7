import type { LoadContext } from '../../common/process/protocol.js';
import type { Window } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import { unpacedRate } from '../../native/index.js';
import { pause } from '../engines/clock.js';
import { type LoadEvents, watch } from '../engines/engine.js';
import type { PacedEngine } from '../engines/paced.js';
import { awayNs } from './away.js';
import { nextStep, type Step, type Trial } from './peak-search.js';

const settleNs = 20e6;
/** Enough requests for a just-in-time compiler, few enough for every implementation. */
const warmupPerSecond = 20_000;
const rampTrialNs = 40e6;
const refineTrialNs = 120e6;
/** A trial whose generator did not run for more than this share of it is made again: it would look like the knee. */
const mostAway = 0.1;
/** Trials of one look for a peak that are made again. */
const mostAgain = 6;
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
  const again = { left: mostAgain };
  let step = nextStep(trials);
  for (; step.kind !== 'done'; step = nextStep(trials)) {
    const window = await tryStep(engine, context, step, again);
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

async function tryStep(
  engine: PacedEngine,
  context: LoadContext,
  { kind, offered }: Step,
  again: { left: number },
): Promise<Window> {
  for (;;) {
    engine.setRate(offered);
    await pause(settleNs);
    const awayBefore = awayNs(engine, context);
    const window = await watch(engine, 'ramp', offered, kind === 'refine' ? refineTrialNs : rampTrialNs);
    const away = awayNs(engine, context) - awayBefore;
    if (again.left === 0 || away <= mostAway * (window.endNs - window.beginNs)) return window;
    again.left--;
  }
}
