import type { Stalls } from '../common/protocol.js';
import type { Window } from '../harness/model.js';
import type { CapacityTrial } from './capacity-search.js';
import { nowNs, pause } from './clock.js';
import { type LoadEvents, settled, unanswered, watchWhile } from './engine.js';
import type { PacedEngine } from './paced.js';

const trialNs = 1e9;
/** Requests still queued when a trial ends beyond this share of it: the server does not keep up, it only has not lost yet. */
const tolerableBacklog = 0.005;
/** So many unanswered, of what the whole trial asks for, are too many for any goal: the time is better spent on another try. */
const hopelessBacklog = 0.03;
const glanceNs = 50e6;
/** A generator that sends less of what is asked for cannot offer that rate. */
const sendsEnough = 0.99;
/** A server that did not run for more than this share of a trial was not tried: no more than ends one is excused. */
const mostStalled = hopelessBacklog;
/** A generator that did not run meanwhile makes a trial shorter; by more than this share of it, too short. */
const mostShortened = 0.1;

/** How long measured threads did not run, until now. */
export interface StallReader {
  server(): Promise<Stalls>;
  /** In ns, the mean of the threads. */
  generator(): number;
}

/** One second at a rate, or until that is hopeless; the counters are read when all replies are in. */
export async function makeTrial(
  engine: PacedEngine,
  events: LoadEvents,
  offered: number,
  stalls: StallReader,
): Promise<CapacityTrial> {
  const serverBefore = await stalls.server();
  const generatorBeforeNs = stalls.generator();
  const before = engine.counters();
  engine.setRate(offered);
  const beganNs = nowNs();
  const mostUnanswered = (hopelessBacklog * offered * trialNs) / 1e9;
  const window = await watchWhile(engine, 'search', offered, async () => {
    while (nowNs() - beganNs < trialNs && unanswered(before, engine.counters()) < mostUnanswered)
      await pause(Math.min(glanceNs, trialNs - (nowNs() - beganNs)));
  });
  engine.setRate(0);
  const backlog = unanswered(before, engine.counters());
  await settled(engine, before);
  // A stall is counted when it is over, and it may have ended the trial; so those while the last replies come in count too.
  const generatorStalledNs = stalls.generator() - generatorBeforeNs;
  const serverAfter = await stalls.server();
  const after = engine.counters();
  const sent = (after.sent ?? 0) - (before.sent ?? 0);
  const right = (after.replied ?? 0) - (before.replied ?? 0) - ((after.wrong ?? 0) - (before.wrong ?? 0));
  events.window({ ...window, sent, replied: right });
  const server = {
    stalledNs: serverAfter.stalledNs - serverBefore.stalledNs,
    lost: serverAfter.lost - serverBefore.lost,
  };
  return judged({ offered, window, sent, right, backlog, server, generatorStalledNs });
}

/** What was counted of a trial. */
interface Counted {
  offered: number;
  /** While it was offered. */
  window: Window;
  /** Until all replies were in. */
  sent: number;
  right: number;
  /** Unanswered when it ended. */
  backlog: number;
  server: Stalls;
  generatorStalledNs: number;
}

function judged({ offered, window, sent, right, backlog, server, generatorStalledNs }: Counted): CapacityTrial {
  const lastedNs = window.endNs - window.beginNs;
  const dueIn = (ns: number) => (offered * ns) / 1e9;
  const lost = Math.max(0, sent - right);
  // Without what is lost: that counts already.
  const queued = Math.max(0, backlog - lost);
  const missing = lost + (queued > tolerableBacklog * sent ? queued : 0);
  const lostInStalls = server.stalledNs > mostStalled * lastedNs ? 0 : server.lost;
  const ratio = (requests: number) => Math.max(0, requests) / Math.max(1, sent);
  const leftOut = Math.max(0, dueIn(lastedNs) - window.sent);
  const tolerated = (1 - sendsEnough) * dueIn(lastedNs);
  return {
    offered,
    lossRatio: ratio(missing - lostInStalls),
    leastLossRatio: ratio(missing - Math.max(lostInStalls, dueIn(server.stalledNs))),
    exhausted: leftOut - dueIn(generatorStalledNs) > tolerated,
    tooShort: generatorStalledNs > mostShortened * lastedNs,
  };
}
