import { isUnattended } from '../../common/cli/attended.js';
import { complaint, type Environment } from '../../common/cli/complaint.js';
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
  const tell = (error: unknown) => {
    const said = complaint(error, environment).replace(/^invoker-bench: /, '$&this event cannot be shown: ');
    printed({ type: 'warning', text: said.trimEnd() });
  };
  return {
    observe: enduring([live.observe, printed], tell),
    end: (how) => {
      live.end(how);
      view?.end();
      onlooker?.end();
    },
  };
}

/** Whatever is wrong with what shows a benchmark, the benchmark goes on: the first fault is told, and no event is thrown back. */
function enduring(observers: readonly Observe[], tell: (error: unknown) => void): Observe {
  let told = false;
  return (event) => {
    for (const observe of observers) {
      try {
        observe(event);
      } catch (error) {
        if (!told) tell(error);
        told = true;
      }
    }
  };
}

function canRedraw({ isTTY }: ViewOutput, environment: Environment): boolean {
  return isTTY === true && !isUnattended(environment) && environment.TERM !== 'dumb';
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
