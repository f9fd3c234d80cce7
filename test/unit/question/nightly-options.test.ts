import { describe, expect, it } from 'vitest';
import { readText } from '../../../common/process/host-files.js';
import { parseNightlyOptions } from '../../../harness/question/nightly-options.js';

const sources = { readFile: readText, randomSeed: () => 1 };
const parse = (line: string) => parseNightlyOptions(line.split(' ').filter(Boolean), sources, (path) => path);

function night(line: string) {
  const asked = parse(line);
  if (asked.kind !== 'night') throw new Error(`${asked.kind}, not night`);
  return asked;
}

describe('parseNightlyOptions', () => {
  it('has a default for everything', () => {
    expect(night('')).toMatchObject({
      ...{ mode: 'measure', out: 'results/nights' },
      request: {
        scenario: { path: 'scenarios/nightly.yaml', of: 'package' },
        ...{ place: {}, budgetNs: null, history: null, against: { kind: 'last-good' }, publish: null, accept: [] },
      },
      question: { name: 'nightly', topology: 'veth' },
    });
  });

  it.each([
    ['short', 'nightly-short'],
    ['standard', 'nightly'],
    ['thesis', 'thesis'],
  ])('has the scenario of the profile %s', (profile, name) => {
    expect(night(`--profile ${profile}`).question.name).toBe(name);
  });

  it('short asks all implementations, and its loads', () => {
    const { question } = night('--profile short');
    expect(question.implementations).toHaveLength(6);
    expect(question.loads.map(({ load, implementations }) => [load.kind, implementations])).toEqual([
      ['saturate', null],
      ['closed', null],
      ['capacity', ['recvmmsg']],
    ]);
  });

  it('takes a question, its place and a budget', () => {
    const ends = '--topology nic --server if=a,ip=10.0.0.1 --client if=b,ip=10.0.0.2';
    const { request, question, mode } = night(
      `--scenario scenarios/quick.yaml ${ends} --budget 3h --accept cpus --accept turbo --out here --dry-run`,
    );
    expect(question).toMatchObject({ name: 'quick', topology: 'nic', cards: { server: { interface: 'a' } } });
    expect(request).toMatchObject({
      scenario: { path: 'scenarios/quick.yaml', of: 'user' },
      place: { topology: 'nic', server: 'if=a,ip=10.0.0.1', client: ['if=b,ip=10.0.0.2'] },
      ...{ budgetNs: 3 * 3600e9, accept: ['cpus', 'turbo'] },
    });
    expect(mode).toBe('dry-run');
  });

  it('goes on with a night of a folder', () => {
    expect(parse('--resume --out there')).toEqual({ kind: 'resume', out: 'there' });
  });

  it.each([
    ['--profile long', '--profile: long is not one of short, standard, thesis'],
    ['--resume --dry-run', '--resume: goes on with a night, and goes without --dry-run'],
    ['--resume --budget 3h', '--resume: the night has its own question, and goes without --budget'],
    ['--budget 3', '--budget: 3 is not a time such as 2s, 500ms or 1m'],
    ['--topology nic', '--topology nic: needs --server if=ens4'],
    ['--out=', '--out: needs the path of a folder, not ""'],
    ['now', 'now: stray argument, every choice is a flag (see --help)'],
  ])('%s is refused', (line, message) => expect(() => parse(line)).toThrow(message));

  it('has help of 100 columns', () => {
    const asked = parse('--help');
    const lines = asked.kind === 'help' ? asked.text.split('\n') : [];
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines[0]).toBe('Usage: npm run nightly -- [flags]');
  });
});
