import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Finding } from '../../harness/doctor/finding.js';
import { readHistory } from '../../harness/store/history.js';
import { readRun } from '../../harness/store/store.js';
import { readTurns } from '../../harness/store/turn-store.js';
import { temporaryFolder } from '../fakes/folder.js';
import { type Running, start } from './process.js';
import { describeAsRoot, namespacesOf } from './wire.js';

/** What the doctor says against this machine by now is not what is tested. */
async function accepted(): Promise<string[]> {
  const doctor = start(null, 'harness/doctor-main.js', ['--json']);
  await doctor.ended();
  const findings = JSON.parse(doctor.output()) as Finding[];
  const bad = findings.filter(({ level }) => level === 'cannot-run' || level === 'not-trusted').map(({ id }) => id);
  // What others do changes from second to second.
  return [...new Set([...bad, 'other-processes'])];
}

/** Four cells of two implementations, twice each, a fifth of a second long. */
const question = `name: small
implementations: [recvfrom, recvmmsg]
sizes: 200
duration: 200ms
warmup: 50ms
repeats: 2
seed: 5
loads: [saturate, closed=1]
`;

async function nights() {
  const out = join(temporaryFolder(), 'nights');
  const scenario = join(temporaryFolder(), 'small.yaml');
  writeFileSync(scenario, question);
  const words = ['--profile', 'short', '--scenario', scenario, '--out', out];
  const known = (await accepted()).flatMap((id) => ['--accept', id]);
  const nightly = (...more: string[]) => start(null, 'harness/nightly-main.js', more);
  return {
    out,
    begin: (...more: string[]) => nightly(...words, ...known, ...more),
    resume: () => nightly('--resume', '--out', out),
  };
}

/** Waits for a line on stderr. */
async function said(running: Running, pattern: RegExp): Promise<void> {
  let code: number | null = null;
  running.ended().then((end) => {
    code = end.code ?? -1;
  });
  while (!pattern.test(running.errors())) {
    if (code !== null) throw new Error(`ended with ${code}: ${running.output()}${running.errors()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What a noisy machine spoils is told by the exit code, and is not what is tested. */
const outcomes = { quiet: 0, failed: 1 } as const;

function outcomeOf(page: string): keyof typeof outcomes {
  const [, outcome] = /^# Night \S+: (quiet|failed)\n/.exec(page) ?? [];
  if (outcome !== 'quiet' && outcome !== 'failed') throw new Error(`no such outcome: ${page}`);
  return outcome;
}

describeAsRoot('npm run nightly', () => {
  test('that is killed in the middle goes on where it was, and ends with a page', { timeout: 900_000 }, async () => {
    const { out, begin, resume } = await nights();
    const [history, site] = [join(temporaryFolder(), 'history'), join(temporaryFolder(), 'site')];
    const killed = begin('--history', history, '--publish', site);
    await said(killed, /^\[3\/8\] /m);
    killed.process.kill('SIGKILL');
    await killed.ended();
    const night = realpathSync(join(out, 'latest'));
    const [runId = ''] = readdirSync(join(night, 'run')).filter((name) => name !== 'latest');
    const before = (await readRun(join(night, 'run', runId))).runs;
    expect(before.length).toBeGreaterThanOrEqual(3);
    expect(before.length).toBeLessThan(8);

    const resumed = resume();
    const { code } = await resumed.ended();
    expect(resumed.errors()).toMatch(/invoker-bench: goes on with the night /);
    const { prologue, runs } = await readRun(join(night, 'run', runId));
    expect(runs.slice(0, before.length)).toEqual(before);
    expect(runs.map(({ cell, repeat }) => `${cell.id} ${repeat}`).sort()).toEqual(
      prologue.plan.flatMap(({ cell }) => [`${cell.id} 0`, `${cell.id} 1`]).sort(),
    );
    // It was the process that was killed, not the machine that went down: no attempt is lost.
    expect(runs.filter((run) => run.state === 'failed' && run.error.code === 'MACHINE_DOWN')).toEqual([]);
    const [control = ''] = readdirSync(join(night, 'control'));
    expect((await readTurns(join(night, 'control', control))).records).toHaveLength(2 * 6 * 4);
    const page = readFileSync(join(night, 'verdict.md'), 'utf8');
    expect(resumed.output()).toBe(page);
    expect(page).toMatch(/^- 4 cells of small on veth: /m);
    expect(page).toMatch(/^- A\/A control: \d of 3 comparisons of recvmmsg with itself saw a difference /m);
    expect(code).toBe(outcomes[outcomeOf(page)]);
    const [machine = ''] = readdirSync(history);
    const { nights: kept } = await readHistory(history, machine);
    expect(kept).toMatchObject([{ runId, profile: 'small', state: 'complete', cells: 4, turns: [] }]);
    for (const file of ['index.html', 'summary.md', `nights/${runId}/report.html`])
      expect(existsSync(join(site, file)), file).toBe(true);
    expect(readdirSync(night).sort()).toEqual(['control', 'night.ndjson', 'run', 'verdict.md']);
    expect([...namespacesOf(killed.process.pid ?? 0), ...namespacesOf(resumed.process.pid ?? 0)]).toEqual([]);

    const again = resume();
    expect(await again.ended()).toEqual({ code: 0, signal: null });
    expect(again.output()).toMatch(/, the newest, has ended\.$/m);
  });

  test('beside a busy loop is unfit, and measures nothing', { timeout: 120_000 }, async () => {
    const out = join(temporaryFolder(), 'nights');
    const known = (await accepted()).filter((id) => id !== 'other-processes');
    await start(null, '../test/fakes/busy.mjs', []).line('busy');
    const words = ['--profile', 'short', '--out', out, ...known.flatMap((id) => ['--accept', id])];
    const night = start(null, 'harness/nightly-main.js', words);
    expect(await night.ended()).toEqual({ code: 4, signal: null });
    expect(night.output()).toMatch(/^# Night \S+: unfit\n\n- other-processes: /);
    expect(readdirSync(realpathSync(join(out, 'latest'))).sort()).toEqual(['night.ndjson', 'verdict.md']);
  });

  test('that is interrupted says how to go on', { timeout: 120_000 }, async () => {
    const { out, begin } = await nights();
    const night = begin();
    await said(night, /^\[1\/8\] /m);
    night.process.kill('SIGINT');
    expect(await night.ended()).toEqual({ code: 130, signal: null });
    expect(night.errors()).toMatch(/^invoker-bench: interrupted; npm run nightly -- --resume goes on with \S+$/m);
    expect(readdirSync(realpathSync(join(out, 'latest'))).sort()).toEqual(['night.ndjson', 'run']);
    expect(namespacesOf(night.process.pid ?? 0)).toEqual([]);
  });
});
