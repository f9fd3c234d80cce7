import { accessSync, constants, mkdirSync, renameSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { BenchError } from '../common/cli/errors.js';
import { printable } from '../common/cli/printable.js';
import { packageRoot } from '../common/process/paths.js';
import { toolEnvironment } from '../common/process/tools.js';
import type { Program } from '../model/runtimes.js';

/** A user that has no HOME, as that of a unit of systemd, has one all the same: compilers keep their caches there. */
export const programEnvironment = { ...toolEnvironment, HOME: process.env.HOME ?? homedir() };

/**
 * The words that run a program of that name. It is compiled first if it must be, and its source is newer, or one of the files
 * `parts` that it is compiled with. Rejects with BenchError TOOLCHAIN where what builds or runs it is missing, COMPILE where it
 * does not compile.
 */
export async function buildProgram(name: string, runtime: Program, parts: readonly string[] = []): Promise<string[]> {
  const folder = join(packageRoot(), 'runtimes');
  const source = join(folder, runtime.source);
  const program = join(packageRoot(), 'build/runtimes', name);
  const words = (template: string, target: string) =>
    template
      .split(' ')
      .map((word) => word.replace('{program}', target).replace('{source}', source).replace('{folder}', folder));
  if (runtime.build !== null && !isNewer(program, [source, ...parts])) {
    mkdirSync(join(packageRoot(), 'build/runtimes'), { recursive: true });
    // Another process may build the same: each its own, and one that is whole takes the place of the other.
    const unfinished = `${program}.${process.pid}`;
    await compile(name, runtime, words(runtime.build, unfinished));
    renameSync(unfinished, program);
  }
  const [file = '', ...rest] = words(runtime.run, program);
  return [find(name, runtime, file), ...rest];
}

async function compile(name: string, runtime: Program, [file = '', ...words]: string[]): Promise<void> {
  const { failed, all, shortMessage } = await execa(find(name, runtime, file), words, {
    ...{ reject: false, all: true, stdin: 'ignore', env: programEnvironment },
  });
  if (!failed) return;
  // Go puts a heading before its errors.
  const said = all.split('\n').find((line) => line.trim() !== '' && !/^#|^warning\b|: warning:/.test(line));
  throw new BenchError('COMPILE', `${name} does not compile: ${printable(said ?? shortMessage ?? file)}`);
}

/** The path of a tool, as a shell finds it. */
function find(name: string, { brings }: Program, tool: string): string {
  const folders = tool.includes('/') ? [''] : toolEnvironment.PATH.split(delimiter);
  const found = folders.map((folder) => join(folder, tool)).find(isExecutable);
  if (found !== undefined) return found;
  const what = tool.replace(`${packageRoot()}/`, '');
  throw new BenchError('TOOLCHAIN', `${name} needs ${what}, which this host does not have (${brings})`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Whether a file is there and younger than all of the others. */
function isNewer(path: string, than: readonly string[]): boolean {
  const builtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return than.every((file) => builtMs > statSync(file).mtimeMs);
}
