import type { Environment } from '../../common/cli/complaint.js';
import type { PlannedCell, Scenario } from '../../model/cell.js';
import type { Observe } from '../measure/events.js';
import { runLines, troubleLines, troubleOf } from './lines.js';
import { type Ending, LiveRun, type LiveState } from './live-run.js';
import { TerminalView, type ViewOutput } from './terminal-view.js';

/** What shows a benchmark under way. */
export interface Display {
  observe: Observe;
  /** Nothing is shown after that. */
  end(how: Ending): void;
}

/** What looks at the benchmark whenever it wants to. */
export interface Onlooker {
  show(state: () => LiveState): void;
  end(): void;
}

/** Where and how a benchmark is shown. */
export interface DisplayOptions {
  output: ViewOutput;
  /** `quiet`: what is not valid, and nothing else. */
  kind: 'full' | 'quiet';
  /** CI, TERM and NO_COLOR are heard. */
  environment: Environment;
  onlooker: Onlooker | null;
}

/** Begins to show it. */
export function openDisplay(
  { output, kind, environment, onlooker }: DisplayOptions,
  scenario: Pick<Scenario, 'name' | 'repeats'>,
  plan: readonly PlannedCell[],
  nowNs: () => number,
): Display {
  const live = new LiveRun(scenario, plan, new Date().toISOString(), nowNs);
  const state = () => live.state();
  onlooker?.show(state);
  const view = kind === 'full' && canRedraw(output, environment) ? viewOn(output, state, environment, plan) : null;
  const printed =
    view?.observe ?? (kind === 'full' ? runLines(output, plan, scenario.repeats) : troubleLines(output, plan));
  return {
    observe: (event) => {
      live.observe(event);
      printed(event);
    },
    end: (how) => {
      live.end(how);
      view?.end();
      onlooker?.end();
    },
  };
}

function canRedraw({ isTTY }: ViewOutput, { CI, TERM }: Environment): boolean {
  return isTTY === true && CI !== 'true' && TERM !== 'dumb';
}

function viewOn(
  output: ViewOutput,
  state: () => LiveState,
  { NO_COLOR }: Environment,
  plan: readonly PlannedCell[],
): { observe: Observe; end(): void } {
  const view = new TerminalView(output, state, NO_COLOR ? 'plain' : 'ansi');
  const observe: Observe = (event) => {
    const line = troubleOf(event, plan);
    if (line !== null) view.print(line);
  };
  return { observe, end: view.end };
}
