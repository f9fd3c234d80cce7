import type { MetricId } from '../../../model/comparison.js';
import { betterSide, metricIds } from '../../../model/comparison.js';
import { median } from '../../../model/median.js';
import { historyVersion, type Night, type NightCell, type NightFigure, type NightPair } from '../../../model/night.js';
import type { Prologue, Run } from '../../../model/record.js';
import type { CellSummary, Summary } from '../../../model/summary.js';
import { factsOf } from '../facts.js';
import { metrics } from '../metrics.js';
import { interval } from '../stats.js';
import { summarise } from '../summary.js';
import { repeatsFact } from './groups.js';

/** What a run does not record of the night that it was of. */
export interface NightOrigin {
  machine: string;
  bootId: string | null;
  /** Where its report is; null: none. */
  report: string | null;
  /** What builds that took turns said; empty if none did. */
  turns: readonly NightPair[];
}

/** A run as a night of a history. */
export function nightOf(prologue: Prologue, runs: readonly Run[], { turns, ...origin }: NightOrigin): Night {
  const summary = summarise(prologue, runs);
  const measured = summary.cells.map(cellOf);
  const { repeats } = prologue.scenario;
  const planned = new Set(prologue.plan.flatMap(({ state, cell }) => (state === 'runnable' ? [cell.id] : [])));
  // Repeats beyond those of the plan are of cells that were measured again.
  const done = runs.filter(({ cell, repeat }) => planned.has(cell.id) && repeat < repeats).length;
  const { runId, startedAt, scenario, host } = summary;
  return {
    ...{ historyVersion, runId, startedAt, ...origin },
    ...{ profile: scenario.name, topology: scenario.topology, commit: host.commit, dirty: host.dirty },
    facts: { ...environmentOf(summary), [repeatsFact]: String(repeats) },
    state: done < planned.size * repeats ? 'partial' : 'complete',
    ...{ cells: measured.length, pairs: turns.length, measured, turns: [...turns] },
  };
}

/** The code itself, which is what is judged. */
const ofTheCode = /^(client\.\d+\.)?(commit|dirty|versions\.(code|invoker-bench))$/;
/** How much the kernel leaves varies by some kB from boot to boot. */
const ofMemory = /^((?:client\.\d+\.)?memory)Bytes$/;

function environmentOf(summary: Summary): Record<string, string> {
  const facts = Object.entries(factsOf(summary, summary.clientHosts.length));
  return Object.fromEntries(
    facts
      .filter(([fact]) => !ofTheCode.test(fact))
      .map(([fact, value]) => {
        const memory = ofMemory.exec(fact)?.[1];
        return memory === undefined ? [fact, value] : [memory, `${Math.round(Number(value) / 2 ** 30)} GiB`];
      }),
  );
}

function cellOf(cell: CellSummary): NightCell {
  const { id, impl, variant, threads, queues, packetBytes, functionId, load, engine } = cell;
  const base = { cell: id, impl, variant, threads, queues, packetBytes, functionId, load, engine };
  if (cell.state !== 'completed' || cell.verdict !== 'valid') {
    const state = cell.state === 'completed' ? 'invalid' : cell.state;
    return { ...base, state, reason: cell.reasons[0] ?? 'no reason recorded', figures: [] };
  }
  const figures = metricIds.flatMap((metric) => figureOf(cell, metric) ?? []);
  const reason =
    figures.length > 0 ? null : (cell.reasons[0] ?? 'its load gives no figure that nights are compared by');
  return { ...base, state: 'measured', reason, figures };
}

/** Null where fewer than half of the repeats have one. */
function figureOf(cell: CellSummary, metric: MetricId): NightFigure | null {
  const { of, isBound } = metrics[metric];
  const values = cell.byRepeat.flatMap((repeat) => of(repeat) ?? []).filter((value) => value > 0);
  const half = Math.ceil(cell.byRepeat.length / 2);
  if (values.length < half || half === 0) return null;
  const bestFirst = [...values].sort((a, b) => (betterSide[metric] === 'more' ? b - a : a - b));
  // A repeat without a figure, such as a search in which no load held, is among the worse half.
  const level = median(bestFirst.slice(0, half));
  return { metric, values, level, ...interval(values).interval, bound: isBound(cell) ? 'lower' : 'exact' };
}
