import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../common/cli/errors.js';
import { parseBisectOptions } from '../../../harness/question/bisect-options.js';

const resolve = (_: string, revision: string) => ({ commit: revision.padEnd(40, '0'), subject: revision });
const parse = (line: string) => parseBisectOptions(line.split(' ').filter(Boolean), resolve);
const cell = 'afxdp-1T1Q-200-reverse-saturate';

describe('bisect', () => {
  it('has a default for everything else', () => {
    expect(parse(`--cell ${cell} --good a --bad b`)).toMatchObject({
      ...{ kind: 'bisect', good: { subject: 'a' }, bad: { subject: 'b' }, turns: 12, out: 'results', busy: 'refuse' },
      ...{ cell: { id: cell, packetBytes: 200 }, phases: { durationNs: 0.4e9, warmupNs: 0.2e9 } },
    });
  });

  it('reads every flag', () => {
    const line = `--cell ${cell} --good a --bad b --turns 8 --duration 1s --warmup 0 --out x --wait`;
    expect(parse(line)).toMatchObject({
      ...{ turns: 8, phases: { durationNs: 1e9, warmupNs: 0 }, out: 'x', busy: 'wait' },
    });
  });

  it('prints its help, of 100 columns', () => {
    const request = parse('--help');
    if (request.kind !== 'help') throw new Error(request.kind);
    expect(request.text).toMatch(/^Usage: npm run bisect -- --cell ID --good A --bad B \[flags\]\n/);
    expect(request.text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    for (const name of ['cell', 'good', 'bad', 'turns', 'duration', 'warmup', 'out', 'wait'])
      expect(request.text).toContain(`--${name}`);
  });

  it.each([
    ['', '--cell: is missing: the id of a cell such as afxdp-1T1Q-200-reverse-saturate'],
    [`--cell ${cell} --bad b`, '--good: is missing: a commit that is as fast as it should be'],
    [`--cell ${cell} --good a`, '--bad: is missing: a later commit that is slower'],
    [`--cell ${cell} --good a --bad b c`, 'c: stray argument, every choice is a flag (see --help)'],
    [`--cell ${cell} --good a --bad b --turns 5`, '--turns: 5 is not a whole number from 6 to 200'],
    [`--cell ${cell} --good a --bad b --godo c`, '--godo: unknown flag, did you mean --good?'],
  ])('%j is wrong usage', (line, message) => expect(() => parse(line)).toThrow(new UsageError(message)));
});
