import type { Writable } from 'node:stream';
import { SingleBar } from 'cli-progress';
import type { PlannedCell } from '../../model/cell.js';
import type { Run } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import { measureWindow } from '../judge/verdict.js';
import { expectedNs } from '../plan/plan.js';
import type { BenchEvents } from './bench.js';

/** Shows how far the runs are; `stop` ends the display. */
export interface Progress extends BenchEvents {
  stop(): void;
}

/** A bar with the time left on a terminal, a line a run otherwise. */
export function startProgress(
  output: Writable & { isTTY?: boolean },
  plan: readonly PlannedCell[],
  repeats: number,
): Progress {
  const runnable = plan.filter(({ state }) => state === 'runnable').map(({ cell }) => cell);
  const totalNs = runnable.reduce((sum, cell) => sum + expectedNs(cell) * repeats, 0);
  const totalRuns = runnable.length * repeats;
  return output.isTTY ? startBar(output, totalNs, totalRuns) : startLines(output, totalRuns);
}

function startBar(output: Writable, totalNs: number, totalRuns: number): Progress {
  const bar = new SingleBar({
    stream: output as NodeJS.WritableStream,
    format: '{bar} {runs}/{totalRuns} runs, {left} left  {cell}',
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    linewrap: false,
    clearOnComplete: true,
    stopOnComplete: false,
  });
  let doneNs = 0;
  let runs = 0;
  const state = (cell: string) => ({ runs, totalRuns, cell, left: formatLeft(totalNs - doneNs) });
  bar.start(Math.max(1, totalNs), 0, state(''));
  return {
    began: ({ cellId }) => bar.update(doneNs, state(cellId)),
    ended: (run) => {
      if (run.state !== 'skipped') runs++;
      if (run.state !== 'skipped') doneNs += expectedNs(run.cell);
      bar.update(doneNs, state(run.cell.id));
    },
    stop: () => bar.stop(),
  };
}

function startLines(output: Writable, totalRuns: number): Progress {
  let runs = 0;
  return {
    began: () => {},
    ended: (run) => {
      if (run.state !== 'skipped') runs++;
      const place = run.state === 'skipped' ? '' : `[${runs}/${totalRuns}] `;
      output.write(`${place}${run.cell.id}: ${outcome(run)}\n`);
    },
    stop: () => {},
  };
}

/** A run in a few words. */
function outcome(run: Run): string {
  switch (run.state) {
    case 'skipped':
      return `skipped: ${run.reason}`;
    case 'failed':
      return `failed: ${run.error.message}`;
    case 'completed': {
      const window = measureWindow(run);
      return window === null ? 'nothing measured' : `${Math.round(perSecond(window, window.replied))} replies/s`;
    }
  }
}

function formatLeft(ns: number): string {
  const seconds = Math.max(0, Math.round(ns / 1e9));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
