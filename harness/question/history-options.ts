import { Command, Option } from 'commander';
import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import { parsePath, parseWhole } from '../../common/cli/values.js';
import { once, readArguments } from './arguments.js';

/** What the command line asks for. `machine`: null: this one. */
export type HistoryRequest =
  | ({ kind: 'list'; format: 'tables' | 'json' } & Where)
  | ({ kind: 'judge'; format: 'tables' | 'json' } & Where)
  | ({ kind: 'add'; run: string } & Where)
  | ({ kind: 'withdraw'; runId: string; reason: string } & Where)
  | ({ kind: 'acknowledge'; alert: number; reason: string } & Where)
  | { kind: 'help'; text: string };

interface Where {
  history: string;
  machine: string | null;
}

export const defaultHistory = 'history';

const verbs = ['list', 'add', 'withdraw', 'acknowledge', 'judge'] as const;
type Verb = (typeof verbs)[number];

interface Flags {
  history?: string;
  machine?: string;
  reason?: string;
  json?: true;
}

const about: Record<Verb, { words: string; does: string }> = {
  list: { words: '', does: 'Prints the nights of a machine and the alerts that are open.' },
  add: { words: 'RUN_FOLDER', does: 'Takes a run of npm run bench into the history. The run stays as it is.' },
  withdraw: { words: 'RUN_ID', does: 'Leaves a night out of all that is judged from now on. Its file stays.' },
  acknowledge: {
    words: 'ALERT',
    does: 'Says that the change of an alert is meant to be: it fails no night any more.',
  },
  judge: {
    words: '',
    does: 'Judges the newest night by those before; keeps which alerts come and go.',
  },
};

const epilogue = `
Commands, each with --help:
${verbs.map((verb) => `  ${`${verb} ${about[verb].words}`.padEnd(20)}${about[verb].does.split('.')[0]}`).join('\n')}

Examples:
  npm run history -- add results/latest
  npm run history -- judge
  npm run history -- acknowledge 3 --reason "checksums are verified since 4f1c2aa"

Exit codes:
  0  done; of judge: no alert is open
  1  a run cannot be read, a file cannot be written; of judge: no cell of the night has a figure
  2  wrong usage, or a history that is missing, empty or damaged; nothing was changed
  3  judge: a regression, an alert is open
`;

/** Reads the arguments after the script's name; throws UsageError, prints nothing. */
export function parseHistoryOptions(args: readonly string[]): HistoryRequest {
  const [verb, ...rest] = args;
  if (!isVerb(verb)) {
    const program = base('npm run history --', '[command] [flags]', 'Remembers nights, and says what changed.');
    const printed = readArguments(program.addHelpText('after', epilogue), args);
    if (printed !== null) return { kind: 'help', text: printed.text };
    const choices = verbs.join(', ');
    throw new UsageError(
      verb === undefined ? `a command is missing: ${choices}` : `${quote(verb)}: is not one of ${choices}`,
    );
  }
  const program = defineVerb(verb);
  const printed = readArguments(program, rest);
  if (printed !== null) return { kind: 'help', text: printed.text };
  return request(verb, program.args, program.opts<Flags>());
}

function request(verb: Verb, words: readonly string[], flags: Flags): HistoryRequest {
  const { words: name } = about[verb];
  const [word, stray] = name === '' ? [undefined, words[0]] : words;
  if (stray !== undefined) throw new UsageError(`${quote(stray)}: stray argument`);
  const where = { history: folderOf(flags), machine: machineOf(flags) };
  if (verb === 'list' || verb === 'judge') return { kind: verb, format: flags.json ? 'json' : 'tables', ...where };
  if (word === undefined || word.trim() === '') throw new UsageError(`${verb}: ${name} is missing`);
  if (verb === 'add') return { kind: verb, run: word, ...where };
  const reason = flags.reason?.trim() ?? '';
  if (reason === '') throw new UsageError(`${verb}: needs --reason TEXT, which is kept with it`);
  if (verb === 'withdraw') return { kind: verb, runId: word, reason, ...where };
  return { kind: verb, alert: parseWhole('ALERT', word, 1, 1e6), reason, ...where };
}

function folderOf({ history = defaultHistory }: Flags): string {
  return parsePath('--history', history, 'folder');
}

function machineOf({ machine }: Flags): string | null {
  if (machine !== undefined && !/^[a-z0-9][a-z0-9._-]{0,39}$/i.test(machine))
    throw new UsageError(`--machine: ${quote(machine)} is no name of letters, digits, dots and hyphens`);
  return machine ?? null;
}

function defineVerb(verb: Verb): Command {
  const { words, does } = about[verb];
  const program = base(`npm run history -- ${verb}`, `${words} [flags]`.trim(), does);
  program.addOption(once(new Option('--history <dir>', `the history's folder (default ${defaultHistory})`)));
  program.addOption(once(new Option('--machine <name>', 'whose nights (default this machine, by a hash of its id)')));
  if (verb === 'withdraw' || verb === 'acknowledge')
    program.addOption(once(new Option('--reason <text>', 'why, for whoever reads it later')));
  if (verb === 'list' || verb === 'judge') program.option('--json', 'print as JSON (default tables)');
  return program;
}

function base(name: string, use: string, description: string): Command {
  return new Command(name)
    .usage(use)
    .description(description)
    .exitOverride()
    .allowExcessArguments(true)
    .helpOption('-h, --help', 'print this');
}

function isVerb(word: string | undefined): word is Verb {
  return verbs.includes(word as Verb);
}
