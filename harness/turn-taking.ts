import { readText } from '../common/process/host-files.js';
import { thisHost } from '../common/process/host-sources.js';
import { packageRoot } from '../common/process/paths.js';
import { veth } from '../common/wire/veth.js';
import { cannot, variantOf } from '../impls/abilities.js';
import { portOf } from '../impls/functions.js';
import type { Build, PairQuestion, TurnRecord } from '../model/pair.js';
import { schemaVersion } from '../model/record.js';
import { BuildCache, buildsFolder } from './builds/cache.js';
import { restoreFirst } from './clean.js';
import { metricOf, toldTurn } from './judge/compare-turns.js';
import { readHostFacts } from './measure/host.js';
import { type BuiltTrees, measureTurns } from './measure/turns.js';
import { readHostCpus } from './plan/host-cpus.js';
import { type Attempt, anyCpus, expectedPairNs, planPair } from './plan/pair.js';
import { metricUnit } from './report/compare-runs.js';
import { formatIn } from './report/units.js';
import { newRunId } from './store/store.js';
import { TurnStore } from './store/turn-store.js';
import type { BenchSurroundings } from './surroundings.js';

/** Every attempt of a question on this host. Throws BenchError for what it cannot run. */
export function planAttempts(question: PairQuestion): Attempt[] {
  return planPair(question, readHostCpus(readText, anyCpus), { portOf, cannot, variantOf });
}

/** Builds of this tree's repository, in its user's cache. */
export function ownBuilds({ stderr, environment }: Pick<BenchSurroundings, 'stderr' | 'environment'>): BuildCache {
  return new BuildCache(buildsFolder(environment), packageRoot(), (line) => stderr.write(`${line}\n`));
}

/** The built trees of commits; rejects as BuildCache.provide() does. */
export async function provideAll(
  builds: BuildCache,
  wanted: readonly (Build | null)[],
  interrupt: AbortSignal,
): Promise<BuiltTrees> {
  const trees = new Map<string, string>();
  for (const build of wanted) if (build !== null) trees.set(build.commit, await builds.provide(build, interrupt));
  return trees;
}

/** The builds that a question needs. */
export function buildsOf({ candidates }: PairQuestion): (Build | null)[] {
  return candidates.map((candidate) => (candidate.kind === 'program' ? null : candidate.build));
}

/** A comparison that is about to be measured. The machine is its own. */
export interface Turns {
  question: PairQuestion;
  attempts: readonly Attempt[];
  trees: BuiltTrees;
  /** The folder that gets the folder of its records. */
  out: string;
}

/** Takes the turns. Resolves to the folder of their records and to what ended the measuring; rejects where it could not begin. */
export async function takeTurns(
  { question, attempts, trees, out }: Turns,
  { stderr, interrupt }: Pick<BenchSurroundings, 'stderr' | 'interrupt'>,
): Promise<{ folder: string; ending: Error | 'finished' | 'interrupted' }> {
  // Settings that cannot be restored may change every figure of this comparison.
  await restoreFirst(stderr);
  // Namespaces that a killed run left are in nobody's way: each attempt has its own.
  await veth.clean().catch((error: Error) => stderr.write(`invoker-bench: ${error.message}\n`));
  const now = new Date();
  const [runId, startedAt, host] = [newRunId(now), now.toISOString(), await readHostFacts(thisHost)];
  const store = await TurnStore.create(out, { schemaVersion, runId, startedAt, question, host });
  stderr.write(`${attempts.length} attempts, about ${Math.ceil(expectedPairNs(attempts) / 1e9)} s.\n`);
  let done = 0;
  const ended = async (record: TurnRecord) => {
    await store.append(record);
    done++;
    stderr.write(`[${done}/${attempts.length}] ${progressLine(record, question)}\n`);
  };
  const measuring = measureTurns({ runId }, attempts, trees, { ended }, interrupt);
  return { folder: store.folder, ending: await measuring.catch((error: Error) => error) };
}

/** `turn 3, 200 bytes, afxdp: 712 thousand packets/s`. */
function progressLine(record: TurnRecord, { candidates, load }: PairQuestion): string {
  const { turn, packetBytes, control, side, run } = record;
  const metric = metricOf(load);
  const outcome = toldTurn(run, metric);
  const unit = metricUnit(metric);
  const told = outcome.state === 'figure' ? `${formatIn(unit, outcome.figure)} ${unit.label}` : outcome.reason;
  const where = control === null ? `${packetBytes} bytes` : `control ${control + 1}`;
  return `turn ${turn + 1}, ${where}, ${candidates[control === null ? side : 0].name}: ${told}`;
}
