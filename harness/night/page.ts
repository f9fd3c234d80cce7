import { exitCodes } from '../../common/cli/exit-codes.js';
import { count } from '../../common/cli/text.js';
import type { Summary } from '../../model/summary.js';

/** How a night ended; `failed`: a cell, or a part of the night. */
export type NightOutcome = 'quiet' | 'suspicion' | 'unstable' | 'failed' | 'regression' | 'unfit';

/** What is not sure fails nothing: the page tells it. */
export const nightCodes: Record<NightOutcome, number> = {
  ...{ quiet: exitCodes.ok, suspicion: exitCodes.ok, unstable: exitCodes.ok },
  ...{ failed: exitCodes.failed, regression: exitCodes.unmet, unfit: exitCodes.unfit },
};

/** The one page of a night: plain text that is Markdown, too. A sentence or a command each. */
export function renderPage(night: { id: string; outcome: NightOutcome; said: readonly string[] }): string {
  return [`# Night ${night.id}: ${night.outcome}`, '', ...night.said.map((text) => `- ${text}`), ''].join('\n');
}

/** What came of the cells of a night, in a few sentences. */
export function cellsTold({ scenario, cells, host }: Summary): string[] {
  const of = (state: string) => cells.filter((cell) => cell.state === state).length;
  const bad = cells.filter(({ state, verdict }) => state === 'failed' || verdict === 'invalid');
  const parts = [`${of('completed')} measured`, `${of('skipped')} skipped`, `${bad.length} failed or invalid`];
  const code = host.commit === 'unknown' ? 'unknown' : host.commit.slice(0, 12);
  const tree = host.dirty === 'dirty' ? ', with changes that are in no commit' : '';
  return [
    `${count(cells.length, 'cell')} of ${scenario.name} on ${scenario.topology}: ${parts.join(', ')}. Commit ${code}${tree}.`,
    ...bad.map(({ id, reasons }) => `${id}: ${reasons[0] ?? 'no reason recorded'}`),
  ];
}
