import type { Candidate, PairPrologue, PairQuestion, ProgramRun, TurnRecord } from '../../model/pair.js';
import { schemaVersion } from '../../model/record.js';
import { fakeCompleted, fakeRunCell, fakeWindow } from './runs.js';
import { fakeSummary } from './summary.js';

const implementation = (id: 'afxdp' | 'recvmmsg'): Candidate => ({
  kind: 'implementation',
  name: id,
  implementation: id,
  functionId: 'reverse',
  variant: { idle: null, settings: {}, tuning: {} },
  build: null,
});

/** afxdp and recvmmsg at their peaks at 200 bytes, 8 turns. */
export function fakeQuestion(changes: Partial<PairQuestion> = {}): PairQuestion {
  return {
    candidates: [implementation('afxdp'), implementation('recvmmsg')],
    point: { threads: 1, queues: 1 },
    sizes: [200],
    load: { kind: 'saturate' },
    ...{ turns: 8, controls: 0, durationNs: 0.4e9, warmupNs: 0.2e9 },
    ...changes,
  };
}

export function fakePair(question: PairQuestion): PairPrologue {
  const { host } = fakeSummary();
  return { schemaVersion, runId: '20261122-094300-3f9a', startedAt: '2026-11-22T09:43:00.000Z', question, host };
}

/** An attempt of the first candidate in the first turn at 200 bytes that found its peak at 1000/s. */
export function fakeTurn(changes: Partial<TurnRecord> = {}): TurnRecord {
  const run = fakeCompleted(fakeRunCell('afxdp', { kind: 'saturate' }), 1000);
  return {
    ...{ schemaVersion, runId: '20261122-094300-3f9a', startedAt: '2026-11-22T09:43:00.000Z' },
    ...{ packetBytes: 200, control: null, turn: 0, side: 0, run },
    ...changes,
  };
}

/** A program that answered `rate` requests a second, all right, with a generator that can do ten times that. */
export function fakeProgramRun(rate: number, changes: Partial<Extract<ProgramRun, { state: 'completed' }>> = {}) {
  return {
    state: 'completed',
    windows: [fakeWindow('measure', rate, rate), fakeWindow('overload', 10 * rate, rate / 2)],
    histogram: [],
    capacity: null,
    counters: { generator: { wrong: 0 }, client: {} },
    ...changes,
  } satisfies ProgramRun;
}
