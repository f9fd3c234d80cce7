import { complaint } from '../common/cli/complaint.js';
import { BenchError, UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { count } from '../common/cli/text.js';
import { packageRoot } from '../common/process/paths.js';
import type { Build, PairQuestion } from '../model/pair.js';
import type { BuildCache } from './builds/cache.js';
import { told } from './builds/make.js';
import { type Between, Repository } from './builds/repository.js';
import { type Found, findFirstBad, type Tested } from './builds/search.js';
import { summarisePair } from './judge/compare-turns.js';
import { judgeChange } from './judge/gate.js';
import { takeMachineLock } from './machine-lock.js';
import { type BisectRequest, parseBisectOptions } from './question/bisect-options.js';
import { shiftText, writePairReport } from './report/pair.js';
import { prepareOut } from './store/out-folder.js';
import { readTurns } from './store/turn-store.js';
import type { BenchSurroundings } from './surroundings.js';
import { type Trial, testedBy, worseningOf } from './trial.js';
import { ownBuilds, planAttempts, provideAll, takeTurns } from './turn-taking.js';

type Asked = Extract<BisectRequest, { kind: 'bisect' }>;

/** The bisect command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: BenchSurroundings): Promise<number> {
  const { stdout, stderr, environment } = surroundings;
  try {
    const repository = new Repository(packageRoot());
    const request = parseBisectOptions(argv, (option, revision) => repository.resolve(option, revision));
    if (request.kind === 'help') {
      stdout.write(request.text);
      return exitCodes.ok;
    }
    const between = repository.between(request.good, request.bad);
    return await bisect(new Bisection(request, between, surroundings), request, argv, surroundings);
  } catch (error) {
    stderr.write(complaint(error, environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

async function bisect(
  bisection: Bisection,
  { good, bad, turns, out, busy }: Asked,
  argv: readonly string[],
  surroundings: BenchSurroundings,
): Promise<number> {
  const { stdout, stderr, interrupt, privileges } = surroundings;
  planAttempts(bisection.question(good, bad, turns));
  if (privileges !== 'root')
    throw new BenchError('ROOT', 'turns need root: network namespaces, AF_XDP sockets and XDP programs');
  await prepareOut(out);
  const lock = await takeMachineLock({ busy, words: ['npm run bisect --', ...argv], surroundings });
  try {
    const found = lock && (await bisection.run());
    if (found !== null) {
      stdout.write(`${found}\n`);
      return exitCodes.ok;
    }
  } catch (error) {
    if (!interrupt.aborted) {
      // What was found until then is not lost with it.
      if (bisection.progress !== null) stderr.write(`${bisection.progress}.\n`);
      throw error;
    }
  } finally {
    lock?.release();
  }
  stderr.write(`invoker-bench: interrupted; ${bisection.progress ?? 'nothing is known of the commits between yet'}\n`);
  return exitCodes.interrupted;
}

/** Codes of what keeps one commit from being tested, and no other. */
const skippable = ['BUILD', 'SESSION'];

class Bisection {
  readonly #asked: Asked;
  readonly #between: readonly Between[];
  /** By their hashes. */
  readonly #builds: ReadonlyMap<string, Build>;
  readonly #surroundings: BenchSurroundings;
  readonly #cache: BuildCache;
  /** Null until it is known that the two ends differ. */
  #state: (Found & { left: number }) | null = null;

  constructor(asked: Asked, between: readonly Between[], surroundings: BenchSurroundings) {
    this.#asked = asked;
    this.#between = between;
    this.#builds = new Map([asked.good, ...between].map((build) => [build.commit, build]));
    this.#surroundings = surroundings;
    this.#cache = ownBuilds(surroundings);
  }

  /** Of two builds. */
  question(first: Build, second: Build, turns: number): PairQuestion {
    const { candidate, packetBytes, load, point } = this.#asked.cell;
    const candidateOf = (build: Build) => ({
      ...candidate,
      name: `${candidate.name}@${build.commit.slice(0, 12)}`,
      build,
    });
    return {
      candidates: [candidateOf(first), candidateOf(second)],
      ...{ point, sizes: [packetBytes], load, turns, controls: 0 },
      ...this.#asked.phases,
    };
  }

  /** The line that names the commit. Rejects with BenchError where there is none to be found. */
  async run(): Promise<string> {
    const { good, bad, turns } = this.#asked;
    this.#say(
      `${count(this.#between.length, 'commit')} from ${told(good)} to ${told(bad)}; first these two take turns.`,
    );
    const whole = await this.#compare(good, bad, turns);
    this.#refuseSame(whole);
    const { lastGood, firstBad, skipped } = await findFirstBad({
      ...{ good: good.commit, bad: bad.commit, turns, whole: worseningOf(whole) },
      parents: new Map(this.#between.map(({ commit, parents }) => [commit, parents])),
      test: (commit, asked) => this.#test(this.#at(commit), asked),
      narrowed: (found, left) => {
        this.#state = { ...found, left };
        this.#say(`${this.progress}.`);
      },
    });
    const [before, culprit] = [this.#at(lastGood), this.#at(firstBad)];
    const isWhole = lastGood === good.commit && firstBad === bad.commit;
    const step = isWhole ? whole : await this.#compare(before, culprit, turns);
    this.#refuseSame(step);
    const others = skipped.map((commit) => commit.slice(0, 12)).join(', ');
    const doubt = others === '' ? '' : ` (or one of those before it that were skipped: ${others})`;
    const where = `${this.#asked.cell.id}: ${told(culprit)}, ${culprit.subject}${doubt}`;
    return `${where}: ${shiftText(step.summary, step.comparison)}`;
  }

  /** How far the search is, in words; null before the two ends are known to differ. */
  get progress(): string | null {
    if (this.#state === null) return null;
    const { lastGood, firstBad, left } = this.#state;
    const range = `after ${told(this.#at(lastGood))} and not after ${told(this.#at(firstBad))}`;
    return `the first bad commit is ${range}, ${count(left, 'commit')} left to test`;
  }

  #refuseSame(trial: Trial): void {
    const { summary, comparison } = trial;
    const judged = judgeChange(comparison, summary.metric, 0);
    if (judged.verdict === 'regression') return;
    const text = shiftText(summary, comparison);
    if (judged.verdict === 'untold') throw new BenchError('NOT_FOUND', `not found: ${judged.reason}`);
    const what = judged.verdict === 'improvement' ? 'it is the better one' : 'no difference can be told from chance';
    throw new BenchError('NOT_FOUND', `not found: ${text}: ${what}`);
  }

  async #test(build: Build, turns: number): Promise<Tested> {
    const skip = (reason: string): Tested => {
      this.#say(`Skipped: ${reason}`);
      return { state: 'untestable', reason };
    };
    try {
      const trial = await this.#compare(this.#asked.good, build, turns);
      const tested = testedBy(trial);
      if (tested.state === 'untestable') return skip(`${told(build)}: ${tested.reason}`);
      this.#say(`${shiftText(trial.summary, trial.comparison)}.`);
      return tested;
    } catch (error) {
      if (error instanceof BenchError && skippable.includes(error.code)) return skip(error.message);
      throw error;
    }
  }

  async #compare(first: Build, second: Build, turns: number): Promise<Trial> {
    const { interrupt } = this.#surroundings;
    const question = this.question(first, second, turns);
    const attempts = planAttempts(question);
    const trees = await provideAll(this.#cache, [first, second], interrupt);
    const { out } = this.#asked;
    const { ending, folder } = await takeTurns({ question, attempts, trees, out }, this.#surroundings);
    if (ending instanceof Error) throw ending;
    interrupt.throwIfAborted();
    const { prologue, records } = await readTurns(folder);
    const summary = summarisePair(prologue, records);
    await writePairReport(folder, summary);
    const [comparison] = summary.comparisons;
    if (comparison === undefined) throw new BenchError('NO_TURNS', `${folder} has no turn`);
    return { summary, comparison };
  }

  #at(commit: string): Build {
    return this.#builds.get(commit) as Build;
  }

  #say(line: string): void {
    this.#surroundings.stderr.write(`${line}\n`);
  }
}
