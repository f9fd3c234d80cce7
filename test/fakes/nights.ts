import type { MetricId } from '../../model/comparison.js';
import { median } from '../../model/median.js';
import { historyVersion, type Night, type NightCell, type NightFigure, type NightPair } from '../../model/night.js';
import { seededRandom } from './random.js';
import { measuredIds, repeatResiduals } from './repeat-residuals.js';

/** Chances of a seed, each from 0 to below 1. */
export type Chance = () => number;

/** What a cell's rate is multiplied with on a night; cells and nights from 0. */
export type Course = (cell: number, night: number) => number;

const repeats = 8;

/** Eight repeats of a cell as real ones scatter, around 1. */
export function realRepeats(cell: number, chance: Chance): number[] {
  const pool = repeatResiduals[measuredIds[cell % measuredIds.length] as (typeof measuredIds)[number]];
  return Array.from({ length: repeats }, () => 1 + (pool[Math.floor(chance() * pool.length)] as number) / 1000);
}

export function fakeFigure(values: number[], changes: Partial<NightFigure> = {}): NightFigure {
  const best = [...values].sort((a, b) => b - a).slice(0, Math.ceil(values.length / 2));
  return {
    ...{ metric: 'peak', values, level: median(best), median: median(values), bound: 'exact' },
    ...{ low: Math.min(...values), high: Math.max(...values) },
    ...changes,
  };
}

export function fakeNightCell(cell: number, figures: NightFigure[], changes: Partial<NightCell> = {}): NightCell {
  const impl = measuredIds[cell % measuredIds.length] as NightCell['impl'];
  const packetBytes = 60 + 20 * Math.floor(cell / measuredIds.length);
  return {
    ...{ cell: `${impl}-1T1Q-${packetBytes}-reverse-saturate`, impl, variant: '', threads: 1, queues: 1, packetBytes },
    ...{ functionId: 'reverse', load: 'saturate', engine: 'live', state: 'measured', reason: null, figures },
    ...changes,
  };
}

/** The night of a day from 2026-01-01 on, at two; one commit a night. */
export function fakeNight(night: number, measured: NightCell[], changes: Partial<Night> = {}): Night {
  const startedAt = new Date(Date.UTC(2026, 0, 1 + night, 2)).toISOString();
  const turns = changes.turns ?? [];
  return {
    ...{ historyVersion, runId: runIdOf(night), startedAt, machine: '0123abcd', bootId: 'b0', profile: 'nightly' },
    ...{
      topology: 'veth',
      commit: commitOf(night),
      dirty: 'clean',
      facts: { kernel: '6.18.0', governor: 'performance' },
    },
    ...{ state: 'complete', report: null, cells: measured.length, pairs: turns.length, measured, turns: [] },
    ...changes,
  };
}

export function runIdOf(night: number): string {
  const digits = new Date(Date.UTC(2026, 0, 1 + night, 2)).toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-3f9a`;
}

export function commitOf(night: number): string {
  return (night + 1).toString(16).padStart(8, '0').padEnd(40, 'c');
}

/** Nights of cells with real noise: what `course` says, and nothing else, changes. */
export function fakeNights({
  nights,
  cells,
  seed,
  course = () => 1,
}: {
  nights: number;
  cells: number;
  seed: number;
  course?: Course;
}): Night[] {
  const chance = seededRandom(seed);
  return Array.from({ length: nights }, (_, night) => {
    const measured = Array.from({ length: cells }, (_, cell) => {
      const rate = 500_000 * course(cell, night);
      return fakeNightCell(cell, [fakeFigure(realRepeats(cell, chance).map((value) => Math.round(rate * value)))]);
    });
    return fakeNight(night, measured);
  });
}

/** What turns of a cell against an earlier night's build said. */
export function fakePair(cell: string, against: number, changes: Partial<NightPair> = {}): NightPair {
  const metric: MetricId = 'peak';
  return {
    ...{ cell, metric, against: commitOf(against), ratio: { median: 1, low: 0.99, high: 1.01, confidence: 0.95 } },
    ...{ p: 0.5, nullSpread: 0.01, verdict: 'unclear', attempt: 1 },
    ...changes,
  };
}
