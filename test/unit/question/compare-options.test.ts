import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../common/cli/errors.js';
import { parseCompareOptions } from '../../../harness/question/compare-options.js';
import { implementationIds } from '../../../model/ids.js';
import type { Build } from '../../../model/pair.js';

const split = (line: string) => line.split(' ').filter(Boolean);
const resolve = (option: string, revision: string): Build => {
  if (revision === 'gone') throw new UsageError(`${option}: gone: no commit of this repository`);
  return { commit: revision.padEnd(40, '0'), subject: `Subject of ${revision}` };
};
const parse = (line: string, ...more: string[]) => parseCompareOptions([...split(line), ...more], resolve);

function pair(line: string, ...more: string[]) {
  const request = parse(line, ...more);
  if (request.kind !== 'pair') throw new Error(`${request.kind}, not pair`);
  return request.question;
}

describe('two runs', () => {
  it.each([
    ['a b', { kind: 'runs', old: 'a', new: 'b', mostWorse: null, format: 'tables' }],
    ['a b --fail-on regression=5% --json', { kind: 'runs', old: 'a', new: 'b', mostWorse: 0.05, format: 'json' }],
    ['a b --html out.html', { kind: 'runs', html: 'out.html' }],
    ['a b', { kind: 'runs', html: null }],
    ['a b --fail-on=regression=0% --markdown', { mostWorse: 0, format: 'markdown' }],
    ['a', { kind: 'turns', folder: 'a', format: 'tables' }],
  ])('%s', (line, request) => expect(parse(line)).toMatchObject(request));
});

describe('a pair', () => {
  const plain = { idle: null, settings: {}, tuning: {} };

  it('has a default for everything else', () => {
    expect(parse('--pair afxdp/recvmmsg')).toEqual({
      kind: 'pair',
      out: 'results',
      busy: 'refuse',
      mostWorse: null,
      format: 'tables',
      question: {
        candidates: ['afxdp', 'recvmmsg'].map((id) => ({
          ...{ kind: 'implementation', name: id, implementation: id, functionId: 'reverse', variant: plain },
          build: null,
        })),
        point: { threads: 1, queues: 1 },
        ...{ sizes: [200], load: { kind: 'saturate' }, turns: 12, controls: 0, durationNs: 0.4e9, warmupNs: 0.2e9 },
      },
    });
  });

  it('reads settings, a way to wait and a function', () => {
    const [first, second] = pair('--pair afxdp:batch=8/afxdp:idle=spin,function=echo,ringSize=4096').candidates;
    expect(first).toMatchObject({ name: 'afxdp:batch=8', variant: { idle: null, settings: { batch: 8 } } });
    expect(second).toMatchObject({ functionId: 'echo', variant: { idle: 'spin', settings: { ringSize: 4096 } } });
  });

  it('reads every flag', () => {
    expect(
      pair('--pair afxdp/dgram --sizes 200,1400 --turns 3 --load closed=4 --aa 2 --duration 1s --warmup 0'),
    ).toMatchObject({
      ...{ sizes: [200, 1400], turns: 3, load: { kind: 'closed', connections: 4 }, controls: 2 },
      ...{ durationNs: 1e9, warmupNs: 0 },
    });
  });

  it.each([
    [
      'afxdp@main~3/afxdp',
      [
        ['afxdp@main~3', 'main~3'],
        ['afxdp', null],
      ],
    ],
    [
      'afxdp/afxdp@v1.2:batch=8',
      [
        ['afxdp', null],
        ['afxdp@v1.2:batch=8', 'v1.2'],
      ],
    ],
    // A name of a branch may have slashes, and those of implementations.
    [
      'afxdp@origin/main/recvmmsg',
      [
        ['afxdp@origin/main', 'origin/main'],
        ['recvmmsg', null],
      ],
    ],
    [
      'afxdp@a/b/c:batch=8/xdp@d/e',
      [
        ['afxdp@a/b/c:batch=8', 'a/b/c'],
        ['xdp@d/e', 'd/e'],
      ],
    ],
    [
      'afxdp@HEAD@{1}/dgram',
      [
        ['afxdp@HEAD@{1}', 'HEAD@{1}'],
        ['dgram', null],
      ],
    ],
  ])('has builds of commits: %s', (text, told) => {
    const { candidates } = pair(`--pair ${text}`);
    const builds = told.map(([name, revision]) => ({
      ...{ name, build: revision === null ? null : resolve('', revision as string) },
    }));
    expect(candidates).toMatchObject(builds);
  });

  it('has a bound for a gate', () => {
    expect(parse('--pair afxdp@a/afxdp --fail-on regression=5%')).toMatchObject({ kind: 'pair', mostWorse: 0.05 });
  });

  it('reads programs with their traits', () => {
    const command = "mine=./server '{interface}' {port}";
    const { candidates } = pair(
      '--pair mine/other',
      '--server',
      command,
      '--server',
      'other:pass,echo,unswapped=x y=z',
    );
    expect(candidates).toEqual([
      {
        kind: 'program',
        name: 'mine',
        program: {
          command: "./server '{interface}' {port}",
          ...{ functionId: 'reverse', replyAddresses: 'swapped', receivePath: 'own' },
        },
      },
      {
        kind: 'program',
        name: 'other',
        program: { command: 'x y=z', functionId: 'echo', replyAddresses: 'unchanged', receivePath: 'pass' },
      },
    ]);
  });
});

describe('help', () => {
  it.each(['--help', '-h'])('%s fits 100 columns and names every flag', (flag) => {
    const request = parse(flag);
    if (request.kind !== 'help') throw new Error(request.kind);
    expect(request.text).toMatch(/^Usage: npm run compare -- RUN_A RUN_B \[flags\] \| --pair A\/B \[flags\]\n/);
    expect(request.text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    for (const name of [
      'fail-on',
      'html',
      'pair',
      'sizes',
      'turns',
      'load',
      'server',
      'aa',
      'plant',
      'json',
      'markdown',
    ])
      expect(request.text).toContain(`--${name}`);
  });
});

const server = (text: string) => ['--pair', 'x/dgram', '--server', text];

describe('wrong usage', () => {
  it.each<[string[], string]>([
    [[], 'RUN_A RUN_B: the folders of two runs are missing, or --pair A/B'],
    [['a', 'b', 'c d'], 'RUN_A RUN_B: two folders, not also "c d"'],
    [['a', ''], 'RUN_B: needs the path of a folder, not ""'],
    [['', 'a'], 'RUN_A: needs the path of a folder, not ""'],
    [['a', '--fail-on', 'regression=5%'], '--fail-on: needs two runs, RUN_A RUN_B, or --pair A/B'],
    [['a', '--html', 'out.html'], '--html: needs two runs, RUN_A RUN_B'],
    [['a', 'b', '--html', ' '], '--html: needs the path of a file, not " "'],
    [['a', 'b', '--turns', '3'], '--turns: goes with --pair'],
    [['a', 'b', '--wait'], '--wait: goes with --pair'],
    [['a', 'b', '--json', '--markdown'], '--json and --markdown: one of them'],
    [
      ['a', 'b', '--fail-on', '5%'],
      '--fail-on: 5% is not regression=PERCENT from 0% to below 100%, such as regression=5%',
    ],
    [
      ['a', 'b', '--fail-on', 'regression=100%'],
      '--fail-on: regression=100% is not regression=PERCENT from 0% to below 100%, such as regression=5%',
    ],
    [['--pair', 'afxdp'], '--pair: afxdp is not two candidates such as afxdp/recvmmsg'],
    [['--pair', 'afxdp/dgram/xdp'], '--pair: afxdp/dgram/xdp is not two candidates such as afxdp/recvmmsg'],
    [['--pair', '/dgram'], `--pair: "" is not one of ${implementationIds.join(', ')} (--server adds a program)`],
    [
      ['--pair', 'netmap/dgram'],
      `--pair: netmap is not one of ${implementationIds.join(', ')} (--server adds a program)`,
    ],
    [['--pair', 'afxdp:batch/dgram'], '--pair: batch is not NAME=VALUE such as batch=64'],
    [['--pair', 'afxdp:batch=0/dgram'], '--pair: afxdp: batch: 0 is not a whole number from 1 to 1024'],
    [['--pair', 'afxdp:batch=1,batch=2/dgram'], '--pair: afxdp:batch=1,batch=2: batch is given twice'],
    [['--pair', 'dgram:batch=8/afxdp'], '--pair: dgram:batch=8: dgram has no batch=8'],
    [['--pair', 'xdp:function=upper/afxdp'], '--pair: xdp:function=upper: upper is not available inside eBPF'],
    [['--pair', 'afxdp/dgram', 'x'], 'x: stray argument beside --pair'],
    [
      ['--pair', 'afxdp/dgram', '--turns', '5', '--fail-on', 'regression=5%'],
      '--fail-on: needs --turns 6 or more, not 5',
    ],
    [['--pair', 'afxdp@gone/afxdp'], '--pair: gone: no commit of this repository'],
    [['--pair', 'afxdp@main/afpdx'], '--pair: afxdp@main/afpdx is not two candidates such as afxdp/recvmmsg'],
    [['--pair', 'x@main/dgram', '--server', 'x=run'], '--pair: x@main: a program of --server has no commits'],
    [['--pair', 'afxdp/dgram', '--html', 'a.html'], '--html: goes with two runs, not with --pair'],
    [['--pair', 'afxdp/dgram', '--load', 'rate=5'], '--load: rate=5 is not one of saturate, closed=N, capacity'],
    [
      ['--pair', 'afxdp/dgram', '--load', 'saturate,capacity'],
      '--load: saturate,capacity is not one of saturate, closed=N, capacity',
    ],
    [['--pair', 'afxdp/dgram', '--turns', '201'], '--turns: 201 is not a whole number from 1 to 200'],
    [['--pair', 'afxdp/dgram', '--plant', '200ns'], '--plant: 200ns is not delay=TIME such as delay=200ns'],
    [['--pair', 'afxdp/dgram', '--plant', 'delay=2ms'], '--plant: delay: 2ms is above the most, 1ms'],
    [['--pair', 'afxdp/dgram', '--out', ''], '--out: needs the path of a folder, not ""'],
    [['--pair', 'afxdp/dgram', '--pair', 'afxdp/xdp'], '--pair: given twice, afxdp/dgram and afxdp/xdp'],
    [['--pair', 'afxdp/dgram', '--turn', '2'], '--turn: unknown flag, did you mean --turns?'],
    [['--pair', '--turns'], '--pair: needs a value, but --turns follows'],
    [server('x'), "--server: x is not NAME=COMMAND such as mine='./server {interface} {port}'"],
    [server('x='), '--server: x: the command is missing'],
    [server('x=run {device}'), '--server: x: {device} is not one of {interface}, {address}, {port}'],
    [
      server('x:fast=run'),
      '--server: x: fast is not one of pass, unswapped, reverse, echo, expand, upper, sha256, lookup',
    ],
    [server('x:echo,upper=run'), '--server: x: a program has one function, not echo and upper'],
    [server('afxdp=run'), '--server: afxdp: the name is taken'],
    [server('y=run'), `--pair: x is not one of ${implementationIds.join(', ')}, y (--server adds a program)`],
    [['--pair', 'afxdp/dgram', '--server', 'x=run'], '--server: x is not one of the candidates of --pair afxdp/dgram'],
    [['--pair', 'x:batch=8/dgram', '--server', 'x=run'], '--pair: x:batch=8: a program of --server has no settings'],
    [
      ['--pair', 'dgram/x', '--server', 'x=run', '--plant', 'delay=1us'],
      '--plant: x is a program; only an implementation can be delayed',
    ],
    [
      [...server('x:unswapped=run'), '--load', 'closed=4'],
      '--load: closed=N asks through sockets, which x (unswapped) does not answer',
    ],
  ])('%j', (argv, message) => {
    expect(() => parseCompareOptions(argv, resolve)).toThrow(new UsageError(message));
  });
});
