import type { HistogramPairs } from '../model/histogram.js';
import { recordedSince } from '../model/histogram.js';
import type { Timeline } from '../model/record.js';
import { nowNs } from './engines/clock.js';
import type { Engine } from './engines/engine.js';

type Piece = Timeline['roundTrips'][number];

const pieceNs = 1e9;

/** Tells the round trips of a measure phase while it goes on, in pieces of a second. */
export class RecordedPieces {
  readonly #engine: Pick<Engine, 'roundTrips'>;
  readonly #tell: (piece: Piece) => void;
  #timer: NodeJS.Timeout | undefined;
  #before: HistogramPairs = [];
  #beginNs = 0;

  constructor(engine: Pick<Engine, 'roundTrips'>, tell: (piece: Piece) => void) {
    this.#engine = engine;
    this.#tell = tell;
  }

  begin(): void {
    this.#before = this.#engine.roundTrips();
    this.#beginNs = nowNs();
    this.#timer = setInterval(() => {
      try {
        this.#piece();
      } catch {
        clearInterval(this.#timer); // The engine died: the load that is under way finds out and reports it.
      }
    }, pieceNs / 1e6);
  }

  /** The last piece is as long as is left of the phase; what is left of less than half a piece is not told. */
  end(): void {
    this.stop();
    if (nowNs() - this.#beginNs >= pieceNs / 2) this.#piece();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #piece(): void {
    const [recorded, endNs] = [this.#engine.roundTrips(), nowNs()];
    this.#tell({ beginNs: this.#beginNs, endNs, histogram: recordedSince(this.#before, recorded) });
    [this.#before, this.#beginNs] = [recorded, endNs];
  }
}
