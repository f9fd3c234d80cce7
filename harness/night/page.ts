import { exitCodes } from '../../common/cli/exit-codes.js';
import { count } from '../../common/cli/text.js';
import type { Summary } from '../../model/summary.js';
import { type CellFault, faultTable } from '../report/trend/job-summary.js';

/** How a night ended; `failed`: a cell, or a part of the night. */
export type NightOutcome = 'quiet' | 'suspicion' | 'unstable' | 'failed' | 'regression' | 'unfit';

/** What is not sure fails nothing: the page tells it. */
export const nightCodes: Record<NightOutcome, number> = {
  ...{ quiet: exitCodes.ok, suspicion: exitCodes.ok, unstable: exitCodes.ok },
  ...{ failed: exitCodes.failed, regression: exitCodes.unmet, unfit: exitCodes.unfit },
};

/** What a page is made of. `said`: a sentence or a command each. */
export interface PageContent {
  id: string;
  outcome: NightOutcome;
  said: readonly string[];
  faults: readonly CellFault[];
}

/** The one page of a night: plain text that is Markdown, too. */
export function renderPage({ faults, ...night }: PageContent): string {
  return renderList({ ...night, said: [...night.said, ...faults.map(({ cell, reason }) => `${cell}: ${reason}`)] });
}

/** The same for the summary of a job, where the history says nothing of the night. */
export function renderUnjudged({ faults, ...night }: PageContent): string {
  return `${renderList(night)}${faults.length === 0 ? '' : `\n${faultTable(faults)}\n`}`;
}

function renderList({ id, outcome, said }: Omit<PageContent, 'faults'>): string {
  return [`# Night ${id}: ${outcome}`, '', ...said.map((text) => `- ${text}`), ''].join('\n');
}

/** Cells that were measured and are worth nothing. */
export function cellFaults({ cells }: Summary): CellFault[] {
  return cells.flatMap(({ id, state, verdict, reasons }) =>
    state === 'failed' || verdict === 'invalid'
      ? [{ cell: id, state: state === 'failed' ? 'failed' : 'invalid', reason: reasons[0] ?? 'no reason recorded' }]
      : [],
  );
}

/** What came of the cells of a night, in a sentence. */
export function cellsTold(summary: Summary): string {
  const { scenario, cells, host } = summary;
  const of = (state: string) => cells.filter((cell) => cell.state === state).length;
  const bad = cellFaults(summary).length;
  const parts = [`${of('completed')} measured`, `${of('skipped')} skipped`, `${bad} failed or invalid`];
  const code = host.commit === 'unknown' ? 'unknown' : host.commit.slice(0, 12);
  const tree = host.dirty === 'dirty' ? ', with changes that are in no commit' : '';
  return `${count(cells.length, 'cell')} of ${scenario.name} on ${scenario.topology}: ${parts.join(', ')}. Commit ${code}${tree}.`;
}
