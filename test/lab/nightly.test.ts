import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../harness/doctor/finding.js';
import { temporaryFolder } from '../fakes/folder.js';
import { patience } from '../fakes/patience.js';
import { guestHosts, lackForHosts, runMs } from './guest-hosts.js';

/** Two cells, one after the other, each long enough to lose its host. */
const question = `name: two-cells
implementations: [recvfrom, recvmmsg]
sizes: 200
duration: 20s
warmup: 1s
repeats: 1
seed: 5
loads: [rate=200]
`;

const lack = lackForHosts();
const title = `a night over two guests as hosts${lack === null ? '' : ` (skipped: ${lack})`}`;

describe.skipIf(lack !== null)(title, { timeout: 6 * runMs }, () => {
  const hosts = guestHosts();

  /** What the doctor says against guests is not what is tested. */
  async function known(): Promise<string[]> {
    const doctor = hosts.start('harness/doctor-main.js', ...hosts.place, '--json');
    await doctor.ended();
    expect(doctor.output(), doctor.errors()).not.toBe('');
    const findings = JSON.parse(doctor.output()) as Finding[];
    const bad = findings.filter(({ level }) => level === 'cannot-run' || level === 'not-trusted').map(({ id }) => id);
    // What others do changes from second to second, and a busy guest may lose one of the packets that are tried.
    const wire = findings.flatMap(({ id }) => (id.startsWith('wire/') ? [id] : []));
    const ids = new Set([...bad, ...wire, 'server/other-processes', 'client/other-processes']);
    return [...ids].flatMap((id) => ['--accept', id]);
  }

  /** What an attempt may leave on a guest: processes of ours, and an XDP program. */
  async function left(name: 'server' | 'client'): Promise<string[]> {
    const { guests } = hosts;
    const processes = await guests[name].run("ps ax -o args | grep '^[^ ]*node [^ ]*/dist/' || true");
    const links = await guests[name].run('ip -details link show eth0');
    return [...processes.split('\n').filter(Boolean), ...(links.match(/prog\/xdp.*/g) ?? [])];
  }

  async function nothingLeft(): Promise<void> {
    for (const name of ['server', 'client'] as const)
      await expect.poll(() => left(name), { timeout: patience(1000), interval: 1000 }).toEqual([]);
  }

  test('names the cell that lost its server, measures the other, and the next night is as ever', async () => {
    const [out, scenario] = [join(temporaryFolder(), 'nights'), join(temporaryFolder(), 'two-cells.yaml')];
    writeFileSync(scenario, question);
    const accepted = await known();
    const nightly = (...words: string[]) => hosts.start('harness/nightly-main.js', ...words, '--out', out);
    const night = nightly('--scenario', scenario, ...hosts.place, ...accepted);
    let isOver = false;
    night.ended().then(() => {
      isOver = true;
    });
    const isMeasuring = () => existsSync(join(out, 'latest/run/latest/attempt.json'));
    await expect.poll(() => isMeasuring() || isOver, { timeout: 3 * runMs, interval: 1000 }).toBe(true);
    expect(isOver, `${night.output()}${night.errors()}`).toBe(false);
    for (const name of ['server', 'client'] as const)
      await expect.poll(() => hosts.sessions(name), { timeout: runMs, interval: 1000 }).toBe('1');
    await sleep(patience(100));
    await hosts.cable('server', 'down');
    for (const name of ['server', 'client'] as const)
      await expect.poll(() => hosts.sessions(name), { timeout: patience(1000), interval: 1000 }).toBe('0');
    await hosts.cable('server', 'up');
    expect(await night.ended(), night.errors()).toEqual({ code: 1, signal: null });
    const page = night.output();
    expect(page).toMatch(/^# Night \S+: failed\n/);
    expect(page).toMatch(/^- 2 cells of two-cells on remote: 1 measured, 0 skipped, 1 failed or invalid\. /m);
    expect(page).toMatch(/^- recv\w+-1T1Q-200-reverse-rate=200: .*no connection to ivb-/m);
    expect(readFileSync(join(realpathSync(join(out, 'latest')), 'verdict.md'), 'utf8')).toBe(page);
    await nothingLeft();

    const over = nightly('--resume');
    expect(await over.ended()).toEqual({ code: 0, signal: null });
    expect(over.output()).toMatch(/, the newest, has ended\.$/m);
    const next = nightly('--scenario', scenario, ...hosts.place, ...accepted);
    expect(await next.ended(), next.errors()).toEqual({ code: 0, signal: null });
    expect(next.output()).toMatch(/^- 2 cells of two-cells on remote: 2 measured, 0 skipped, 0 failed or invalid\. /m);
    await nothingLeft();
  });
});
