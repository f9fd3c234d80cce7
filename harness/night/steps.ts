import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { UsageError } from '../../common/cli/errors.js';
import { exitCodes } from '../../common/cli/exit-codes.js';
import { count } from '../../common/cli/text.js';
import { nowNs } from '../../common/process/clock.js';
import { packageRoot } from '../../common/process/paths.js';
import type { PlannedCell, Scenario } from '../../model/cell.js';
import type { HistoryJudgement } from '../../model/night.js';
import type { Build, PairSummary } from '../../model/pair.js';
import { main as bench } from '../bench-command.js';
import { Repository } from '../builds/repository.js';
import { main as compare } from '../compare-command.js';
import { lastGoodNight } from '../judge/history/good.js';
import { summarise } from '../judge/summary.js';
import { newestRun } from '../store/out-folder.js';
import type { BenchSurroundings } from '../surroundings.js';
import { againWithin, budgetWords, controlled, controlWords, questionWords } from './commands.js';
import type { NightJournal, NightStep } from './journal.js';
import { judgeNight, type NightMemory, nightFrom, outcomeOf, remember, suspiciousCells } from './judging.js';
import { type ReadRun, readNewest } from './newest.js';
import { cellFaults, cellsTold, type PageContent } from './page.js';
import { notControlled } from './plan.js';
import { takeAllTurns } from './turn-step.js';
import { askedCell, cellsForTurns, pairsIn } from './turns.js';

/** What came of a step, as an exit code and in sentences of the page. */
interface Ended {
  code: number;
  said: readonly string[];
}

/** What the history says of a night. */
export interface Judged {
  judgement: HistoryJudgement;
  /** The folder of the run. */
  report: string;
  /** What folders of older reports are relative to. */
  machineFolder: string;
}

/** How a night ended, and what its page says. `judged`: null where the history was not asked. */
export interface NightEnd extends Omit<PageContent, 'id'> {
  judged: Judged | null;
}

/** Thrown where the user interrupts a step: it has not ended. */
class Interrupted extends Error {}

/** The parts of a night that measure, each done once, however often the night is gone on with. */
export class Night {
  readonly #journal: NightJournal;
  readonly #question: Scenario;
  readonly #surroundings: BenchSurroundings;
  readonly #memory: NightMemory | null;
  readonly #sinceNs = nowNs();

  /** What steps print is no page of the night: it goes to stderr. `memory`: null where nothing is remembered. */
  constructor(journal: NightJournal, question: Scenario, memory: NightMemory | null, surroundings: BenchSurroundings) {
    this.#journal = journal;
    this.#question = question;
    this.#memory = memory;
    this.#surroundings = { ...surroundings, stdout: surroundings.stderr };
  }

  /** Whether nothing is left that a machine must be fit for. */
  get isMeasured(): boolean {
    const { run, control } = this.#journal.state.steps;
    return run.state === 'ended' && control.state === 'ended';
  }

  /** Measures what is left of the night, judges all of it, and keeps it in the history. */
  async measure(): Promise<'interrupted' | NightEnd> {
    try {
      const ending = await this.#measure();
      const { run } = await readNewest(join(this.#journal.folder, 'run'));
      return { ...ending, faults: run === null ? [] : cellFaults(summarise(run.prologue, run.runs)) };
    } catch (error) {
      if (error instanceof Interrupted) return 'interrupted';
      throw error;
    }
  }

  async #measure(): Promise<Omit<NightEnd, 'faults'>> {
    const run = await this.#step('run', () => this.#run());
    const { run: measured } = await readNewest(join(this.#journal.folder, 'run'));
    if (measured === null || run.code === exitCodes.unfit)
      return { outcome: run.code === exitCodes.unfit ? 'unfit' : 'failed', said: run.said, judged: null };
    const control = await this.#step('control', () => this.#control());
    if (this.#memory === null) {
      const said = [
        ...run.said,
        ...control.said,
        'Nothing is compared with other nights: --history names their folder.',
      ];
      return { outcome: outcomeOf([run.code, control.code], null), said, judged: null };
    }
    return await this.#judge(measured, [run, control], this.#memory).catch((error: Error) => {
      if (!(error instanceof UsageError)) throw error;
      const said = [`The history does not take this night: ${error.message}`, ...run.said, ...control.said];
      return { outcome: 'failed', said, judged: null };
    });
  }

  async #judge(run: ReadRun, parts: readonly Ended[], memory: NightMemory): Promise<Omit<NightEnd, 'faults'>> {
    const { folder, ...records } = run;
    const { plan } = records.prologue;
    const stored = { ...records, report: folder };
    const turns = await this.#step('turns', () => this.#turns(plan, memory));
    const first = { again: [], turns: await pairsIn(this.#turnsFolder, 'first') };
    const night = nightFrom({ ...stored, ...first }, memory.origin);
    if (night.measured.every(({ figures }) => figures.length === 0)) {
      const said = ['No cell has a figure.', ...parts.flatMap((part) => part.said)];
      return { outcome: 'unfit', said, judged: null };
    }
    // Of what was measured first alone: a night that goes on asks for the same cells again.
    const suspicious = suspiciousCells(await judgeNight(night, memory, new Date()));
    const again =
      suspicious.length === 0 ? [] : [await this.#step('again', () => this.#again(suspicious, plan, memory))];
    const { run: repeated } = await readNewest(this.#againFolder);
    const whole = nightFrom(
      {
        ...{ ...stored, again: repeated?.runs ?? [] },
        turns: [...first.turns, ...(await pairsIn(this.#turnsFolder, 'again'))],
      },
      memory.origin,
    );
    const judgement = await remember(whole, memory, new Date());
    const all = [...parts, turns, ...again];
    const codes = all.map(({ code }) => code);
    return {
      outcome: outcomeOf(codes, judgement),
      said: [...judgement.verdict.text, ...judgement.warnings, ...all.flatMap(({ said }) => said)],
      judged: { judgement, report: folder, machineFolder: memory.folder },
    };
  }

  /** A step that is over is not done again, nor is one that the machine went down in; the main command knows its own cells. */
  async #step(step: NightStep, work: () => Promise<Ended>): Promise<Ended> {
    const known = this.#journal.state.steps[step];
    if (known.state === 'ended') return known;
    const ended =
      known.state === 'down' && step !== 'run'
        ? { code: exitCodes.failed, said: [`The machine went down in the step ${step}, which is not tried again.`] }
        : await this.#begin(step, work);
    await this.#journal.ended(step, ended);
    return ended;
  }

  async #begin(step: NightStep, work: () => Promise<Ended>): Promise<Ended> {
    await this.#journal.begun(step);
    const ended = await work();
    if (ended.code === exitCodes.interrupted || this.#surroundings.interrupt.aborted) {
      await this.#journal.interrupted(step);
      throw new Interrupted();
    }
    return ended;
  }

  /** The run that a step began earlier. One that cannot be read is told: the step makes another. */
  async #earlier(out: string): Promise<{ earlier: ReadRun | null; damaged: string[] }> {
    const { run, damaged } = await readNewest(out);
    for (const text of damaged) this.#surroundings.stderr.write(`invoker-bench: ${text}\n`);
    return { earlier: run, damaged };
  }

  async #run(): Promise<Ended> {
    const out = join(this.#journal.folder, 'run');
    const { earlier, damaged } = await this.#earlier(out);
    const { request } = this.#journal.state.head;
    const question = [...questionWords(request), ...budgetWords(request, this.#question), '--out', out];
    const words = earlier === null ? question : ['--resume', earlier.folder];
    const code = await bench([...words, '--wait'], this.#surroundings);
    if (code === exitCodes.interrupted) return { code, said: [] };
    const { run } = await readNewest(out);
    if (run === null)
      return { code: exitCodes.failed, said: ['The run could not begin: the log has why.', ...damaged] };
    const said = [cellsTold(summarise(run.prologue, run.runs)), ...damaged];
    if (earlier !== null && code === exitCodes.usage)
      said.push('The rest of it was not measured: the machine is not what it was when the night began.');
    said.push(`Report: ${relative(process.cwd(), run.folder)}/report.html`);
    return { code: code === exitCodes.unmet ? exitCodes.unfit : code, said };
  }

  async #control(): Promise<Ended> {
    const words = controlWords(this.#journal.state.head.request, this.#question);
    if (words === null) return { code: exitCodes.ok, said: [notControlled] };
    const out = join(this.#journal.folder, 'control');
    const code = await compare([...words, '--out', out, '--wait'], this.#surroundings);
    if (code === exitCodes.interrupted) return { code, said: [] };
    const folder = await newestRun(out);
    const alarms = folder === null ? null : await falseAlarmsIn(folder);
    if (alarms === null) return { code: exitCodes.failed, said: ['The A/A control has no figure: the log has why.'] };
    const percent = (share: number) => `${Math.round(100 * share)} %`;
    const { comparisons, alarms: seen, low, high } = alarms;
    const times = count(comparisons, 'comparison');
    return {
      code: exitCodes.ok,
      said: [
        `A/A control: ${seen} of ${times} of ${controlled(this.#question)} with itself saw a difference ` +
          `(95 % interval of that share ${percent(low)} to ${percent(high)}).`,
      ],
    };
  }

  get #turnsFolder(): string {
    return join(this.#journal.folder, 'turns');
  }

  /** The build that this one takes turns with, or why there is none, in a sentence. */
  async #against(memory: NightMemory): Promise<Build | string> {
    const { against } = this.#journal.state.head.request;
    if (this.#question.topology !== 'veth') return 'No turns with another build: they are taken on veth only.';
    if (against.kind === 'none') return 'No turns with another build, as --against none says.';
    const repository = new Repository(packageRoot());
    if (against.kind === 'commit') return repository.resolve('--against', against.revision);
    const { name: profile, topology } = this.#question;
    const commit = lastGoodNight(await memory.read(), { profile, topology })?.commit;
    if (commit === undefined) return 'No turns with another build: the history has no good night of this question.';
    const own = repository.resolve('HEAD', 'HEAD');
    if (own.commit === commit) return `No turns with another build: the last good night was of this commit, too.`;
    return repository.resolve('--against', commit);
  }

  async #turns(plan: readonly PlannedCell[], memory: NightMemory): Promise<Ended> {
    const build = await this.#against(memory).catch((error: Error) => error);
    if (build instanceof Error) return { code: exitCodes.failed, said: [`No turns were taken: ${build.message}`] };
    if (typeof build === 'string') return { code: exitCodes.ok, said: [build] };
    const cells = cellsForTurns(plan);
    const where = { build, out: this.#turnsFolder, attempt: 'first' } as const;
    const { code, said } = await takeAllTurns(cells, where, this.#surroundings);
    const told = `Turns with commit ${build.commit.slice(0, 12)} in ${count(cells.length, 'cell')}.`;
    return { code, said: [told, ...said] };
  }

  get #againFolder(): string {
    return join(this.#journal.folder, 'again');
  }

  /** Suspicious cells alone: as the night measured them, and in turns with the other build where there is one. */
  async #again(suspicious: readonly string[], plan: readonly PlannedCell[], memory: NightMemory): Promise<Ended> {
    const against = await this.#against(memory).catch(() => null);
    const build = typeof against === 'string' ? null : against;
    const { earlier, damaged } = await this.#earlier(this.#againFolder);
    const { request } = this.#journal.state.head;
    const leftNs = request.budgetNs && request.budgetNs - (nowNs() - this.#sinceNs);
    const { cells, budget } =
      earlier === null
        ? againWithin(suspicious, { plan, turns: build === null ? 'none' : 'with a build' }, leftNs)
        : { cells: earlier.prologue.plan.map(({ cell }) => cell.id), budget: [] };
    const left = suspicious.filter((cell) => !cells.includes(cell));
    const untold = left.length === 0 ? [] : [`Suspicious, with no time left in the budget: ${left.join(', ')}.`];
    if (cells.length === 0) return { code: exitCodes.ok, said: untold };
    const only = cells.flatMap((cell) => ['--cell', cell]);
    const question = [...questionWords(request), ...only, ...budget, '--out', this.#againFolder];
    const words = earlier === null ? question : ['--resume', earlier.folder];
    const code = await bench([...words, '--wait'], this.#surroundings);
    if (code === exitCodes.interrupted) return { code, said: [] };
    const asked = cells.filter((cell) => askedCell(cell) !== null);
    const where = { out: this.#turnsFolder, attempt: 'again' } as const;
    const turns =
      build === null || asked.length === 0
        ? { code: exitCodes.ok, said: [] }
        : await takeAllTurns(asked, { ...where, build }, this.#surroundings);
    if (turns.code === exitCodes.interrupted) return turns;
    const told = `Suspicious and measured again: ${cells.join(', ')}.`;
    const isSound = code === exitCodes.ok && turns.code === exitCodes.ok;
    return { code: isSound ? exitCodes.ok : exitCodes.failed, said: [told, ...untold, ...damaged, ...turns.said] };
  }
}

async function falseAlarmsIn(folder: string): Promise<PairSummary['falseAlarms']> {
  const text = await readFile(join(folder, 'summary.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as PairSummary).falseAlarms;
}
