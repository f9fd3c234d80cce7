import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../common/process/paths.js';
import { temporaryFolder } from './folder.js';

/** As the addon is compiled, but that a warning is an error. */
export const cpp = ['-std=c++20', '-Wall', '-Wextra', '-Werror', '-Wno-missing-field-initializers'];

/** Compiles a program of test/native/programs/ with files of native/; returns its path, which goes with the test. */
export async function buildProgram(
  name: string,
  files: string[],
  { compiler = 'g++', options = [] }: { compiler?: string; options?: string[] } = {},
): Promise<string> {
  const out = join(temporaryFolder(), name);
  const sources = [`test/native/programs/${name}.cc`, ...files.map((file) => `native/${file}`)];
  await execa(compiler, [...cpp, '-O2', ...options, ...sources, '-o', out], { cwd: packageRoot() });
  return out;
}

/** What the compiler says of sources of this project for a machine; empty if nothing. */
export async function complaints(target: string, sources: string[], options: string[] = []): Promise<string> {
  const { stderr } = await execa('clang', [`--target=${target}`, '-fsyntax-only', ...options, ...sources], {
    cwd: packageRoot(),
    reject: false,
  });
  return stderr;
}
