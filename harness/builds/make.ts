import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { BenchError } from '../../common/cli/errors.js';
import { printable } from '../../common/cli/printable.js';
import { leaves, track } from '../../common/process/ending.js';
import { toolEnvironment } from '../../common/process/tools.js';
import type { Build } from '../../model/pair.js';

/** Until a build that was asked to end is killed. */
const graceMs = 5000;

/** What is to be built, and where: a folder that is there and empty. */
export interface BuildPlace {
  build: Build;
  /** A folder of a work tree of the repository. */
  repository: string;
  folder: string;
  /** The file that gets what the build said, if it fails. */
  log: string;
}

/** Checks a commit out and builds it. Rejects with BenchError BUILD, in one line, or with the reason of the interrupt. */
export async function makeBuild(place: BuildPlace, interrupt: AbortSignal): Promise<void> {
  await checkOut(place);
  await takeModules(place);
  interrupt.throwIfAborted();
  const { failed, output, how } = await make(place.folder, interrupt);
  if (!failed) return;
  await writeFile(place.log, output);
  const cause = causeOf(output) ?? how;
  throw new BenchError('BUILD', `${told(place.build)} does not build: ${printable(cause)} (log: ${place.log})`);
}

/** `commit 0451f5d9ec97`. */
export const told = ({ commit }: Build) => `commit ${commit.slice(0, 12)}`;

/** The files of the commit alone: no work tree of the repository's, and nothing of it is written. */
async function checkOut({ build, repository, folder }: BuildPlace): Promise<void> {
  const archive = join(folder, '.archive.tar');
  const commands = [
    ['git', '-C', repository, 'archive', `--output=${archive}`, build.commit],
    ['tar', '-x', '-f', archive, '-C', folder],
  ];
  for (const [file = '', ...words] of commands) {
    const { failed, stderr, shortMessage } = await execa(file, words, { reject: false, env: toolEnvironment });
    const [said] = (stderr ?? '').split('\n');
    if (failed)
      throw new BenchError('BUILD', `${told(build)} cannot be checked out: ${printable(said || shortMessage || file)}`);
  }
  await rm(archive);
}

/** The packages of the repository's tree where the commit has the same: they need not be had from a registry again. */
async function takeModules({ repository, folder }: BuildPlace): Promise<void> {
  const lockOf = (root: string) => readFile(join(root, 'package-lock.json'), 'utf8').catch(() => null);
  const [lock, own] = await Promise.all([lockOf(folder), lockOf(repository)]);
  if (lock === null || lock !== own) return;
  // Where it is a link, what it leads to: packages are built in the copy.
  const words = ['-a', '-H', '--reflink=auto', join(repository, 'node_modules'), folder];
  const { failed } = await execa('cp', words, { reject: false, env: toolEnvironment });
  // Half a copy, or of packages that are not all there: make installs them.
  if (failed) return;
  // Newer than the commit's files: make leaves them as they are.
  const now = new Date();
  await utimes(join(folder, 'node_modules/.package-lock.json'), now, now).catch(() => {});
}

/** Nothing of a make that this process may run under: its level, flags and job server are not for the commit's. */
const makeEnvironment = { ...toolEnvironment, MAKELEVEL: undefined, MAKEFLAGS: undefined, MFLAGS: undefined };

async function make(folder: string, interrupt: AbortSignal) {
  // In a process group of its own, which ends as a whole. Debian packages that the commit lists are for the user to install.
  const making = execa('make', ['-s', 'build', 'DEBIAN='], {
    ...{ cwd: folder, env: makeEnvironment, reject: false, all: true, stdin: 'ignore', detached: true },
  });
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-(making.pid as number), name);
    } catch {
      // Nothing is left of it.
    }
  };
  track(making, () => signal('SIGKILL'));
  let leaving = Promise.resolve();
  const end = () => {
    signal('SIGTERM');
    leaving = leaves(making, 'build', () => signal('SIGKILL'), graceMs);
    leaving.catch(() => {}); // Heard below.
  };
  interrupt.addEventListener('abort', end, { once: true });
  if (interrupt.aborted) end();
  const { failed, all, exitCode, signal: killed, code } = await making;
  interrupt.removeEventListener('abort', end);
  await leaving;
  interrupt.throwIfAborted();
  const how =
    code === 'ENOENT'
      ? 'this host has no command make'
      : killed
        ? `make: ${killed}`
        : `make ended with code ${exitCode}`;
  return { failed, output: all ?? '', how };
}

/** What a compiler, a linker or npm calls an error; not what tells of one that was told before. */
const error = /: (fatal )?error[: ]|undefined reference|^npm error (?!code |errno |syscall |A complete log|$)/;
const consequence = /^(make|collect2|clang|gyp)\b.*(error|ERR|\*\*\*)/;

/** The line of a build's output that says most of why it failed; null where it said nothing. */
export function causeOf(output: string): string | null {
  const lines = output.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '');
  const told = said.filter((line) => !consequence.test(line));
  return told.find((line) => error.test(line)) ?? told.at(-1) ?? said.at(-1) ?? null;
}
