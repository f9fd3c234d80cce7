import type { Piece } from '../../../common/process/questions.js';
import { mostPiecesRepeated } from '../../../model/record.js';
import type { LoadEvents } from '../../engines/engine.js';
import type { PacedTraffic } from '../../traffic/traffic.js';
import type { PieceOutcome } from './bracket.js';

/**
 * Requests still queued when a piece ends, beyond this share of it: the server does not keep up, it only has not lost
 * yet.
 */
const tolerableBacklog = 0.005;
/** A generator that sends less of what is asked for, though it runs, cannot offer that load. */
const sendsEnough = 0.99;
/** A piece whose generator did not run for more than this share of it did not offer its load. */
const mostAway = 0.03;

/** Makes the pieces of a search: a quarter of a second at one load each. */
export class Pieces {
  /** Pieces that count, and those that were made again. */
  counted = 0;
  repeated = 0;

  constructor(
    private readonly traffic: Pick<PacedTraffic, 'piece'>,
    private readonly events: LoadEvents,
  ) {}

  /** Offers a load, in requests a second, for a piece; null where that has to be made again. */
  async offer(load: number): Promise<PieceOutcome | null> {
    const piece = withoutLate(await this.traffic.piece(load));
    const right = piece.replied - piece.wrong;
    if (this.repeated < mostPiecesRepeated && (wasAway(piece) || right > piece.sent)) {
      this.repeated++;
      return null;
    }
    this.counted++;
    // So that a loss ratio can be derived from the record of the window.
    this.events.window({ ...piece.window, sent: piece.sent, replied: piece.replied, wrong: piece.wrong });
    return judge(load, piece);
  }
}

/** Without replies that came from a deep queue. */
function withoutLate(piece: Piece): Piece {
  const { sent, replied, backlog } = piece;
  // Without what was lost: that counts already.
  const queued = Math.max(0, backlog - Math.max(0, sent - replied));
  const late = queued > Math.max(1, tolerableBacklog * sent) ? queued : 0;
  return { ...piece, replied: replied - late };
}

const lengthNs = ({ window: { beginNs, endNs } }: Piece) => endNs - beginNs;
const wasAway = (piece: Piece) => piece.awayNs > mostAway * lengthNs(piece);

function judge(load: number, piece: Piece): PieceOutcome {
  const { sent, replied, wrong, leftOut } = piece;
  const dueIn = (ns: number) => (load * ns) / 1e9;
  const excused = wasAway(piece) ? 0 : dueIn(piece.awayNs);
  return {
    lossRatio: Math.max(0, sent - (replied - wrong)) / Math.max(1, sent),
    sent: leftOut - excused > (1 - sendsEnough) * dueIn(lengthNs(piece)) ? 'no' : 'yes',
  };
}
