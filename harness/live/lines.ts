import type { Writable } from 'node:stream';
import { printable } from '../../common/cli/printable.js';
import { count } from '../../common/cli/text.js';
import type { PlannedCell } from '../../model/cell.js';
import type { BenchEvent, Observe } from '../measure/events.js';
import { ceilingQuestions } from '../plan/ceilings.js';
import { notCalibrated, outcome } from './words.js';

/** A line a run, for files, logs and terminals without cursor control. */
export function runLines(output: Writable, plan: readonly PlannedCell[], repeats: number): Observe {
  const total = plan.filter(({ state }) => state === 'runnable').length * repeats;
  const questions = ceilingQuestions(plan).length;
  let [asked, runs] = [0, 0];
  const print = (line: string) => void output.write(`${printable(line)}\n`);
  return (event) => {
    if (event.type === 'calibrating') {
      if (asked === 0) print(`What the generator can send: ${count(questions, 'measurement')} of about a second.`);
      asked++;
    }
    if (event.type === 'resumed') runs = event.runs.filter(({ state }) => state !== 'skipped').length;
    if (event.type === 'ended') {
      const { run } = event;
      if (run.state !== 'skipped') runs++;
      const place = run.state === 'skipped' ? '' : `[${runs}/${total}] `;
      print(`${place}${run.cell.id}: ${outcome(run).text}`);
      return;
    }
    const line = troubleOf(event, plan);
    if (line !== null) print(line);
  };
}

/** A line for what is not valid, and nothing else. */
export function troubleLines(output: Writable, plan: readonly PlannedCell[]): Observe {
  return (event) => {
    const line = troubleOf(event, plan);
    if (line !== null) output.write(`${printable(line)}\n`);
  };
}

/**
 * The line of an event that a user must see, whatever else is shown; null of others. The report names what the plan
 * skipped, by reason: that is no trouble.
 */
export function troubleOf(event: BenchEvent, plan: readonly PlannedCell[]): string | null {
  if (event.type === 'warning') return event.text;
  if (event.type === 'calibrated') return event.error && notCalibrated(event.question, event.error);
  if (event.type !== 'ended') return null;
  const said = outcome(event.run);
  const { id } = event.run.cell;
  const isPlanned = plan.some(({ state, cell }) => state === 'runnable' && cell.id === id);
  return said.kind !== 'figure' && isPlanned ? `${id}: ${said.text}` : null;
}
