import type { LeadContext } from '../../common/process/protocol.js';
import type { Window } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import { unpacedRate } from '../../native/index.js';
import { pause } from '../engines/clock.js';
import type { LoadEvents } from '../engines/engine.js';
import type { PacedTraffic } from '../traffic/traffic.js';
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

/** How long a load warms up and is measured. */
export type Durations = Pick<LeadContext, 'warmupNs' | 'durationNs'>;

/** Finds the offered rate of the highest reply rate, sees that full overload answers no more, and measures there. */
export async function saturate(traffic: PacedTraffic, durations: Durations, events: LoadEvents): Promise<void> {
  await warmUp(traffic, durations, events);
  for (let look = 1; ; look++) {
    const peak = await lookForPeak(traffic, events);
    events.phase('overload');
    await traffic.setRate(unpacedRate);
    await pause(overloadSettleNs);
    const { window: overload } = await traffic.watch({
      ...{ phase: 'overload', offeredPerSecond: null, durationNs: overloadNs },
    });
    const isPeak = perSecond(overload, overload.replied) <= stillGrowing * peak.replied;
    if (!isPeak && look < mostLooks) continue;
    events.window(overload);
    await offer(traffic, peak.offered);
    await measureAt(traffic, peak.offered, durations, events);
    return;
  }
}

/** The offered rate of the highest reply rate, which is offered at last. Warms up first. */
export async function findPeak(traffic: PacedTraffic, durations: Durations, events: LoadEvents): Promise<number> {
  await warmUp(traffic, durations, events);
  const { offered } = await lookForPeak(traffic, events);
  await offer(traffic, offered);
  return offered;
}

/** Offers a rate, and lets the requests of another one before it be answered. */
export async function offer(traffic: PacedTraffic, offered: number): Promise<void> {
  await traffic.setRate(offered);
  await pause(settleNs);
}

/** The measure phase at a rate that is offered already. */
export async function measureAt(
  traffic: PacedTraffic,
  offeredPerSecond: number,
  { durationNs }: Durations,
  events: LoadEvents,
): Promise<void> {
  events.phase('measure');
  const { window } = await traffic.watch({ phase: 'measure', offeredPerSecond, durationNs });
  events.window(window);
}

/** A just-in-time compiler needs it most. */
async function warmUp(traffic: PacedTraffic, { warmupNs }: Durations, events: LoadEvents): Promise<void> {
  events.phase('warmup');
  await traffic.setRate(warmupPerSecond);
  await pause(warmupNs);
}

/** The offered rate of the highest reply rate that was seen, and that reply rate, per second. */
async function lookForPeak(traffic: PacedTraffic, events: LoadEvents): Promise<{ offered: number; replied: number }> {
  events.phase('ramp');
  const trials: Trial[] = [];
  const again = { left: mostAgain };
  let step = nextStep(trials);
  for (; step.kind !== 'done'; step = nextStep(trials)) {
    const window = await tryStep(traffic, step, again);
    trials.push({
      offered: step.offered,
      sent: perSecond(window, window.sent),
      replied: perSecond(window, window.replied),
    });
    events.window(window);
  }
  return { offered: step.offered, replied: best(trials).replied };
}

async function tryStep(traffic: PacedTraffic, { kind, offered }: Step, again: { left: number }): Promise<Window> {
  const durationNs = kind === 'refine' ? refineTrialNs : rampTrialNs;
  for (;;) {
    await offer(traffic, offered);
    const { window, awayNs } = await traffic.watch({ phase: 'ramp', offeredPerSecond: offered, durationNs });
    if (again.left === 0 || awayNs <= mostAway * (window.endNs - window.beginNs)) return window;
    again.left--;
  }
}
