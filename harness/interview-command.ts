import { isUnattended } from '../common/cli/attended.js';
import { complaint, type Environment } from '../common/cli/complaint.js';
import { UsageError } from '../common/cli/errors.js';
import { exitCodes } from '../common/cli/exit-codes.js';
import { count } from '../common/cli/text.js';
import { readText } from '../common/process/host-files.js';
import { cannot, variantOf } from '../impls/abilities.js';
import { portOf } from '../impls/functions.js';
import type { Scenario } from '../model/cell.js';
import { main } from './bench-command.js';
import type { Dialogue } from './dialogue.js';
import { formatExpected } from './plan/dry-run.js';
import { readHostCpus } from './plan/host-cpus.js';
import { onVeth } from './plan/placement.js';
import { expectedTotalNs, planCells } from './plan/plan.js';
import { argumentsOf, type Choice, ends, goals, repeatsWithin, times, type Wire, wires } from './question/interview.js';
import { parseOptions } from './question/options.js';
import type { BenchSurroundings } from './surroundings.js';

/** Whether it is asked what to measure: a user at a terminal who names no flag is. */
export function asksFirst(
  argv: readonly string[],
  { stdin, stdout, environment }: Record<'stdin' | 'stdout', { isTTY?: boolean }> & { environment: Environment },
): boolean {
  return argv.length === 0 && stdin.isTTY === true && stdout.isTTY === true && !isUnattended(environment);
}

/** The bench command for a user who names no flag: three questions, the command that they make, and its run. */
export async function interviewAndRun(dialogue: Dialogue, surroundings: BenchSurroundings): Promise<number> {
  const { stdout, stderr, environment, privileges } = surroundings;
  try {
    const words = await interview(dialogue, (text) => stdout.write(text), privileges).finally(() => dialogue.close());
    if (words === null) return exitCodes.interrupted;
    stdout.write(`\nnpm run bench -- ${words.map(shellWord).join(' ')}\n\n`);
    return await main(words, surroundings);
  } catch (error) {
    stderr.write(complaint(error, environment));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

const withoutRoot =
  'This host measures only as root: leave by Ctrl-C and start again as root.\n' +
  'Two other hosts can be measured from here, by ssh; the questions are about these.\n';

type Say = (text: string) => void;

/** The flags that the answers make, or null where the user left. */
async function interview(
  dialogue: Dialogue,
  say: Say,
  privileges: BenchSurroundings['privileges'],
): Promise<string[] | null> {
  if (privileges !== 'root') say(withoutRoot);
  const goal = await choose(dialogue, say, 'What do you want to know?', goals, 'all');
  if (goal === null) return null;
  const wire = await askWire(dialogue, say, privileges);
  if (wire === null) return null;
  const offers = Object.entries(times).map(([id, minutes]) => {
    const askFor = (repeats: number) => argumentsOf(goal, { kind: 'veth' }, minutes, repeats);
    const { scenario, expectedNs } = planned(askFor(1));
    const repeats = repeatsWithin(minutes, expectedNs);
    const { implementations, loads } = scenario;
    const sizes = [...new Set(loads.flatMap((load) => load.sizes))];
    const what = `${count(implementations.length, 'implementation')}, ${count(sizes.length, 'frame size')}, ${count(repeats, 'repeat')}`;
    return {
      ...{ id, about: `about ${formatExpected(expectedNs(repeats))}: ${what}` },
      words: argumentsOf(goal, wire, minutes, repeats),
    };
  });
  const time = await choose(dialogue, say, 'How long may it take?', offers, 'short');
  return offers.find(({ id }) => id === time)?.words ?? null;
}

/** What the flags ask for, and how long so many repeats of it take, as planned for a virtual wire on this host. */
function planned(words: readonly string[]): { scenario: Scenario; expectedNs: (repeats: number) => number } {
  const request = parseOptions(words, { readFile: readText, randomSeed: () => 0, version: '' });
  if (request.kind !== 'run') throw new RangeError(`${words.join(' ')} asks for no run`);
  const { scenario } = request;
  const cells = planCells(scenario, onVeth(readHostCpus(readText, scenario)), { portOf, cannot, variantOf });
  return { scenario, expectedNs: (repeats) => expectedTotalNs(cells, repeats) };
}

async function askWire(
  dialogue: Dialogue,
  say: Say,
  privileges: BenchSurroundings['privileges'],
): Promise<Wire | null> {
  const kind = privileges !== 'root' ? 'remote' : await choose(dialogue, say, 'Over which wire?', wires, 'veth');
  if (kind === null || kind === 'veth') return kind && { kind };
  const server = await askEnd(dialogue, say, kind, 'server');
  if (server === null) return null;
  const client = await askEnd(dialogue, say, kind, 'client');
  return client === null ? null : { kind, server, client };
}

async function askEnd(
  dialogue: Dialogue,
  say: Say,
  kind: keyof typeof ends,
  role: 'server' | 'client',
): Promise<string | null> {
  const { example, textOf } = ends[kind];
  for (;;) {
    const answer = await dialogue.ask(`The ${role}'s end, such as ${example[role]}: `);
    if (answer === null) return null;
    try {
      return textOf(answer.trim(), role);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      say(`${error.message}\n`);
    }
  }
}

/** Asks until one of the choices is named, by its number or its id; a blank line takes the preset. */
async function choose<Id extends string>(
  dialogue: Dialogue,
  say: Say,
  question: string,
  choices: readonly Choice<Id>[],
  preset: Id,
): Promise<Id | null> {
  const width = Math.max(...choices.map(({ id }) => id.length));
  say(
    `\n${question}\n${choices.map(({ id, about }, index) => `  ${index + 1}  ${id.padEnd(width)}  ${about}\n`).join('')}`,
  );
  for (;;) {
    const answer = await dialogue.ask(`1 to ${choices.length}, or Enter for ${preset}: `);
    if (answer === null) return null;
    const text = answer.trim();
    const chosen = text === '' ? preset : (choices.find(({ id }) => id === text) ?? choices[Number(text) - 1])?.id;
    if (chosen !== undefined) return chosen;
  }
}

/** As a shell takes it for one word. */
function shellWord(word: string): string {
  return /^[\w.,:=@/[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
