/**
 * Records of an older version as those of the next one. Pure, and forgiving: what has another shape than it should have
 * is left as it is, for shape.ts to refuse. A field that a version adds has one line here, with the value that stands
 * for "was not recorded".
 */

type Json = Record<string, unknown>;

/** The oldest version that is read. */
export const oldestVersion = 6;

/** The same of turns; those of version 6 were of another shape. */
export const oldestTurnVersion = 7;

/** What lifts a document or a line from a version to the next one. */
type Steps = Record<number, (json: Json) => Json>;

const lifted = (json: Json, steps: Steps): Json => {
  const step = steps[Number(json.schemaVersion)];
  return step === undefined ? json : lifted(step(json), steps);
};

/** Of the document in host.json. */
export function liftPrologue(prologue: Json): Json {
  return lifted(prologue, { 6: prologueFrom6, 7: prologueFrom7, 8: prologueFrom8, 9: prologueFrom9, 10: from10 });
}

/** Of a line of runs.ndjson. */
export function liftRun(run: Json): Json {
  return lifted(run, { 6: runFrom6, 7: runFrom7, 8: runFrom8, 9: runFrom9, 10: runFrom10 });
}

/** Of a line of turns.ndjson: what a version adds is in its run, if that is one of the project's own implementations. */
export function liftTurn(turn: Json): Json {
  const { run, schemaVersion } = turn;
  if (![7, 8, 9, 10].includes(Number(schemaVersion))) return turn;
  return { ...turn, schemaVersion: 11, ...(isJson(run) && isJson(run.cell) ? { run: liftRun(run) } : {}) };
}

/** Of the document in pair.json, of any version: candidates were of the tree that measured, and all ran at one point. */
export function liftPair(prologue: Json): Json {
  const { question } = prologue;
  if (!isJson(question) || !Array.isArray(question.candidates)) return prologue;
  const candidates = question.candidates.map((one) =>
    isJson(one) && one.kind === 'implementation' ? { build: null, ...one } : one,
  );
  return { ...prologue, question: { point: { threads: 1, queues: 1 }, ...question, candidates } };
}

const from10 = (json: Json) => ({ ...json, schemaVersion: 11 });

/** Version 10 knew of no energy. */
function runFrom10(run: Json): Json {
  return { ...(run.state === 'completed' ? { energy: [] } : {}), ...from10(run) };
}

const from9 = (json: Json) => ({ ...json, schemaVersion: 10 });

/** All loads of version 9 ran over the same implementations and variants. */
function prologueFrom9(prologue: Json): Json {
  const { scenario } = prologue;
  if (!isJson(scenario) || !Array.isArray(scenario.loads)) return from9(prologue);
  const whole = { implementations: null, variants: null };
  const loads = scenario.loads.map((plan) => (isJson(plan) ? { ...whole, ...plan } : plan));
  return from9({ ...prologue, scenario: { ...scenario, loads } });
}

/** Version 9 knew of a measure phase as a whole. */
function runFrom9(run: Json): Json {
  return { ...(run.state === 'completed' ? { timeline: { roundTrips: [], hosts: [] } } : {}), ...from9(run) };
}

/** Version 8 knew of one client. */
function prologueFrom8({ clientHost = null, ...prologue }: Json): Json {
  const { scenario, plan, ceilings } = prologue;
  return {
    clientHosts: clientHost === null ? [] : [clientHost],
    ...prologue,
    schemaVersion: 9,
    ...(isJson(scenario) ? { scenario: scenarioFrom8(scenario) } : {}),
    ...(Array.isArray(plan) ? { plan: plan.map((planned) => (isJson(planned) ? cellFrom8(planned) : planned)) } : {}),
    ...(Array.isArray(ceilings) ? { ceilings: ceilings.map(ceilingFrom8) } : {}),
  };
}

function scenarioFrom8(scenario: Json): Json {
  const { sides } = scenario;
  if (!isJson(sides) || sides.client === undefined) return scenario;
  const { client, ...rest } = sides;
  return { ...scenario, sides: { ...rest, clients: [client] } };
}

const ceilingFrom8 = (ceiling: unknown) =>
  isJson(ceiling) && Array.isArray(ceiling.cpus) ? { ...ceiling, cpus: [ceiling.cpus] } : ceiling;

function runFrom8(run: Json): Json {
  const from8 = cellFrom8({ ...run, schemaVersion: 9 });
  return run.state === 'completed' ? { clients: [], ...from8 } : from8;
}

function cellFrom8(holder: Json): Json {
  const { cell } = holder;
  if (!isJson(cell) || !isJson(cell.placement)) return holder;
  const { generatorCpus, clientHousekeepingCpu, ...placement } = cell.placement;
  if (generatorCpus === undefined) return holder;
  const clients = [{ generatorCpus, housekeepingCpu: clientHousekeepingCpu }];
  return { ...holder, cell: { ...cell, placement: { clients, ...placement } } };
}

/**
 * Version 7 knew of one host, of the CPUs of the generator alone as those of a role, of no point whose CPUs are given, and
 * of nobody who sets host and interface.
 */
function prologueFrom7(prologue: Json): Json {
  const { scenario, plan } = prologue;
  const from7 = { clientHost: null, ...prologue, schemaVersion: 8 };
  const withPlan = Array.isArray(plan)
    ? { plan: plan.map((planned) => (isJson(planned) ? cellFrom7(planned) : planned)) }
    : {};
  if (!isJson(scenario)) return { ...from7, ...withPlan };
  const { cpus = null, generatorCpus = null, ...rest } = scenario;
  const roles = { any: cpus, server: null, client: generatorCpus, irq: null };
  return {
    ...from7,
    scenario: { sides: null, cards: null, tuning: {}, ...rest, ...variantsFrom7(scenario), cpus: roles, pinned: [] },
    ...withPlan,
  };
}

function variantsFrom7({ variants }: Json): Json {
  if (!Array.isArray(variants)) return {};
  return { variants: variants.map((variant) => (isJson(variant) ? { tuning: {}, ...variant } : variant)) };
}

function runFrom7(run: Json): Json {
  const ofOne = (times: unknown) =>
    Array.isArray(times) ? times.map((time) => (isJson(time) ? { host: 'one', ...time } : time)) : times;
  const from7 = cellFrom7({ ...run, schemaVersion: 8 });
  if (run.state !== 'completed') return from7;
  const quota = isJson(run.quota) ? { host: 'one', ...run.quota } : run.quota;
  return { ...from7, cpu: ofOne(run.cpu), foreign: ofOne(run.foreign), quota };
}

/** All cells of version 7 ran on veth, which has no interrupts, and on one host. */
function cellFrom7(holder: Json): Json {
  const { cell } = holder;
  if (!isJson(cell)) return holder;
  const { placement } = cell;
  const placed = isJson(placement)
    ? { placement: { irqCpus: [], clientHousekeepingCpu: placement.housekeepingCpu, ...placement } }
    : {};
  return { ...holder, cell: { tuning: {}, ...cell, ...placed } };
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
  const from6 = withCell({ ...run, schemaVersion: 7 });
  if (run.state !== 'completed') return from6;
  return {
    ...{ stalls: { invoker: [] }, foreign: [], quota: null },
    ...from6,
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
