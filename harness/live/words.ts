import { type CeilingQuestion, type CompletedRun, perSecond, type Run } from '../../model/record.js';
import { measureWindow, objections } from '../judge/verdict.js';

/** What a ceiling is asked of, in a few words. */
export function describe({ engine, packetBytes }: CeilingQuestion): string {
  return `${engine} at ${packetBytes} bytes`;
}

export function notCalibrated(question: CeilingQuestion, error: Error): string {
  return `${describe(question)} cannot be measured: ${error.message}`;
}

/** A run in a few words. */
export function outcome(run: Run): { kind: 'figure' | 'skipped' | 'failed' | 'invalid'; text: string } {
  switch (run.state) {
    case 'skipped':
      return { kind: 'skipped', text: `skipped: ${run.reason}` };
    case 'failed':
      return { kind: 'failed', text: `failed: ${run.error.message}` };
    case 'completed': {
      const [first, ...others] = objections(run);
      if (first === undefined) return { kind: 'figure', text: figure(run) };
      const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
      return { kind: 'invalid', text: `invalid: ${first}${more}; ${figure(run)}` };
    }
  }
}

function figure(run: CompletedRun): string {
  const window = measureWindow(run);
  return window === null ? 'nothing measured' : `${Math.round(perSecond(window, window.replied))} replies/s`;
}

/** `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatSeconds(exact: number): string {
  const seconds = Math.round(exact);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
