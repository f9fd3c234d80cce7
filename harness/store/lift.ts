/**
 * Records of an older version as those of the next one. Pure, and forgiving: what has another shape than it should have
 * is left as it is, for shape.ts to refuse. A field that a version adds has one line here, with the value that stands
 * for "was not recorded".
 */

type Json = Record<string, unknown>;

/** The oldest version that is read. */
export const oldestVersion = 6;

/** Of the document in host.json. */
export function liftPrologue(prologue: Json): Json {
  if (prologue.schemaVersion === 6) return liftPrologue(prologueFrom6(prologue));
  return prologue.schemaVersion === 7 ? prologueFrom7(prologue) : prologue;
}

/** Of a line of runs.ndjson. */
export function liftRun(run: Json): Json {
  if (run.schemaVersion === 6) return liftRun(runFrom6(run));
  return run.schemaVersion === 7 ? tuned({ ...run, schemaVersion: 8 }) : run;
}

/** Until version 7 nobody set host and interface. */
function prologueFrom7(prologue: Json): Json {
  const { scenario, plan } = prologue;
  return {
    ...prologue,
    schemaVersion: 8,
    ...(isJson(scenario) ? { scenario: { tuning: {}, ...scenario, ...variantsFrom7(scenario) } } : {}),
    ...(Array.isArray(plan) ? { plan: plan.map((planned) => (isJson(planned) ? tuned(planned) : planned)) } : {}),
  };
}

function variantsFrom7({ variants }: Json): Json {
  if (!Array.isArray(variants)) return {};
  return { variants: variants.map((variant) => (isJson(variant) ? { tuning: {}, ...variant } : variant)) };
}

function tuned(holder: Json): Json {
  return isJson(holder.cell) ? { ...holder, cell: { tuning: {}, ...holder.cell } } : holder;
}

function prologueFrom6(prologue: Json): Json {
  const { scenario, plan, host } = prologue;
  return {
    ...prologue,
    schemaVersion: 7,
    ...(isJson(scenario)
      ? { scenario: { variants: [{ idle: null, settings: {} }], cpus: null, generatorCpus: null, ...scenario } }
      : {}),
    ...(Array.isArray(plan) ? { plan: plan.map((planned) => (isJson(planned) ? withCell(planned) : planned)) } : {}),
    ...(isJson(host) ? { host: { isolatedCpus: '', cpuQuota: null, clockSource: 'unknown', ...host } } : {}),
  };
}

function runFrom6(run: Json): Json {
  const lifted = withCell({ ...run, schemaVersion: 7 });
  if (run.state !== 'completed') return lifted;
  return {
    ...{ stalls: { invoker: [] }, foreign: [], quota: null },
    ...lifted,
    ...(isJson(run.capacity) ? { capacity: capacityFrom6(run.capacity) } : {}),
  };
}

/** Cells of version 6 ran as their implementation does by default, on nodes that nobody recorded. */
function withCell(holder: Json): Json {
  const { cell } = holder;
  if (!isJson(cell)) return holder;
  const placement = isJson(cell.placement) ? { nodes: [], ...cell.placement } : cell.placement;
  return { ...holder, cell: { settings: {}, variant: '', ...cell, placement } };
}

/**
 * Version 6 knew of each goal an interval instead of a bracket, and what bound the one that was measured at: the NDR, or
 * the PDR where there was none.
 */
function capacityFrom6({ ndr, pdr, boundBy, trials, pieces, timedOut }: Json): Json {
  const goal = (rate: unknown, bound: unknown) =>
    isJson(rate) ? { perSecond: rate.perSecond, failedPerSecond: upperEnd(rate), boundBy: bound } : rate;
  return {
    ndr: goal(ndr, boundBy),
    pdr: goal(pdr, isJson(ndr) ? 'server' : boundBy),
    ...{ trials, pieces, piecesRepeated: 0, timedOut },
  };
}

/** Of an interval of version 6; null where it ends at the load that held. */
function upperEnd({ perSecond, high }: Json): number | null {
  return typeof high === 'number' && typeof perSecond === 'number' && high > perSecond ? high : null;
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
