import { UsageError } from '../../common/cli/errors.js';
import type { HistoryEvent, HistoryJudgement, Night, NightPair } from '../../model/night.js';
import type { Prologue, Run } from '../../model/record.js';
import { whyOdd } from '../judge/history/admission.js';
import { type History, judgeHistory } from '../judge/history/judge.js';
import { type NightOrigin, nightOf } from '../judge/history/night.js';
import type { NightOutcome } from './page.js';

/** Where the nights of a machine are remembered. */
export interface NightMemory {
  origin: Pick<NightOrigin, 'machine' | 'bootId'>;
  /** What folders of reports are relative to. */
  folder: string;
  /** Does what reads and then writes, while nobody else does. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
  read(): Promise<History>;
  addNight(night: Night): Promise<void>;
  addEvents(events: readonly HistoryEvent[]): Promise<void>;
}

/** What was measured of a night. */
export interface Measured {
  prologue: Prologue;
  runs: readonly Run[];
  /** Of suspicious cells, which were measured again; empty if none was. */
  again: readonly Run[];
  turns: readonly NightPair[];
  /** The folder of the run. */
  report: string;
}

/** A night as it is remembered: repeats of cells that were measured again count on. */
export function nightFrom(
  { prologue, runs, again, turns, report }: Measured,
  origin: Pick<NightOrigin, 'machine' | 'bootId'>,
): Night {
  const { repeats } = prologue.scenario;
  const all = [...runs, ...again.map((run) => ({ ...run, repeat: run.repeat + repeats }))];
  return nightOf(prologue, all, { ...origin, turns, report });
}

/**
 * What the history says with this night as its newest; nothing is written. Rejects with UsageError where it cannot be one of this
 * history.
 */
export async function judgeNight(night: Night, memory: NightMemory, now: Date): Promise<HistoryJudgement> {
  return judged(night, await memory.read(), now);
}

function judged(night: Night, { nights, events }: History, now: Date): HistoryJudgement {
  const others = nights.filter(({ runId }) => runId !== night.runId);
  const odd = whyOdd(night, others, now);
  if (odd !== null) throw new UsageError(odd);
  return judgeHistory({ nights: [...others, night], events }, now.toISOString());
}

/** Judges a night, and keeps it and what is said of it, each once, however often a night is gone on with. Rejects as judgeNight. */
export async function remember(night: Night, memory: NightMemory, now: Date): Promise<HistoryJudgement> {
  return await memory.alone(async () => {
    const history = await memory.read();
    const judgement = judged(night, history, now);
    if (history.nights.every(({ runId }) => runId !== night.runId)) await memory.addNight(night);
    if (judgement.events.length > 0) await memory.addEvents(judgement.events);
    return judgement;
  });
}

/** Cells that are to be measured again tonight. */
export function suspiciousCells({ verdict }: HistoryJudgement): string[] {
  return [...new Set(verdict.suspicions.map(({ cell }) => cell))];
}

/** How a night ended, by its parts (exit codes) and by what the history says; null: it was not asked. */
export function outcomeOf(parts: readonly number[], judgement: HistoryJudgement | null): NightOutcome {
  const said = judgement?.verdict.outcome ?? 'pass';
  if (said === 'unfit' || said === 'regression') return said;
  if (parts.some((code) => code !== 0)) return 'failed';
  return said === 'pass' ? 'quiet' : said;
}
