import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../common/cli/errors.js';
import type { LoadPlan, PlannedCell, Scenario } from '../../model/cell.js';
import { type Ceiling, type Prologue, type Run, schemaVersion } from '../../model/record.js';
import { briefly, differences } from './differences.js';

/** What a folder holds of a run of the harness. */
export interface StoredRun {
  folder: string;
  prologue: Prologue;
  runs: Run[];
}

/**
 * Several runs of one question as one: what was measured of a cell by each are repeats of it, and cells that differ stand
 * beside each other. Records keep the id of the run that they are from. The order of `stored` makes no difference.
 *
 * Throws UsageError that names the difference where they are not of one question, of the same hosts and the same code,
 * where a cell of one name is not the same cell, and where a record would count twice.
 */
export function mergeRuns(stored: readonly StoredRun[], runId: string): { prologue: Prologue; runs: Run[] } {
  const ordered = stored.toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
  const [first, ...others] = ordered as [StoredRun, ...StoredRun[]];
  for (const one of ordered) refuseAlone(one);
  for (const other of others) refuseOther(first, other);
  refuseTwice(ordered);
  const prologues = ordered.map(({ prologue }) => prologue);
  const plan = planOf(ordered);
  const runs = renumbered(ordered);
  const scenario = scenarioOf(prologues.map((prologue) => prologue.scenario));
  const ceilings = lowest(prologues.flatMap((prologue) => prologue.ceilings));
  return { prologue: { ...first.prologue, schemaVersion, runId, scenario, plan, ceilings }, runs };
}

/** Runs that began at one time still have an order. */
const startOf = ({ prologue: { startedAt, runId } }: StoredRun) => `${startedAt} ${runId}`;

function refuseAlone({ folder, prologue, runs }: StoredRun): void {
  if (runs.length === 0) throw new UsageError(`${folder} has no record: leave it out`);
  const { commit, dirty, versions } = prologue.host;
  if (dirty !== 'clean' && versions.code === undefined)
    throw new UsageError(`${folder}: its code is not known: commit ${commit}, tree ${dirty}`);
}

/** What may differ between runs of one question: which of its cells were asked for, how often, and in which order. */
function questionOf({ implementations, loads, variants, repeats, seed, ...rest }: Scenario) {
  return rest;
}

function refuseOther(first: StoredRun, other: StoredRun): void {
  const of = ({ prologue: { runId, startedAt, plan, ceilings, scenario, ...facts } }: StoredRun) => ({
    ...facts,
    scenario: questionOf(scenario),
  });
  refuseDifferences(differences(of(other), of(first)), first, other);
}

function refuseDifferences(found: readonly string[], first: StoredRun, other: StoredRun, what = ''): void {
  if (found.length === 0) return;
  throw new UsageError(`${other.folder} is not to be merged with ${first.folder}: ${what}${briefly(found)}`);
}

function refuseTwice(stored: readonly StoredRun[]): void {
  const holders = new Map<string, string>();
  for (const { folder, runs } of stored) {
    for (const runId of new Set(runs.map((run) => run.runId))) {
      const holder = holders.get(runId);
      if (holder !== undefined)
        throw new UsageError(
          holder === folder
            ? `${folder} is named twice: its records would count twice`
            : `${holder} and ${folder} both have records of run ${runId}, which would count twice: leave one out`,
        );
      holders.set(runId, folder);
    }
  }
}

/** Each cell once, in the order of the first run that has it; measured by one of them, it is no skipped cell. */
function planOf(stored: readonly StoredRun[]): PlannedCell[] {
  const merged = new Map<string, { planned: PlannedCell; from: StoredRun }>();
  for (const from of stored) {
    for (const planned of from.prologue.plan) {
      const { id } = planned.cell;
      const known = merged.get(id);
      if (known?.planned.state === 'runnable' && planned.state === 'runnable')
        refuseDifferences(differences(planned.cell, known.planned.cell), known.from, from, `cell ${id}: `);
      if (known === undefined || (known.planned.state === 'skipped' && planned.state === 'runnable'))
        merged.set(id, { planned, from });
    }
  }
  return [...merged.values()].map(({ planned }) => planned);
}

/** The repeats of a cell count on from run to run. */
function renumbered(stored: readonly StoredRun[]): Run[] {
  const begun = new Map<string, number>();
  return stored.flatMap(({ runs }) => {
    const base = new Map(begun);
    return runs.map((run) => {
      const { id } = run.cell;
      const repeat = (base.get(id) ?? 0) + run.repeat;
      begun.set(id, Math.max(begun.get(id) ?? 0, repeat + 1));
      return { ...run, repeat };
    });
  });
}

/** `repeats`: of a cell that all have. */
function scenarioOf(scenarios: readonly Scenario[]): Scenario {
  const [first] = scenarios as [Scenario];
  const loads: LoadPlan[] = [];
  for (const plan of scenarios.flatMap((scenario) => scenario.loads)) {
    const of = ({ matrix, sizes, ...rest }: LoadPlan) => rest;
    const at = loads.findIndex((known) => isDeepStrictEqual(of(known), of(plan)));
    const { matrix, sizes } = loads[at] ?? { matrix: [], sizes: [] };
    const axes = { matrix: distinct([...matrix, ...plan.matrix]), sizes: distinct([...sizes, ...plan.sizes]) };
    const whole = { ...of(plan), ...axes };
    loads.splice(at < 0 ? loads.length : at, 1, whole);
  }
  return {
    ...first,
    implementations: distinct(scenarios.flatMap(({ implementations }) => implementations)),
    loads,
    variants: distinct(scenarios.flatMap(({ variants }) => variants)),
    repeats: scenarios.reduce((sum, { repeats }) => sum + repeats, 0),
  };
}

/** The lower of two answers to one question: a figure is sooner said to be a lower bound. */
function lowest(ceilings: readonly Ceiling[]): Ceiling[] {
  const byQuestion = new Map<string, Ceiling>();
  for (const ceiling of ceilings) {
    const { sentPerSecond, countedPerSecond, ...question } = ceiling;
    const key = JSON.stringify(question);
    const known = byQuestion.get(key);
    if (known === undefined || sentPerSecond < known.sentPerSecond) byQuestion.set(key, ceiling);
  }
  return [...byQuestion.values()];
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return values.filter((value, index) => values.findIndex((other) => isDeepStrictEqual(other, value)) === index);
}
