import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../fakes/compiler.js';

/** What a program of test/native/programs/ says of a part of native/. */
async function verdictOf(...program: Parameters<typeof buildProgram>): Promise<string> {
  const { stdout, stderr, signal } = await execa(await buildProgram(...program), { reject: false });
  return stdout + stderr + (signal ?? '');
}

describe('parts of native/', { timeout: 60_000 }, () => {
  it('a thread is pinned to any CPU of a host with 4,096, and comes back', async () => {
    expect(await verdictOf('pinning', [])).toBe('right');
  });

  it('huge pages have 2 MiB, whatever is the default, and are given back', async () => {
    expect(await verdictOf('pages', ['pages.cc'])).toBe('right');
  });

  // Each sees what the other one does not: gcc copies what is not aligned before it looks.
  it.each([
    ['g++', ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']],
    ['clang++', ['-fsanitize=undefined', '-fsanitize-trap=undefined']],
  ])('frames are read and written by the letter of the language (%s)', async (compiler, options) => {
    expect(await verdictOf('frames', ['reverse.cc'], { compiler, options })).toBe('right');
  });
});
