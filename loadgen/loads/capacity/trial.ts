import type { Window } from '../../../model/record.js';
import { nowNs, pause } from '../../engines/clock.js';
import { type LoadEvents, settled, unanswered, watchWhile } from '../../engines/engine.js';
import type { PacedEngine } from '../../engines/paced.js';
import type { HostTook, HostWatch } from './host-watch.js';
import { type CapacityTrial, type Losses, verdictsOn, type Wanted } from './search.js';

/** A trial of a second is made in pieces: where the host takes CPU time for a tenth of a second, the others tell. */
const trialNs = 1e9;
const piecesOfTrial = 4;
const pieceNs = trialNs / piecesOfTrial;
/** A trial of which so many pieces are bad has told what it can: the time is better spent at another rate. */
const mostBad = piecesOfTrial / 2;
/** Requests still queued when a piece ends beyond this share of it: the server does not keep up, it only has not lost yet. */
const tolerableBacklog = 0.005;
/** So many unanswered, of what the whole trial asks for, are too many for any goal: the time is better spent on another try. */
const hopelessBacklog = 0.03;
const glanceNs = 50e6;
/** Without a reply where some are missing, before they count as lost. */
const patienceNs = 60e6;
/** A generator that sends less of what is asked for cannot offer that rate. */
const sendsEnough = 0.99;
/** A server that did not run for more than this share of a piece was disturbed. */
const mostStalled = 0.03;
/** So was one where the host slowed a CPU by more, and no more was lost than was due in the time that this took. */
const mostSlowed = 0.1;
/** A generator that left out more than this share, as it did not run, made a piece too short. */
const mostShortened = 0.1;

/** A second at a rate, or until half of it is bad. */
export async function makeTrial(
  engine: PacedEngine,
  events: LoadEvents,
  { rate, goal }: Wanted,
  host: HostWatch,
): Promise<CapacityTrial> {
  const pieces: Losses[] = [];
  while (pieces.length < piecesOfTrial && verdictsOn({ pieces }, goal).bad < mostBad) {
    await host.rest();
    pieces.push(await offerPiece(engine, events, rate, host));
  }
  return { offered: rate, pieces };
}

/** The counters are read when all replies are in. */
async function offerPiece(engine: PacedEngine, events: LoadEvents, offered: number, host: HostWatch): Promise<Losses> {
  const taken = await host.begin();
  const before = engine.counters();
  engine.setRate(offered);
  const beganNs = nowNs();
  const mostUnanswered = (hopelessBacklog * offered * trialNs) / 1e9;
  const isHopeless = () => unanswered(before, engine.counters()) > mostUnanswered;
  const window = await watchWhile(engine, 'search', offered, async () => {
    while (nowNs() - beganNs < pieceNs && !isHopeless()) await pause(Math.min(glanceNs, pieceNs - (nowNs() - beganNs)));
  });
  engine.setRate(0);
  const backlog = unanswered(before, engine.counters());
  await settled(engine, before, patienceNs);
  // What a CPU that does not run has not answered yet would be taken for lost, and count in the next piece.
  if (unanswered(before, engine.counters()) > 0 && host.isSlow()) await settled(engine, before);
  // A stall is counted when it is over, and it may have ended the piece; so those while the last replies come in count too.
  const took = await taken();
  const after = engine.counters();
  const sent = (after.sent ?? 0) - (before.sent ?? 0);
  const right = (after.replied ?? 0) - (before.replied ?? 0) - ((after.wrong ?? 0) - (before.wrong ?? 0));
  events.window({ ...window, sent, replied: right });
  return judged({ offered, window, sent, right, backlog, took });
}

/** What was counted of a piece. */
interface Counted {
  offered: number;
  /** While it was offered. */
  window: Window;
  /** Until all replies were in. */
  sent: number;
  right: number;
  /** Unanswered when it ended. */
  backlog: number;
  took: HostTook;
}

function judged({ offered, window, sent, right, backlog, took: { server, generator, lost: told } }: Counted): Losses {
  const lastedNs = window.endNs - window.beginNs;
  const dueIn = (ns: number) => (offered * ns) / 1e9;
  const unanswered = Math.max(0, sent - right);
  // Without what is lost: that counts already.
  const queued = Math.max(0, backlog - unanswered);
  const missing = unanswered + (queued > Math.max(1, tolerableBacklog * sent) ? queued : 0);
  // On a virtual wire the server's receive path runs on the generator's CPU.
  const slowNs = Math.max(server.slowNs, generator.slowNs);
  const isStood = server.stalledNs > mostStalled * lastedNs;
  // The first one may have left before the window began.
  const leftOut = Math.max(0, dueIn(lastedNs) - window.sent - 1);
  const unexplained = Math.max(0, leftOut - dueIn(generator.stalledNs + generator.slowNs));
  return {
    lossRatio: Math.max(0, missing - (isStood ? 0 : told)) / Math.max(1, sent),
    disturbed: isStood || (slowNs > mostSlowed * lastedNs && missing <= dueIn(slowNs)),
    exhausted: unexplained > (1 - sendsEnough) * dueIn(lastedNs),
    // More replies than requests: some are late, of the piece before.
    tooShort: leftOut > mostShortened * dueIn(lastedNs) || right > sent,
  };
}
