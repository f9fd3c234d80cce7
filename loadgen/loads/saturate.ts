import type { LoadContext } from '../../common/process/protocol.js';
import type { Window } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import { unpacedRate } from '../../native/index.js';
import { pause } from '../engines/clock.js';
import { type LoadEvents, watch } from '../engines/engine.js';
import type { PacedEngine } from '../engines/paced.js';
import { awayNs } from './away.js';
import { best, nextStep, type Step, stillGrowing, type Trial } from './peak-search.js';

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
/** A host that had the CPUs during a look hides the peak from it: overload that answers more tells, and it is made again. */
const mostLooks = 3;

/** Finds the offered rate of the highest reply rate, sees that full overload answers no more, and measures there. */
export async function saturate(engine: PacedEngine, context: LoadContext, events: LoadEvents): Promise<void> {
  await warmUp(engine, context, events);
  for (let look = 1; ; look++) {
    const peak = await lookForPeak(engine, context, events);
    events.phase('overload');
    engine.setRate(unpacedRate);
    await pause(overloadSettleNs);
    const overload = await watch(engine, 'overload', null, overloadNs);
    const isPeak = perSecond(overload, overload.replied) <= stillGrowing * peak.replied;
    if (!isPeak && look < mostLooks) continue;
    events.window(overload);
    await offer(engine, peak.offered);
    events.phase('measure');
    events.window(await watch(engine, 'measure', peak.offered, context.durationNs));
    return;
  }
}

/** The offered rate of the highest reply rate, which the engine is set to. Warms up first. */
export async function findPeak(engine: PacedEngine, context: LoadContext, events: LoadEvents): Promise<number> {
  await warmUp(engine, context, events);
  const { offered } = await lookForPeak(engine, context, events);
  await offer(engine, offered);
  return offered;
}

async function offer(engine: PacedEngine, offered: number): Promise<void> {
  engine.setRate(offered);
  await pause(settleNs);
}

/** A just-in-time compiler needs it most. */
async function warmUp(engine: PacedEngine, context: LoadContext, events: LoadEvents): Promise<void> {
  events.phase('warmup');
  engine.setRate(warmupPerSecond);
  await pause(context.warmupNs);
}

/** The offered rate of the highest reply rate that was seen, and that reply rate, per second. */
async function lookForPeak(
  engine: PacedEngine,
  context: LoadContext,
  events: LoadEvents,
): Promise<{ offered: number; replied: number }> {
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
  return { offered: step.offered, replied: best(trials).replied };
}

async function tryStep(
  engine: PacedEngine,
  context: LoadContext,
  { kind, offered }: Step,
  again: { left: number },
): Promise<Window> {
  for (;;) {
    await offer(engine, offered);
    const awayBefore = awayNs(engine, context);
    const window = await watch(engine, 'ramp', offered, kind === 'refine' ? refineTrialNs : rampTrialNs);
    const away = awayNs(engine, context) - awayBefore;
    if (again.left === 0 || away <= mostAway * (window.endNs - window.beginNs)) return window;
    again.left--;
  }
}
