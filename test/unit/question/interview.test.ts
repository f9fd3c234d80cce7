import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../common/cli/errors.js';
import { asksFirst, interviewAndRun } from '../../../harness/interview-command.js';
import {
  argumentsOf,
  ends,
  type Goal,
  goals,
  type Minutes,
  repeatsWithin,
  times,
  type Wire,
} from '../../../harness/question/interview.js';
import { parseOptions } from '../../../harness/question/options.js';
import { Captured } from '../../fakes/streams.js';

const veth: Wire = { kind: 'veth' };
const nic: Wire = { kind: 'nic', server: 'if=ens4', client: 'if=ens5' };
const remote: Wire = { kind: 'remote', server: 'b@h1,if=ens4,ip=10.0.0.10', client: 'b@h2,if=ens4,ip=10.0.0.20' };

describe('argumentsOf', () => {
  it.each<[Goal, Wire, Minutes, number, string]>([
    ['all', veth, 1, 2, '--sizes 800 --repeats 2'],
    ['all', veth, 20, 6, '--impls all --sizes 200..1400 --repeats 6'],
    ['throughput', veth, 1, 3, '--load saturate --sizes 800 --repeats 3'],
    ['throughput', veth, 5, 4, '--load saturate --impls all --sizes 200,800,1400 --repeats 4'],
    ['latency', veth, 5, 3, '--load closed=1,closed=4 --impls all --sizes 200,800,1400 --repeats 3'],
    ['latency', veth, 20, 8, '--load closed=4,latency-under-load --impls all --sizes 800 --repeats 8'],
    ['capacity', veth, 1, 1, '--load capacity --impls recvmmsg,afxdp --sizes 800 --repeats 1'],
    [
      ...(['capacity', nic, 5, 4] as const),
      '--load capacity --sizes 800 --repeats 4 --topology nic --server if=ens4 --client if=ens5 --axis channels=1',
    ],
    [
      ...(['all', remote, 1, 2] as const),
      '--sizes 800 --repeats 2 --topology remote --server b@h1,if=ens4,ip=10.0.0.10 ' +
        '--client b@h2,if=ens4,ip=10.0.0.20 --axis channels=1',
    ],
  ])('%s over %j in %d minutes, %d times', (goal, wire, minutes, repeats, line) => {
    expect(argumentsOf(goal, wire, minutes, repeats).join(' ')).toBe(line);
  });

  const every = goals.flatMap(({ id }) =>
    Object.values(times).flatMap((minutes) => [veth, nic, remote].map((wire) => [id, minutes, wire] as const)),
  );

  it.each(every)('%s in %d minutes over %j is a question that can be asked', (goal, minutes, wire) => {
    const sources = { readFile: () => '', randomSeed: () => 0, version: '' };
    const request = parseOptions(argumentsOf(goal, wire, minutes, 2), sources);
    expect(request).toMatchObject({ kind: 'run', scenario: { topology: wire.kind, repeats: 2 } });
  });
});

describe('repeatsWithin', () => {
  it.each([
    ['several', { once: 10, each: 12 }, 4],
    ['to the last second', { once: 0, each: 20 }, 3],
    ['less than one', { once: 0, each: 70 }, 1],
    ['of nothing that can be run', { once: 0, each: 0 }, 1],
  ])('%s', (_, { once, each }, repeats) => {
    expect(repeatsWithin(1, (times) => (once + times * each) * 1e9)).toBe(repeats);
  });
});

describe('ends of a wire', () => {
  it('takes a bare name of an interface of this host', () => {
    expect(ends.nic.textOf('ens4', 'server')).toBe('if=ens4');
    expect(ends.nic.textOf('if=ens4,ip=10.1.0.1', 'server')).toBe('if=ens4,ip=10.1.0.1');
  });

  it('refuses what the flags would refuse', () => {
    expect(() => ends.nic.textOf('a/b', 'server')).toThrow(UsageError);
    expect(() => ends.remote.textOf('host1', 'client')).toThrow(UsageError);
  });

  it('takes its own examples', () => {
    for (const { example, textOf } of [ends.nic, ends.remote])
      for (const role of ['server', 'client'] as const) expect(textOf(example[role], role)).toContain(example[role]);
  });
});

describe('asksFirst', () => {
  const terminal = { isTTY: true };
  it.each<[string, string[], { isTTY?: boolean }, { isTTY?: boolean }, Record<string, string>, boolean]>([
    ['a user at a terminal', [], terminal, terminal, {}, true],
    ['a flag', ['--quiet'], terminal, terminal, {}, false],
    ['input from a file', [], {}, terminal, {}, false],
    ['output to a pipe', [], terminal, {}, {}, false],
    ['a CI that has a terminal', [], terminal, terminal, { CI: 'true' }, false],
    ['another one', [], terminal, terminal, { CI: 'woodpecker' }, false],
    ['no CI, as it says', [], terminal, terminal, { CI: 'false' }, true],
  ])('%s', (_, argv, stdin, stdout, environment, expected) => {
    expect(asksFirst(argv, { stdin, stdout, environment })).toBe(expected);
  });
});

describe('without root', () => {
  const [stdout, stderr] = [new Captured('terminal'), new Captured('terminal')];
  const asked: string[] = [];
  /** Leaves at the second question. */
  const dialogue = {
    ask: async (question: string) => (asked.push(question) < 2 ? '' : null),
    close: () => {},
  };

  it('says first that this host cannot measure, and asks for two others', async () => {
    const { signal: interrupt } = new AbortController();
    const surroundings = { stdout, stderr, environment: {}, interrupt, privileges: 'user' } as const;
    expect(await interviewAndRun(dialogue, surroundings)).toBe(130);
    expect(stdout.lines[0]).toMatch(/^This host measures only as root/);
    expect(stdout.text).not.toContain('Over which wire?');
    expect(asked[1]).toMatch(/^The server's end, such as bench@host1,/);
  });
});
