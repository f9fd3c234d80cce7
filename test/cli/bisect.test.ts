import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../harness/bisect-command.js';
import { temporaryFolder } from '../fakes/folder.js';
import { Captured } from '../fakes/streams.js';

async function bisect(...argv: string[]) {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const interrupt = new AbortController().signal;
  const code = await main(argv, { stdout, stderr, environment: {}, privileges: 'user', interrupt });
  return { code, stdout, stderr };
}

const cell = ['--cell', 'recvmmsg-1T1Q-200-reverse-saturate'];

describe('npm run bisect', () => {
  it('prints its help', async () => {
    const { code, stdout, stderr } = await bisect('--help');
    expect([code, stderr.text]).toEqual([0, '']);
    expect(stdout.text).toMatch(/^Usage: npm run bisect -- /);
  });

  it.each([
    [[...cell, '--good', 'no-such-commit', '--bad', 'HEAD'], /^invoker-bench: --good: no-such-commit: /],
    [['--cell', 'x', '--good', 'HEAD', '--bad', 'HEAD'], /^invoker-bench: --cell: x is not the id of a cell/],
  ])('says wrong usage in one line and touches nothing: %j', async (argv, message) => {
    const out = join(temporaryFolder(), 'results');
    const { code, stdout, stderr } = await bisect(...argv, '--out', out);
    expect([code, stdout.text]).toEqual([2, '']);
    expect(stderr.lines).toEqual([expect.stringMatching(message)]);
    expect(existsSync(out)).toBe(false);
  });
});
