import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { main } from '../../harness/compare-command.js';
import { isSoundPair } from '../../harness/judge/compare-turns.js';
import { readTurns } from '../../harness/store/turn-store.js';
import type { PairSummary } from '../../model/pair.js';
import { temporaryFolder } from '../fakes/folder.js';
import { Captured } from '../fakes/streams.js';
import { describeAsRoot, namespacesOf } from './wire.js';

async function compare(argv: string[], interrupt = new AbortController().signal) {
  const out = temporaryFolder();
  const [stdout, stderr] = [new Captured(), new Captured()];
  const surroundings = { stdout, stderr, environment: {}, privileges: 'root', interrupt } as const;
  const code = await main([...argv, '--wait', '--duration', '100ms', '--out', out], surroundings);
  expect(namespacesOf(process.pid)).toEqual([]);
  const folder = join(out, readdirSync(out)[0] as string);
  const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as PairSummary;
  return { code, stdout, stderr, summary, ...(await readTurns(folder)) };
}

const patience = { timeout: 240_000 };
const [node, invoker] = [process.execPath, join(packageRoot(), 'dist/impls/main.js')];
const mirror = join(packageRoot(), 'test/fakes/mirror.py');

describeAsRoot('npm run compare -- --pair', () => {
  test('has two implementations take turns, one of them with itself, too', patience, async () => {
    const argv = ['--pair', 'afxdp:batch=16/recvmmsg:function=echo', '--sizes', '200', '--turns', '2', '--aa', '1'];
    const { code, summary, records, stdout, stderr } = await compare(argv);
    expect(stderr.lines.filter((line) => !/^(\[\d\/8\] turn|8 attempts)/.test(line))).toEqual([]);
    expect(records.map(({ turn, control, side }) => [turn, control, side])).toEqual([
      ...[
        [0, null, 0],
        [0, null, 1],
        [0, 0, 1],
        [0, 0, 0],
      ],
      ...[
        [1, null, 1],
        [1, null, 0],
        [1, 0, 0],
        [1, 0, 1],
      ],
    ]);
    expect(records.map(({ run }) => run.state)).toEqual(new Array(8).fill('completed'));
    // What a busy machine spoils is left out and told: the rest has figures.
    for (const comparison of [...summary.comparisons, ...summary.controls]) {
      const spoilt = comparison.objections.reduce((sum, { turns }) => sum + turns, 0);
      expect(comparison.turns + spoilt).toBe(2);
      for (const { median } of comparison.figures ?? []) expect(median).toBeGreaterThan(0);
    }
    expect(code).toBe(isSoundPair(summary) ? 0 : 1);
    expect(stdout.text).toMatch(/^afxdp:batch=16 against recvmmsg:function=echo: Peak in /m);
  });

  test('measures programs that are not part of the project', patience, async () => {
    // One that answers as any server does, and one that sends frames back as they came.
    const command = `${node} ${invoker} --impl recvmmsg --interface {interface} --function echo`;
    const servers = [`alone:pass,echo=${command}`, `mirror:pass,echo,unswapped=python3 ${mirror} {interface}`];
    const argv = ['--pair', 'alone/mirror', '--turns', '1', ...servers.flatMap((server) => ['--server', server])];
    const { code, summary, records } = await compare(argv);
    expect(code).toBe(isSoundPair(summary) ? 0 : 1);
    for (const { run } of records) {
      if (run.state !== 'completed' || 'ledger' in run) throw new Error('no program was measured');
      const measured = run.windows.find(({ phase }) => phase === 'measure');
      expect(measured).toMatchObject({ wrong: 0 });
      expect(measured?.checked).toBeGreaterThan(0);
    }
  });

  test('asks a program that reads frames by itself with whole checksums', patience, async () => {
    const server = `raw:echo=python3 ${mirror} {interface} swap`;
    const { code, summary } = await compare([
      '--pair',
      'raw/raw',
      '--load',
      'closed=4',
      '--turns',
      '1',
      '--server',
      server,
    ]);
    expect(code).toBe(isSoundPair(summary) ? 0 : 1);
    expect(JSON.stringify(summary.comparisons)).not.toContain('PROBE');
  });

  test('waits for a program that takes its time to start', patience, async () => {
    const command = `sleep 5; ${node} ${invoker} --impl recvmmsg --interface {interface} --function echo`;
    const { code, summary } = await compare([
      '--pair',
      'late/late',
      '--turns',
      '1',
      '--server',
      `late:pass,echo=${command}`,
    ]);
    expect(code).toBe(isSoundPair(summary) ? 0 : 1);
    expect(JSON.stringify(summary.comparisons)).not.toContain('PROBE');
  });

  test('says why a program has no figure', patience, async () => {
    const dead = "dead=sh -c 'echo cannot serve {port} >&2; exit 4'";
    const { code, summary } = await compare(['--pair', 'dead/dead', '--turns', '1', '--server', dead]);
    expect(code).toBe(1);
    const reason = 'PROGRAM_ENDED: the program ended: code 4, last words: cannot serve 1232';
    expect(summary.comparisons).toMatchObject([{ turns: 0, objections: [{ reason, turns: 1 }] }]);
  });

  test('ends a program with all that its command started', patience, async () => {
    const several = "several=trap '' TERM; sleep 3599 | cat & sleep 3599 | false";
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(new Error('enough')), 3000);
    const argv = ['--pair', 'several/several', '--turns', '1', '--server', several];
    expect((await compare(argv, interrupt.signal)).code).toBe(130);
    const { stdout } = await execa('ps', ['-e', '-o', 'args']);
    expect(stdout).not.toContain('sleep 3599');
  });

  test('keeps the turns that were taken when it is interrupted', patience, async () => {
    const interrupt = new AbortController();
    const slow = `${node} ${invoker} --impl recvmmsg --interface {interface} --function echo`;
    const running = compare(
      ['--pair', 'recvmmsg/slow', '--turns', '2', '--server', `slow:pass,echo=${slow}`],
      interrupt.signal,
    );
    setTimeout(() => interrupt.abort(new Error('enough')), 6000);
    const { code, stderr, records } = await running;
    expect(code).toBe(130);
    expect(stderr.lines.at(-1)).toMatch(/^invoker-bench: interrupted; the turns that were taken are in /);
    expect(records.length).toBeLessThan(4);
  });
});
