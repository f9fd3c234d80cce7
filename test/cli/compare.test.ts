import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concludePair, main } from '../../harness/compare-command.js';
import { RunStore } from '../../harness/store/store.js';
import { TurnStore } from '../../harness/store/turn-store.js';
import type { RunComparison } from '../../model/comparison.js';
import type { PairSummary } from '../../model/pair.js';
import { temporaryFolder } from '../fakes/folder.js';
import { fakeCompleted, fakeFailed, fakeRunCell, fakeWindow, plannedPrologue } from '../fakes/runs.js';
import { Captured } from '../fakes/streams.js';
import { fakePair, fakeProgramRun, fakeQuestion, fakeTurn } from '../fakes/turns.js';

async function compare(...argv: string[]) {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const code = await main(argv, {
    stdout,
    stderr,
    environment: {},
    privileges: 'user',
    interrupt: new AbortController().signal,
  });
  return { code, stdout, stderr };
}

/** Records of peaks that differ by a tenth of a percent from repeat to repeat; `factors` by implementation. */
async function recorded(factors: Record<string, number>, repeats = 8, changes: { kernel?: string } = {}) {
  const prologue = plannedPrologue({ impls: Object.keys(factors).join(), sizes: '200,800', load: 'saturate' });
  const { kernel = prologue.host.kernel } = changes;
  const store = await RunStore.create(temporaryFolder(), { ...prologue, host: { ...prologue.host, kernel } });
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const { cell } of prologue.plan) {
      const factor = factors[cell.implementation] ?? 1;
      const rate = Math.round((1000 + repeat) * 100 * factor);
      await store.append(factor === 0 ? fakeFailed(cell, 'PROBE', 'no answer') : fakeCompleted(cell, rate, { repeat }));
    }
  }
  return store.folder;
}

describe('npm run compare -- RUN_A RUN_B', () => {
  it('prints a table a metric, the facts that differ first', async () => {
    const old = await recorded({ recvmmsg: 1, afxdp: 7 });
    const now = await recorded({ recvmmsg: 1, afxdp: 6.3, dgram: 1 }, 8, { kernel: '7.0.0' });
    const { code, stdout, stderr } = await compare(old, now);
    expect([code, stderr.text]).toEqual([0, '']);
    await expect(stdout.text).toMatchFileSnapshot('golden/compare-runs.txt');
    expect(stdout.lines.filter((line) => line.length > 100)).toEqual([]);
    const order = ['What differs', 'Peak in', 'CPU time a reply', 'Not compared'].map((title) =>
      stdout.text.indexOf(title),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
  });

  it('writes a page, what differs between the runs first', async () => {
    const old = await recorded({ afxdp: 7 });
    const now = await recorded({ afxdp: 6.3 }, 8, { kernel: '7.0.0' });
    const file = join(temporaryFolder(), 'comparison.html');
    const { code, stderr } = await compare(old, now, '--html', file);
    expect([code, stderr.text]).toEqual([0, '']);
    const captions = [...readFileSync(file, 'utf8').matchAll(/<caption><span>([^<:]*)/g)].map(([, text]) => text);
    expect(captions.slice(0, 2)).toEqual([
      'What differs between the runs beside the figures',
      'Peak in thousand packets/s',
    ]);
    const missing = await compare(old, now, '--html', join(file, 'below'));
    expect([missing.code, missing.stderr.lines.length]).toEqual([1, 1]);
  });

  it('prints the same as JSON and as Markdown', async () => {
    const folders = [await recorded({ afxdp: 7 }), await recorded({ afxdp: 6.3 })];
    const json = await compare(...folders, '--json');
    const { metrics, differences } = JSON.parse(json.stdout.text) as RunComparison;
    expect(metrics.map(({ metric }) => metric)).toEqual(['peak', 'cpu']);
    expect(metrics[0]?.cells.map(({ outcome }) => outcome)).toEqual(['worse', 'worse']);
    expect(metrics[0]?.cells[0]?.ratio.median).toBeCloseTo(0.9, 3);
    expect(differences).toEqual([]);
    const { stdout } = await compare(...folders, '--markdown');
    expect(stdout.lines.slice(0, 1)).toEqual(['# invoker-bench: Comparison of two runs']);
    expect(stdout.text).toMatch(
      /\| afxdp-1T1Q-200-reverse-saturate \| 702 \| 632 \| 0\.900 \| 0\.\d+–0\.\d+ \| \\?<?0\.\d+ \| worse \|/,
    );
  });

  it.each<[string, Record<string, number>, Record<string, number>, number, number, RegExp]>([
    ['nothing', { afxdp: 7 }, { afxdp: 7 }, 8, 0, /^$/],
    ['what is better', { afxdp: 7 }, { afxdp: 8 }, 8, 0, /^$/],
    ['less than asked about', { afxdp: 7 }, { afxdp: 6.8 }, 8, 0, /^$/],
    [
      'a regression',
      { afxdp: 7 },
      { afxdp: 6.3 },
      8,
      3,
      /^--fail-on: afxdp-1T1Q-200-reverse-saturate: Peak: 0\.900 of the old run$/m,
    ],
    [
      'a lost figure',
      { afxdp: 7, dgram: 1 },
      { afxdp: 7, dgram: 0 },
      8,
      1,
      /dgram-1T1Q-200-\S+ new run: failed: PROBE: no answer$/m,
    ],
    [
      'too few repeats',
      { afxdp: 7 },
      { afxdp: 6.3 },
      3,
      1,
      /^--fail-on: Peak: too few repeats to tell, bench with --repeats 5$/m,
    ],
  ])('--fail-on says %s by its exit code', async (_, before, after, repeats, code, message) => {
    const folders = [await recorded(before, repeats), await recorded(after, repeats)];
    const failing = await compare(...folders, '--fail-on', 'regression=5%');
    expect(failing.code).toBe(code);
    expect(failing.stderr.text).toMatch(message);
    // Without the flag it is told, and no fault.
    expect((await compare(...folders)).code).toBe(0);
  });

  it('has nothing to say of runs without a cell in common', async () => {
    const { code, stderr } = await compare(await recorded({ afxdp: 7 }), await recorded({ dgram: 1 }));
    expect([code, stderr.text]).toEqual([1, 'invoker-bench: the two runs have no figure in common\n']);
  });

  it('names the folder that is no run', async () => {
    const { code, stdout, stderr } = await compare(await recorded({ afxdp: 7 }), '/nowhere');
    expect([code, stdout.text]).toEqual([1, '']);
    expect(stderr.lines).toEqual(['invoker-bench: /nowhere is no folder of a run: cannot read its host.json']);
  });
});

/** Records of turns in which the first of two is faster by a factor. */
async function turned(factor: number, turns: number, question = fakeQuestion({ turns, controls: 1 })) {
  const store = await TurnStore.create(temporaryFolder(), fakePair(question));
  const cell = fakeRunCell('afxdp', { kind: 'saturate' });
  const runAt = (rate: number) => fakeCompleted(cell, Math.round(rate));
  for (let turn = 0; turn < turns; turn++) {
    const rate = 100_000 + 7000 * turn;
    await store.append(fakeTurn({ turn, side: 0, run: runAt(factor * rate) }));
    await store.append(fakeTurn({ turn, side: 1, run: runAt(rate) }));
    await store.append(fakeTurn({ turn, control: 0, side: 1, run: runAt(rate) }));
    await store.append(fakeTurn({ turn, control: 0, side: 0, run: runAt(rate + (turn % 2 === 0 ? 90 : -90)) }));
  }
  return store;
}

describe('npm run compare -- DIR', () => {
  it('makes the report of turns again, from their records alone', async () => {
    const { folder } = await turned(2.5, 8);
    const { code, stdout, stderr } = await compare(folder);
    expect([code, stderr.text]).toEqual([0, '']);
    await expect(stdout.text.replace(/^Records and report: .*\n/m, '')).toMatchFileSnapshot('golden/compare-turns.txt');
    expect(stdout.lines.filter((line) => line.length > 100)).toEqual([]);
    const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as PairSummary;
    expect(summary.comparisons).toMatchObject([{ turns: 8, outcome: 'first is more' }]);
    expect(summary.falseAlarms).toMatchObject({ comparisons: 1, alarms: 0 });
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).toMatch(/^# invoker-bench: Comparison by turns\n/);
    const json = await compare(folder, '--json');
    expect(JSON.parse(json.stdout.text)).toEqual(summary);
  });

  it('tells why turns are missing, by its exit code too, and marks lower bounds', async () => {
    const store = await turned(2.5, 4);
    await store.append(fakeTurn({ turn: 4, side: 0, run: fakeProgramRun(0) }));
    await store.append(fakeTurn({ turn: 4, side: 1 }));
    await store.append(fakeTurn({ turn: 5, side: 1 }));
    const bounded = fakeProgramRun(9000, {
      windows: [fakeWindow('measure', 9000, 9000), fakeWindow('overload', 9900, 1)],
    });
    await store.append(fakeTurn({ turn: 5, side: 0, run: bounded }));
    appendFileSync(join(store.folder, 'turns.ndjson'), '{"half');
    const { code, stdout } = await compare(store.folder);
    expect(code).toBe(1);
    expect(stdout.text).toMatch(/^200 bytes +1 +no reply came back in the measure phase$/m);
    expect(stdout.text).toContain('Too few turns to tell: from 6 turns on a difference can be told.');
    expect(stdout.text).toMatch(/^200 bytes +≥/m);
    const why = /~ no evidence of a difference,\s+or\s+a\s+lower\s+bound\s+leaves\s+open\s+which\s+is\s+more\./;
    expect(stdout.text).toMatch(why);
    expect((await compare((await turned(2.5, 4)).folder)).stdout.text).not.toMatch(why);
  });

  it.each<[string, (folder: string) => void, RegExp]>([
    ['no JSON', (folder) => writeFileSync(join(folder, 'turns.ndjson'), 'x\n'), /turns\.ndjson line 1 is not JSON$/],
    ['no record', (folder) => writeFileSync(join(folder, 'turns.ndjson'), '{}\n'), /line 1 has no schemaVersion$/],
    [
      'a damaged run',
      (folder) => {
        const { run, ...rest } = fakeTurn();
        const line = JSON.stringify({ ...rest, run: { ...run, ledger: {} } });
        appendFileSync(join(folder, 'turns.ndjson'), `${line}\n`);
      },
      /turns\.ndjson line 5 is no record of a turn: run\.ledger\.sent: expected number, received undefined$/,
    ],
    [
      'a damaged attempt at a program',
      (folder) => {
        const line = JSON.stringify(fakeTurn({ run: { ...fakeProgramRun(1), windows: [{}] as never } }));
        appendFileSync(join(folder, 'turns.ndjson'), `${line}\n`);
      },
      /turns\.ndjson line 5 is no record of a turn: run\.windows\.0\.phase: expected string, received undefined$/,
    ],
    [
      'a turn without its number',
      (folder) => {
        const line = JSON.stringify({ ...fakeTurn(), turn: '1' });
        appendFileSync(join(folder, 'turns.ndjson'), `${line}\n`);
      },
      /turns\.ndjson line 5 is no record of a turn: turn: expected number, received string$/,
    ],
    [
      'no question',
      (folder) =>
        writeFileSync(join(folder, 'pair.json'), JSON.stringify({ ...fakePair(fakeQuestion()), question: 1 })),
      /pair\.json does not tell of a comparison by turns: question: expected object, received number$/,
    ],
    ['another version', (folder) => writeFileSync(join(folder, 'pair.json'), '{"schemaVersion":1}'), /of version 1: /],
  ])('refuses %s', async (_, act, message) => {
    const { folder } = await turned(1, 1);
    act(folder);
    const { code, stdout, stderr } = await compare(folder);
    expect([code, stdout.text]).toEqual([1, '']);
    expect(stderr.lines).toEqual([expect.stringMatching(message)]);
  });
});

describe('turns with a gate', () => {
  const gate = async (factor: number, turns: number) => {
    const { folder } = await turned(factor, turns);
    const [stdout, stderr] = [new Captured(), new Captured()];
    const conclusion = { format: 'json', mostWorse: 0.05 } as const;
    const code = await concludePair('finished', folder, conclusion, { stdout, stderr, environment: {} });
    return { code, said: stderr.lines };
  };

  it.each<[string, number, number, number, RegExp[]]>([
    ['equals', 1, 8, 0, []],
    ['a second that is more', 0.8, 8, 0, []],
    ['a second that is less', 1.25, 8, 3, [/^--fail-on: 200 bytes: regression: Peak of recvmmsg is 0\.800 \(0\.800–/]],
    ['a second that is little less', 1.03, 8, 0, []],
    ['too few turns', 1.25, 5, 1, [/cannot be told: 5 turns with both figures, of 6 that it takes$/]],
  ])('%s', async (_, factor, turns, code, lines) => {
    expect(await gate(factor, turns)).toEqual({ code, said: lines.map((line) => expect.stringMatching(line)) });
  });

  it('say that chance alone makes more', async () => {
    const store = await turned(1, 0);
    const runAt = (rate: number) => fakeCompleted(fakeRunCell('afxdp', { kind: 'saturate' }), rate);
    for (let turn = 0; turn < 8; turn++) {
      await store.append(fakeTurn({ turn, side: 0, run: runAt(100_000) }));
      await store.append(fakeTurn({ turn, side: 1, run: runAt(turn % 2 === 0 ? 130_000 : 80_000) }));
    }
    const [stdout, stderr] = [new Captured(), new Captured()];
    const conclusion = { format: 'json', mostWorse: 0.05 } as const;
    expect(await concludePair('finished', store.folder, conclusion, { stdout, stderr, environment: {} })).toBe(1);
    expect(stderr.lines).toEqual([
      expect.stringMatching(
        /^--fail-on: 200 bytes: unstable: Peak of recvmmsg is 1\.\d+ \(.*\) of that of afxdp in 8 turns; chance alone makes [\d.]+ % \(more --turns, or a quieter machine\)$/,
      ),
    ]);
  });
});

describe('turns that could not all be measured', () => {
  async function concluded(ending: Error | 'finished' | 'interrupted', damage: (folder: string) => void = () => {}) {
    const { folder } = await turned(2.5, 6);
    damage(folder);
    const [stdout, stderr] = [new Captured(), new Captured()];
    const conclusion = concludePair(
      ending,
      folder,
      { format: 'json', mostWorse: null },
      { stdout, stderr, environment: {} },
    );
    return { folder, conclusion, stdout, stderr };
  }

  it.each<[Error | 'finished' | 'interrupted', number, RegExp[]]>([
    ['finished', 0, []],
    ['interrupted', 130, [/interrupted; the turns that were taken are in .*20261122-094300-3f9a$/]],
    [new Error('no space'), 1, [/no space/, /what was measured until then is in .*20261122-094300-3f9a$/]],
  ])('%s: have their report all the same', async (ending, code, lines) => {
    const { folder, conclusion, stdout, stderr } = await concluded(ending);
    expect(await conclusion).toBe(code);
    expect(JSON.parse(stdout.text).comparisons).toMatchObject([{ turns: 6 }]);
    expect(existsSync(join(folder, 'report.md'))).toBe(true);
    expect(stderr.lines).toEqual(lines.map((line) => expect.stringMatching(line)));
  });

  it('names the records of which no report can be made', async () => {
    const { conclusion } = await concluded('finished', (folder) => mkdirSync(join(folder, 'summary.json')));
    await expect(conclusion).rejects.toThrow(
      /^no report can be made of the records in .*20261122-094300-3f9a: .*summary\.json cannot be written \(EISDIR\)$/,
    );
  });
});

describe('npm run compare', () => {
  it('prints its help', async () => {
    const { code, stdout } = await compare('--help');
    expect([code, stdout.text.split('\n')[0]]).toEqual([
      0,
      'Usage: npm run compare -- RUN_A RUN_B [flags] | --pair A/B [flags]',
    ]);
  });

  it('says wrong usage in one line and touches nothing', async () => {
    const out = join(temporaryFolder(), 'results');
    const { code, stdout, stderr } = await compare('--pair', 'afxdp/netmap', '--out', out);
    expect([code, stdout.text]).toEqual([2, '']);
    expect(stderr.lines).toEqual([expect.stringMatching(/^invoker-bench: --pair: netmap is not one of /)]);
    expect(existsSync(out)).toBe(false);
  });

  it('takes no turns without root', async () => {
    const out = join(temporaryFolder(), 'results');
    const { code, stderr } = await compare('--pair', 'afxdp/recvmmsg', '--out', out);
    expect([code, stderr.lines.length]).toEqual([1, 1]);
    expect(existsSync(out)).toBe(false);
  });
});
