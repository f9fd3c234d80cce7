import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../harness/bench-command.js';
import type { BenchSurroundings } from '../../harness/surroundings.js';
import { implementationIds } from '../../model/ids.js';
import type { Run } from '../../model/record.js';
import type { Summary } from '../../model/summary.js';
import { temporaryFolder } from '../fakes/folder.js';
import { Captured } from '../fakes/streams.js';

async function bench(argv: string[], privileges: BenchSurroundings['privileges'] = 'user', onStderr = () => {}) {
  const [stdout, stderr] = [new Captured(), new Captured()];
  stderr.onWrite = onStderr;
  const code = await main(argv, {
    stdout,
    stderr,
    privileges,
    environment: {},
    interrupt: new AbortController().signal,
  });
  return { code, stdout, stderr };
}

const words = (line: string) => line.split(' ').filter(Boolean);

describe('what touches nothing', () => {
  it.each([
    ['--help', /^Usage: npm run bench -- \[flags\]\n/],
    ['-h', /--sizes <list>/],
    ['--version', /^\d+\.\d+\.\d+\n$/],
  ])('%s', async (flag, text) => {
    const { code, stdout, stderr } = await bench([flag], 'root');
    expect(code).toBe(0);
    expect(stdout.text).toMatch(text);
    expect(stderr.text).toBe('');
  });

  it('--dry-run prints every cell and makes no folder', async () => {
    const out = join(temporaryFolder(), 'results');
    const { code, stdout, stderr } = await bench(
      [...words('--dry-run --impls recvmmsg,dgram --sizes 60,1514 --matrix 1T1Q --seed 3 --out'), out],
      'root',
    );
    expect(code).toBe(0);
    for (const impl of ['recvmmsg', 'dgram']) {
      expect(stdout.text).toMatch(new RegExp(`^${impl} 1T1Q saturate +60,1514 `, 'm'));
      expect(stdout.text).toMatch(new RegExp(`^${impl} 1T1Q closed=4 +1514 `, 'm'));
    }
    expect(stdout.text).toContain('seed 3');
    expect(stdout.text).toMatch(/Nothing was touched\.\n$/);
    expect(stdout.lines.filter((line) => line.length > 100)).toEqual([]);
    expect(stderr.text).toBe('');
    expect(existsSync(out)).toBe(false);
  });

  it('--dry-run shows a user the plan that root would run', async () => {
    const out = join(temporaryFolder(), 'results');
    const argv = [...words('--dry-run --sizes 60 --seed 3 --out'), out];
    const [user, root] = [await bench(argv, 'user'), await bench(argv, 'root')];
    expect([user.code, user.stderr.text]).toEqual([0, '']);
    expect(user.stdout.text).toBe(root.stdout.text);
    expect(user.stdout.text).toMatch(/^afxdp 1T1Q saturate +60 /m);
    expect(user.stdout.text).not.toMatch(/root|Skipped/);
    expect(existsSync(out)).toBe(false);
  });
});

it('--clean needs root', async () => {
  const { code, stdout, stderr } = await bench(['--clean']);
  expect([code, stdout.text]).toEqual([1, '']);
  expect(stderr.text).toBe('invoker-bench: --clean needs root: it deletes network namespaces and undoes tuning\n');
});

describe('wrong usage', () => {
  const scenario = (text: string) => {
    const path = join(temporaryFolder(), 'q.yaml');
    writeFileSync(path, text);
    return path;
  };

  it.each([
    ['--sizes 30', '--sizes: 30 is below 60, the smallest frame that holds the headers and a stamp'],
    ['--sizes 1515', '--sizes: 1515 is above 1514, the largest frame of an MTU of 1500'],
    ['--sizes 1400..200', '--sizes: 1400..200 runs backwards, write 200..1400'],
    ['--sizes 200..1400:0', '--sizes: 200..1400:0: the step must be a whole number of 1 or more, not 0'],
    ['--sizes 60..1514:1', '--sizes: 60..1514:1 makes 1455 sizes, more than 64'],
    ['--sizes big', '--sizes: big is not a whole number of bytes'],
    ['--sizes', '--sizes: needs a value'],
    ['--matrix 3T2Q', '--matrix: 3T2Q: the queues of a point must divide its threads'],
    ['--matrix 0T0Q', '--matrix: 0T0Q: threads must be 1 to 64'],
    ['--matrix 2x2', '--matrix: 2x2 is not a number of threads and queues such as 2T1Q'],
    ['--matrix 1T1Q,1t1q', '--matrix: 1T1Q is named twice'],
    ['--impls netmap', `--impls: netmap is not one of ${implementationIds.join(', ')}`],
    ['--impls dgram,,afxdp', '--impls: dgram,,afxdp has a blank beside a comma'],
    ['--function rot13', '--function: rot13 is not one of reverse, echo, expand, upper, sha256, lookup'],
    ['--load closed', '--load: closed needs a number of connections, as in closed=4'],
    ['--load closed=0', '--load: closed=0: connections must be a whole number from 1 to 1024'],
    ['--load flood', '--load: flood is not one of saturate, capacity, latency-under-load, rate=N, closed=N, none'],
    ['--duration 49ms', '--duration: 49ms is below the least, 50ms'],
    ['--duration 2h', '--duration: 2h is above the most, 1h'],
    ['--duration 2', '--duration: 2 is not a time such as 2s, 500ms or 1m'],
    ['--warmup -1s', '--warmup: -1s is not a time such as 2s, 500ms or 1m'],
    ['--repeats 0', '--repeats: 0 is not a whole number from 1 to 1000'],
    ['--repeats 1e3', '--repeats: 1e3 is not a whole number from 1 to 1000'],
    ['--seed -1', '--seed: -1 is not a whole number from 0 to 4294967295'],
    ['--topology physical', '--topology: physical is not one of veth, nic, remote'],
    ['--reference rfc2544', '--reference: rfc2544 is not thesis'],
    ['--cpus 3-1', '--cpus: 3-1 is not a list of CPUs such as 2-5,7'],
    ['--cpus 0-99999', '--cpus: 0-99999 is not a list of CPUs such as 2-5,7'],
    ['--cpus serve=1', '--cpus: serve is not one of server, client, irq'],
    ['--placement nowhere', "--placement: nowhere cannot be read (ENOENT: no such file or directory, open 'nowhere')"],
    ['--dry-run --json', '--dry-run: measures nothing, and goes without --json'],
    ['--clean --seed 1', '--clean: measures nothing and takes no other flag'],
    ['--out=', '--out: needs the path of a folder, not ""'],
    ['--seed 1 --seed 2', '--seed: given twice, 1 and 2'],
    ['--frobnicate', '--frobnicate: unknown flag (see --help)'],
    ['--dryrun', '--dryrun: unknown flag, did you mean --dry-run?'],
    ['bench', 'bench: stray argument, every choice is a flag (see --help)'],
  ])('%s', async (line, message) => {
    const out = join(temporaryFolder(), 'results');
    const { code, stdout, stderr } = await bench(
      [...(/--out|--clean/.test(line) ? [] : ['--out', out]), ...words(line)],
      'root',
    );
    expect({ code, stdout: stdout.text, stderr: stderr.text }).toEqual({
      ...{ code: 2, stdout: '', stderr: `invoker-bench: ${message}\n` },
    });
    expect(existsSync(out)).toBe(false);
  });

  it.each(['--sizes', '--matrix', '--impls', '--function', '--load', '--axis', '--duration', '--repeats', '--cpus'])(
    '%s with ten thousand values is told in a line that is read at a glance',
    async (flag) => {
      for (const one of ['200', '1T1Q', 'afxdp', 'closed=1', 'batch=8', '2s']) {
        const value = Array.from({ length: 10_000 }, () => one).join(flag === '--duration' ? '' : ',');
        for (const text of [value, value.replaceAll(',', ''), `${value.replaceAll(/\D/g, '')}..60`]) {
          const { code, stderr } = await bench(['--dry-run', flag, text], 'root');
          expect(code, text.slice(0, 20)).toBe(2);
          expect(stderr.text.length, stderr.text.slice(0, 100)).toBeLessThan(300);
        }
      }
    },
  );

  it('--out that is a file, or below one', async () => {
    const file = join(temporaryFolder(), 'taken');
    writeFileSync(file, 'mine');
    for (const out of [file, join(file, 'below')]) {
      const { code, stdout, stderr } = await bench([...words('--impls dgram --sizes 200 --out'), out], 'user');
      expect([code, stdout.text]).toEqual([2, '']);
      expect(stderr.text).toBe(`invoker-bench: --out: ${out} cannot be made or written (ENOTDIR)\n`);
    }
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it.each([
    ['sizes: 30', /: sizes: 30 is below 60, /],
    ['size: 60', /: size: unknown key, not one of name, /],
    ['sizes: [60', /: line \d+: /],
    ['- 60', /: must be a mapping /],
    ['repeats: many', /: repeats: many is not a whole number from 1 to 1000$/],
  ])('in a scenario: %j', async (text, message) => {
    const path = scenario(text);
    const { code, stdout, stderr } = await bench(['--scenario', path], 'root');
    expect([code, stdout.text]).toEqual([2, '']);
    expect(stderr.lines).toEqual([expect.stringMatching(message)]);
    expect(stderr.text).toContain(`invoker-bench: scenario ${path}`);
  });

  it('a scenario that is missing', async () => {
    const { code, stderr } = await bench(['--scenario', join(temporaryFolder(), 'none.yaml')]);
    expect(code).toBe(2);
    expect(stderr.lines).toEqual([expect.stringMatching(/^invoker-bench: --scenario: .*none\.yaml cannot be read \(/)]);
  });
});

describe('a run without the privileges it needs', () => {
  const reason = 'needs root: network namespaces, AF_XDP sockets and XDP programs';

  it('skips every cell with the reason and still leaves all records and reports', { timeout: 30_000 }, async () => {
    const out = temporaryFolder();
    const argv = [
      ...words('--impls dgram,afxdp --sizes 200 --repeats 2 --seed 1 --reference thesis --timing --out'),
      out,
    ];
    const { code, stdout, stderr } = await bench(argv);
    expect(code).toBe(3);

    const ids = ['dgram', 'afxdp'].map((impl) => `${impl}-1T1Q-200-reverse`);
    const cells = [...ids.map((id) => `${id}-saturate`), ...ids.map((id) => `${id}-closed=4`)];
    expect(stderr.lines).toEqual(cells.map((id) => `${id}: skipped: ${reason}`));
    expect(stdout.text).toContain(reason);

    const [run = ''] = readdirSync(out).filter((name) => name !== 'latest');
    const folder = join(out, run);
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(readdirSync(folder).sort()).toEqual([
      'host.json',
      'latency.csv',
      'report.html',
      'report.md',
      'report.tex',
      'runs.ndjson',
      'summary.json',
      'tables',
      'throughput.csv',
    ]);
    const records = read('runs.ndjson')
      .trimEnd()
      .split('\n')
      .map((line): Run => JSON.parse(line));
    expect(records.map(({ cell, state }) => [cell.id, state])).toEqual(cells.map((id) => [id, 'skipped']));

    const summary: Summary = JSON.parse(read('summary.json'));
    expect(summary.runId).toBe(run);
    expect(summary.cells.map(({ state, reasons, repliesPerSecond }) => ({ state, reasons, repliesPerSecond }))).toEqual(
      cells.map(() => ({ state: 'skipped', reasons: [reason], repliesPerSecond: null })),
    );
    expect(read('report.md')).toContain(reason.replace('_', '\\_'));
    for (const [name, load] of [
      ['throughput.csv', 'saturate'],
      ['latency.csv', 'closed=4'],
    ] as const) {
      const rows = read(name).trimEnd().split('\n');
      expect(rows).toHaveLength(3);
      expect(rows[0]).toMatch(/^run,cell,implementation,/);
      expect(rows.slice(1).every((row) => row.includes(`,${load},`) && row.includes(',skipped,'))).toBe(true);
    }
    // Nothing half-written is left, and the newest run is found by its name.
    expect(readFileSync(join(out, 'latest', 'summary.json'), 'utf8')).toBe(read('summary.json'));
  });

  it('goes without `latest` where the file system has no links, and says so', { timeout: 30_000 }, async () => {
    const out = temporaryFolder();
    // Whoever makes the link first removes what is left under this name: a folder cannot be.
    mkdirSync(join(out, `.latest-${process.pid}`));
    const argv = [...words('--impls dgram --sizes 200 --load none --allow-empty --out'), out];
    const { code, stderr } = await bench(argv);
    const [run = ''] = readdirSync(out).filter((name) => !name.startsWith('.'));
    expect(code).toBe(0);
    expect(stderr.lines).toContainEqual(
      expect.stringMatching(/^invoker-bench: no link .*\/latest can be made \(ERR_FS_EISDIR\); this run is in /),
    );
    expect(readdirSync(join(out, run))).toContain('summary.json');
  });

  it('is no failure to who allows for it', async () => {
    const argv = words('--impls dgram --sizes 200 --load none --allow-empty --out');
    expect((await bench([...argv, temporaryFolder()])).code).toBe(0);
  });

  it('is quiet when asked to', async () => {
    const argv = words('--impls dgram --sizes 200 --load none --quiet --out');
    const { stdout, stderr } = await bench([...argv, temporaryFolder()]);
    expect(stderr.text).toBe('');
    expect(stdout.lines).toEqual([expect.stringMatching(/^Records, tables and charts: /)]);
  });

  it.each(['', '--quiet '])('%sprints the summary and nothing else on stdout as JSON', async (quiet) => {
    const out = temporaryFolder();
    const { code, stdout, stderr } = await bench([
      ...words(`--impls dgram --sizes 200 --load none --json --timing ${quiet}--out`),
      out,
    ]);
    expect(code).toBe(3);
    expect(stdout.text).toBe(readFileSync(join(out, 'latest', 'summary.json'), 'utf8'));
    expect(stderr.lines.at(-1)).toMatch(/^Records, tables and charts: /);
    // What a plan skips is no trouble to who asked for quiet.
    expect(stderr.text.includes(': skipped: ')).toBe(quiet === '');
  });

  it('says where the records are when no report can be made of them', async () => {
    const out = temporaryFolder();
    const argv = [...words('--impls dgram --sizes 200 --load none --out'), out];
    const { code, stderr } = await bench(argv, 'user', () => {
      mkdirSync(join(out, 'latest', 'summary.json'), { recursive: true });
    });
    const [run] = readdirSync(out).filter((name) => name !== 'latest');
    expect(code).toBe(1);
    expect(stderr.lines.at(-1)).toMatch(/^invoker-bench: no report can be made of the records in .*EISDIR/);
    expect(stderr.lines.at(-1)).toContain(run);
  });

  it('refuses an --out that cannot be made, in one line', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { code, stderr } = await bench([
      ...words('--impls dgram --sizes 200 --load none --out'),
      join(file, 'results'),
    ]);
    expect(code).toBe(2);
    expect(stderr.lines).toEqual([expect.stringMatching(/^invoker-bench: --out: .* cannot be made or written/)]);
  });
});
