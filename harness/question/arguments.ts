import { type Command, CommanderError, type Option } from 'commander';
import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';

const helpColumns = 100;

/** Lets a program read arguments; returns the help or version that they ask for, else null; throws UsageError. */
export function readArguments(
  program: Command,
  args: readonly string[],
): { kind: 'help' | 'version'; text: string } | null {
  let text = '';
  program.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    writeErr: () => {},
    getOutHelpWidth: () => helpColumns,
    getOutHasColors: () => false,
  });
  try {
    program.parse(args, { from: 'user' });
    return null;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text };
    if (error.code === 'commander.version') return { kind: 'version', text };
    throw new UsageError(usageMessage(program, error));
  }
}

/** Of a command that takes flags alone, after readArguments(); throws UsageError. */
export function refuseStray({ args: [stray] }: Command): void {
  if (stray !== undefined) throw new UsageError(`${quote(stray)}: stray argument, every choice is a flag (see --help)`);
}

/** A flag whose second use is an error: which of two values was meant is not ours to guess. */
export function once(option: Option): Option {
  return option.argParser((value: string, previous: string | undefined) => {
    if (previous !== undefined)
      throw new UsageError(`${option.long}: given twice, ${quote(previous)} and ${quote(value)}`);
    return present(option, value);
  });
}

/** A flag whose uses add up to one list. */
export function several(option: Option): Option {
  return option.argParser((value: string, previous: string | undefined) => {
    return previous === undefined ? present(option, value) : `${previous},${present(option, value)}`;
  });
}

/** A flag that may be given several times, each with a value of its own. */
export function listed(option: Option): Option {
  return option.argParser((value: string, previous: string[] | undefined) => [
    ...(previous ?? []),
    present(option, value),
  ]);
}

/** Commander takes whatever follows as the value: `--sizes --matrix 1T1Q` lacks one. */
function present(option: Option, value: string): string {
  if (value.startsWith('--')) throw new UsageError(`${option.long}: needs a value, but ${quote(value)} follows`);
  return value;
}

/** What commander found wrong, in the project's words. */
function usageMessage(program: Command, error: CommanderError): string {
  const message = error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
  const flag = /'(-[^\s',]+)/.exec(message)?.[1];
  if (flag === undefined) return message;
  if (error.code === 'commander.optionMissingArgument') return `${flag}: needs a value`;
  if (error.code === 'commander.unknownOption') {
    const [name, value] = flag.split('=');
    if (value !== undefined && program.options.some(({ long }) => long === name)) {
      return `${name}: takes no value, not ${quote(value)}`;
    }
    const suggestion = /\(Did you mean (.+)\?\)/.exec(message)?.[1];
    return `${flag}: unknown flag${suggestion === undefined ? ' (see --help)' : `, did you mean ${suggestion}?`}`;
  }
  return message;
}
