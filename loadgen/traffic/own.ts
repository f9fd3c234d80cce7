import type { LoadContext } from '../../common/process/protocol.js';
import type { Piece, RoundTrips, Watched, WatchQuestion } from '../../common/process/questions.js';
import { type HistogramPairs, recordedSince } from '../../model/histogram.js';
import type { Counters } from '../../model/record.js';
import { nowNs, pause } from '../engines/clock.js';
import { type Engine, settled, unanswered, watch, watchWhile } from '../engines/engine.js';
import type { PacedEngine } from '../engines/paced.js';
import type { PacedTraffic, Traffic } from './traffic.js';

/** What of a generator's threads their absence depends on. */
export type Threads = Pick<LoadContext, 'sharing' | 'cpus'>;

const pieceNs = 250e6;
/** With this share of a piece unanswered no goal can be met any more: the time is better spent on the next piece. */
const hopelessBacklog = 0.12;
const glanceNs = 50e6;
/** Without a reply where some are missing, before they count as lost. */
const patienceNs = 60e6;

/** The requests of an engine of this process. */
export function ownTraffic(engine: Engine, threads: Threads): Traffic {
  let recordedBefore: HistogramPairs = [];
  let before: Counters = {};
  return {
    async watch({ phase, offeredPerSecond, durationNs }: WatchQuestion): Promise<Watched> {
      const awayBefore = awayNs(engine, threads);
      const window = await watch(engine, phase, offeredPerSecond, durationNs);
      return { window, awayNs: awayNs(engine, threads) - awayBefore };
    },

    async record(): Promise<void> {
      recordedBefore = engine.roundTrips();
      // First: a reply that is recorded and a request that is counted are then of the same requests, but for those that
      // leave between these two lines. They are recorded and not counted, and so do not look like a loss.
      engine.record(true);
      before = engine.counters();
    },

    async collect(longestNs: number): Promise<RoundTrips> {
      engine.quiesce();
      await settled(engine, before, longestNs);
      engine.record(false);
      return {
        sent: (engine.counters().sent ?? 0) - (before.sent ?? 0),
        histogram: recordedSince(recordedBefore, engine.roundTrips()),
      };
    },

    async settle(): Promise<void> {
      engine.quiesce();
      await settled(engine);
    },
  };
}

/** The same of an engine whose rate can be set. */
export function ownPacedTraffic(engine: PacedEngine, threads: Threads): PacedTraffic {
  return {
    ...ownTraffic(engine, threads),
    setRate: async (perSecond) => engine.setRate(perSecond),
    piece: (perSecond) => makePiece(engine, threads, perSecond),
  };
}

async function makePiece(engine: PacedEngine, threads: Threads, load: number): Promise<Piece> {
  const awayBefore = awayNs(engine, threads);
  const before = engine.counters();
  engine.setRate(load);
  const beganNs = nowNs();
  const mostUnanswered = (hopelessBacklog * load * pieceNs) / 1e9;
  const isHopeless = () => unanswered(before, engine.counters()) > mostUnanswered;
  const window = await watchWhile(engine, 'search', load, async () => {
    while (nowNs() - beganNs < pieceNs && !isHopeless()) await pause(Math.min(glanceNs, pieceNs - (nowNs() - beganNs)));
  });
  engine.setRate(0);
  const backlog = unanswered(before, engine.counters());
  await settled(engine, before, patienceNs);
  const after = engine.counters();
  const counted = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  const due = (load * (window.endNs - window.beginNs)) / 1e9;
  return {
    window,
    ...{ sent: counted('sent'), replied: counted('replied'), wrong: counted('wrong') },
    backlog,
    // The first one may have left before the window began.
    leftOut: Math.max(0, due - window.sent - 1),
    // A thread's absence is counted when it is over: it may have ended the piece.
    awayNs: awayNs(engine, threads) - awayBefore,
  };
}

/**
 * How long the generator's threads did not run, in ns since its start; the mean of them. Where measured threads share
 * CPUs it is 0: each of them waits while another runs, which is what such a cell measures.
 */
function awayNs(engine: Pick<Engine, 'counters'>, { sharing, cpus }: Threads): number {
  return sharing === 'exclusive' ? (engine.counters().awayTotalNs ?? 0) / cpus.length : 0;
}
