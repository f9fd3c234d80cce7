import type { LoadContext } from '../../../common/process/protocol.js';
import type { Window } from '../../../model/record.js';
import { nowNs, pause } from '../../engines/clock.js';
import { type LoadEvents, settled, unanswered, watchWhile } from '../../engines/engine.js';
import type { PacedEngine } from '../../engines/paced.js';
import { awayNs } from '../away.js';
import type { PieceOutcome } from './bracket.js';

const pieceNs = 250e6;
/** Requests still queued when a piece ends, beyond this share of it: the server does not keep up, it only has not lost yet. */
const tolerableBacklog = 0.005;
/** With this share of a piece unanswered no goal can be met any more: the time is better spent on the next piece. */
const hopelessBacklog = 0.12;
const glanceNs = 50e6;
/** Without a reply where some are missing, before they count as lost. */
const patienceNs = 60e6;
/** A generator that sends less of what is asked for, though it runs, cannot offer that load. */
const sendsEnough = 0.99;
/** A piece whose generator did not run for more than this share of it did not offer its load. */
const mostAway = 0.03;
/** Pieces of a search that are made again: on a host that keeps taking the generator's CPU the load cannot be offered. */
const mostRepeated = 16;

/** Makes the pieces of a search: a quarter of a second at one load each. */
export class Pieces {
  /** Pieces that count, and those that were made again. */
  counted = 0;
  repeated = 0;

  constructor(
    private readonly engine: PacedEngine,
    private readonly context: Pick<LoadContext, 'sharing' | 'cpus'>,
    private readonly events: LoadEvents,
  ) {}

  /** Offers a load, in requests a second, for a piece; null where that has to be made again. */
  async offer(load: number): Promise<PieceOutcome | null> {
    const piece = await this.#make(load);
    const answersOthers = piece.window.replied - piece.window.wrong > piece.window.sent;
    if (this.repeated < mostRepeated && (wasAway(piece) || answersOthers)) {
      this.repeated++;
      return null;
    }
    this.counted++;
    this.events.window(piece.window);
    return judge(load, piece);
  }

  /** The counters are read when all replies are in, and the queue is empty when the next piece begins. */
  async #make(load: number): Promise<Piece> {
    const { engine, context } = this;
    const awayBefore = awayNs(engine, context);
    const before = engine.counters();
    engine.setRate(load);
    const beganNs = nowNs();
    const mostUnanswered = (hopelessBacklog * load * pieceNs) / 1e9;
    const isHopeless = () => unanswered(before, engine.counters()) > mostUnanswered;
    const window = await watchWhile(engine, 'search', load, async () => {
      while (nowNs() - beganNs < pieceNs && !isHopeless())
        await pause(Math.min(glanceNs, pieceNs - (nowNs() - beganNs)));
    });
    engine.setRate(0);
    const backlog = unanswered(before, engine.counters());
    await settled(engine, before, patienceNs);
    const after = engine.counters();
    const counted = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
    const sent = counted('sent');
    const lost = Math.max(0, sent - counted('replied'));
    // Without what was lost: that counts already.
    const queued = Math.max(0, backlog - lost);
    const late = queued > Math.max(1, tolerableBacklog * sent) ? queued : 0;
    return {
      // So that a loss ratio can be derived from the record of the window.
      window: { ...window, sent, replied: counted('replied') - late, wrong: counted('wrong') },
      sentInTime: window.sent,
      // A thread's absence is counted when it is over: it may have ended the piece.
      awayNs: awayNs(engine, context) - awayBefore,
    };
  }
}

interface Piece {
  /** `sent` and `replied` are those of the piece, until all replies were in, without replies that came from a deep queue. */
  window: Window;
  /** While the load was offered. */
  sentInTime: number;
  /** The generator's threads did not run for so long. */
  awayNs: number;
}

const wasAway = ({ window, awayNs: ns }: Piece) => ns > mostAway * (window.endNs - window.beginNs);

function judge(load: number, piece: Piece): PieceOutcome {
  const { window, sentInTime } = piece;
  const dueIn = (ns: number) => (load * ns) / 1e9;
  const due = dueIn(window.endNs - window.beginNs);
  // The first one may have left before the window began.
  const leftOut = Math.max(0, due - sentInTime - 1);
  const excused = wasAway(piece) ? 0 : dueIn(piece.awayNs);
  const right = window.replied - window.wrong;
  return {
    lossRatio: Math.max(0, window.sent - right) / Math.max(1, window.sent),
    sent: leftOut - excused > (1 - sendsEnough) * due ? 'no' : 'yes',
  };
}
