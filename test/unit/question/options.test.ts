import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../common/cli/errors.js';
import { packageVersion } from '../../../common/process/version.js';
import { parseOptions } from '../../../harness/question/options.js';

function parse(line: string) {
  return parseOptions(line.split(' ').filter(Boolean), {
    readFile: () => 'sizes: 60\nrepeats: 9',
    randomSeed: () => 1,
    version: '1.2.3',
  });
}

function run(line: string) {
  const request = parse(line);
  if (request.kind !== 'run') throw new Error(`${request.kind}, not run`);
  return request;
}

describe('parseOptions', () => {
  it('has a default for everything', () => {
    expect(run('')).toMatchObject({
      mode: 'measure',
      out: 'results',
      reference: 'none',
      timing: 'hide',
      empty: 'unmet',
    });
  });

  it('goes on with a run as it is told to, and takes no other question', () => {
    const manner = { mode: 'measure', busy: 'wait', output: 'quiet', tree: 'there' };
    expect(parse('--resume results/one --wait --quiet')).toMatchObject({
      kind: 'resume',
      folder: 'results/one',
      ...manner,
    });
    for (const flag of ['sizes', 'seed', 'out', 'budget', 'cell', 'topology', 'ship'])
      expect(() => parse(`--resume results/one --${flag}${flag === 'ship' ? '' : ' 1'}`)).toThrow(
        `--resume: the run has its own question and place, and goes without --${flag}`,
      );
    expect(() => parse('--resume=')).toThrow('--resume: needs the path of a folder, not ""');
  });

  it('reads the main command, word for word', () => {
    const { scenario } = run('--sizes 200..1400 --matrix 1T1Q,2T2Q,4T4Q');
    expect(scenario.loads[0]?.sizes).toEqual([200, 400, 600, 800, 1000, 1200, 1400]);
    expect(scenario.loads[0]?.matrix.map(({ threads }) => threads)).toEqual([1, 2, 4]);
  });

  it('says that --wait waits for the hosts of remote, too', () => {
    const request = parse('--help');
    const help = request.kind === 'help' ? request.text.replace(/\s+/g, ' ') : '';
    expect(help).toMatch(/--wait wait while another benchmark runs on this machine, or on a host of remote/);
  });

  it('reads every flag', () => {
    const request = run(
      '--sizes=60 --matrix 2T2Q --impls afxdp --function echo --load none --duration 1s --warmup 0 --repeats 2 ' +
        '--axis batch=8 --axis idle=spin,poll --topology veth --cpus 0-3,6,client=2 --out here --seed 5 --reference thesis --timing --allow-empty --wait --quiet --dry-run ' +
        '--cell one --cell two --budget 3h',
    );
    expect(request).toEqual({
      kind: 'run',
      mode: 'dry-run',
      out: 'here',
      reference: 'thesis',
      timing: 'print',
      empty: 'allowed',
      busy: 'wait',
      tree: 'there',
      output: 'quiet',
      live: null,
      format: 'text',
      cells: ['one', 'two'],
      budgetNs: 3 * 3600e9,
      scenario: {
        name: 'default',
        implementations: ['afxdp'],
        functionId: 'echo',
        loads: [
          {
            ...{ load: { kind: 'none' }, matrix: [{ threads: 2, queues: 2 }], sizes: [60] },
            ...{ implementations: null, variants: null },
          },
        ],
        variants: [
          { idle: 'spin', settings: { batch: 8 }, tuning: {} },
          { idle: 'poll', settings: { batch: 8 }, tuning: {} },
        ],
        tuning: {},
        ...{ topology: 'veth', sides: null, cards: null },
        cpus: { any: [0, 1, 2, 3, 6], server: null, client: [2], irq: null },
        pinned: [],
        durationNs: 1e9,
        warmupNs: 0,
        repeats: 2,
        seed: 5,
      },
    });
  });

  it('adds up several --load', () => {
    const kinds = run('--load saturate --load closed=2,none').scenario.loads.map(({ load }) => load.kind);
    expect(kinds).toEqual(['saturate', 'closed', 'none']);
  });

  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['[::1]:8080', { host: '::1', port: 8080 }],
  ])('reads --live %s', (text, live) => expect(run(`--live ${text}`)).toMatchObject({ live }));

  it('lets flags win over --scenario', () => {
    expect(run('--scenario quick.yaml --repeats 1').scenario).toMatchObject({ name: 'quick', repeats: 1 });
  });

  it.each([
    ['--sizes 30', '--sizes: 30 is below 60, the smallest frame that holds the headers and a stamp'],
    ['--repeats -1', '--repeats: -1 is not a whole number from 1 to 1000'],
    ['--sizes=', '--sizes: needs at least one value, not ""'],
    ['--sizes', '--sizes: needs a value'],
    ['--sizes --matrix 1T1Q', '--sizes: needs a value, but --matrix follows'],
    ['--load none --load --dry-run', '--load: needs a value, but --dry-run follows'],
    ['--sizes 60 --sizes 80', '--sizes: given twice, 60 and 80'],
    ['--load none --load none', '--load: none is named twice'],
    ['--size 60', '--size: unknown flag, did you mean --sizes?'],
    ['--timing=yes', '--timing: takes no value, not yes'],
    ['--frobnicate=1', '--frobnicate=1: unknown flag (see --help)'],
    ['--frobnicate', '--frobnicate: unknown flag (see --help)'],
    ['-x', '-x: unknown flag (see --help)'],
    ['1T1Q', '1T1Q: stray argument, every choice is a flag (see --help)'],
    ['--dry-run -- 60', '60: stray argument, every choice is a flag (see --help)'],
    ['--sizes 60 80', '80: stray argument, every choice is a flag (see --help)'],
    ['--out=', '--out: needs the path of a folder, not ""'],
    ['--scenario=', '--scenario: needs the path of a file, not ""'],
    ['--placement=', '--placement: needs the path of a file, not ""'],
    ['--ship', '--ship: is of --topology remote'],
    ['--live 8080', '--live: 8080 is not HOST:PORT'],
    ['--live 127.0.0.1', '--live: 127.0.0.1 is not HOST:PORT'],
    ['--live :8080', '--live: :8080 is not HOST:PORT'],
    ['--live 127.0.0.1:http', '--live: http is not a whole number from 1 to 65535'],
    ['--live 127.0.0.1:0', '--live: 0 is not a whole number from 1 to 65535'],
    ['--live 127.0.0.1:80 --dry-run', '--dry-run: touches nothing, and goes without --live'],
    [
      '--topology remote --server h1,if=a,ip=10.0.0.10 --client h2,if=a,ip=10.0.0.20 --ship --dry-run',
      '--dry-run: touches nothing, and goes without --ship',
    ],
    ['--reference rfc', '--reference: rfc is not thesis'],
  ])('refuses %s', (line, message) => expect(() => parse(line)).toThrow(new UsageError(message)));

  it.each(['--version', '--sizes 30 --version'])('%s prints the version', (line) => {
    expect(parse(line)).toEqual({ kind: 'version', text: '1.2.3\n' });
  });

  it('finds the version of this package', () => expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+/));
});

describe('help', () => {
  const request = parse('--sizes 30 --help');
  const text = request.kind === 'help' ? request.text : '';
  const lines = text.split('\n');

  it('fits 100 columns', () => expect(lines.filter((line) => line.length > 100)).toEqual([]));

  /** The lines of a flag or a load, joined. */
  const about = (name: string) => {
    const begin = lines.findIndex((line) => line.startsWith(`  ${name} `));
    const rest = lines.slice(begin + 1);
    const end = rest.findIndex((line) => !line.startsWith(' '.repeat(20)));
    return begin < 0 ? '' : [lines[begin], ...rest.slice(0, end)].map((line) => line?.trim()).join(' ');
  };

  it.each([
    ['--sizes', '200..1400'],
    ['--matrix', '1T1Q'],
    ['--impls', 'dgram,recvfrom,recvmmsg,afxdp'],
    ['--function', 'reverse'],
    ['--load', 'saturate'],
    ['--duration', '1s'],
    ['--warmup', '500ms'],
    ['--repeats', '6'],
    ['--topology', 'veth'],
    ['--out', 'results'],
    ['--live', 'none'],
    ['--seed', 'random'],
  ])('tells the default of %s', (flag, fallback) => {
    expect(about(flag).split('(default ')[1]).toContain(fallback);
  });

  it('says of every load what it asks', () => {
    for (const load of ['saturate', 'capacity', 'latency-under-load', 'rate=N', 'closed=N', 'none'])
      expect(about(load)).toMatch(/^\S+ +(How|What) [^?]+\?/);
  });

  it('has a group for each decision', () => {
    const headings = lines.filter((line) => /^\S.*:$/.test(line));
    expect(headings).toEqual([
      'The question:',
      'How long:',
      'Where:',
      'Output:',
      'Instead of a question:',
      'Instead of measuring:',
      'Loads, one or several in a list:',
      'Examples:',
      'Exit codes:',
    ]);
  });

  it('has usage, examples and exit codes', () => {
    expect(text).toMatch(/^Usage: npm run bench -- \[flags\]\n/);
    expect(lines.filter((line) => line.startsWith('  npm run bench -- '))).toHaveLength(2);
    for (const code of [0, 1, 2, 130]) expect(text).toMatch(new RegExp(`\n  ${code} +\\S`));
  });
});
