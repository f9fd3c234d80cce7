import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schedule } from '../../harness/plan/plan.js';
import { givenUp, openEarlier, refuseChanged, reopen, toldLeft } from '../../harness/resume.js';
import { RunStore, readRun } from '../../harness/store/store.js';
import { temporaryFolder } from '../fakes/folder.js';
import { fakeCompleted, plannedPrologue } from '../fakes/runs.js';

const prologue = plannedPrologue({ impls: 'dgram,recvmmsg', sizes: '200', load: 'saturate', repeats: '3' });
const turns = schedule(prologue.plan, 3, prologue.scenario.seed);
const runOf = ({ planned, repeat }: (typeof turns)[number]) => ({ ...fakeCompleted(planned.cell, 1000), repeat });
const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** A run that ended in its fourth attempt, having written half of a record; `begun` is the boot of that attempt. */
async function killed(begun: string) {
  const store = await RunStore.create(temporaryFolder(), prologue);
  for (const turn of turns.slice(0, 3)) await store.append(runOf(turn));
  const { planned, repeat } = turns[3] as (typeof turns)[number];
  await store.begin(planned.cell.id, repeat);
  appendFileSync(join(store.folder, 'runs.ndjson'), '{"schemaVersion":');
  const marker = join(store.folder, 'attempt.json');
  writeFileSync(marker, readFileSync(marker, 'utf8').replace(bootId, begun));
  return { folder: store.folder, cell: planned.cell };
}

describe('a run whose process was killed', () => {
  it('goes on with the attempt that was under way', async () => {
    const { folder } = await killed(bootId);
    const earlier = await openEarlier(folder);
    expect(await toldLeft(earlier)).toMatch(/^3 runs of it have no record, expected time \d+ s\.$/);
    const { store, turns: left, runs, given } = await reopen(earlier);
    expect([left, runs.length, given]).toEqual([turns.slice(3), 3, []]);
    for (const turn of left) await store.append(runOf(turn));
    expect((await readRun(folder)).runs).toEqual(turns.map(runOf));
    expect((await reopen(earlier)).turns).toEqual([]);
  });
});

describe('a run during which the machine went down', () => {
  it('has failed at that cell, whose other attempts are not made', async () => {
    const { folder, cell } = await killed('another-boot');
    const { turns: left, given } = await reopen(await openEarlier(folder));
    expect(left).toEqual(turns.slice(3).filter(({ planned }) => planned.cell.id !== cell.id));
    expect(given.map(({ cell: { id }, repeat }) => [id, repeat]).toSorted()).toEqual(
      turns.slice(3).flatMap(({ planned, repeat }) => (planned.cell.id === cell.id ? [[cell.id, repeat]] : [])),
    );
    for (const { error } of given) {
      expect(error.code).toBe('MACHINE_DOWN');
      expect(error.message).toMatch(
        /^the machine went down during the attempt of 2\S+ \d\d:\d\d UTC: this run tries the cell no more$/,
      );
    }
    const { runs } = await readRun(folder);
    expect(runs.slice(3)).toEqual(given);
    // Another end does not find the same attempt again.
    expect((await reopen(await openEarlier(folder))).given).toEqual([]);
  });

  it.each([0, 1])(
    'has failed there too where only %d of its lines were on the disk when that was cut off',
    async (kept) => {
      const { folder, cell } = await killed('another-boot');
      const [marker, records] = [join(folder, 'attempt.json'), join(folder, 'runs.ndjson')];
      const mark = readFileSync(marker, 'utf8');
      const { given } = await reopen(await openEarlier(folder));
      expect(given).toHaveLength(2);
      const lines = readFileSync(records, 'utf8').split('\n');
      writeFileSync(records, `${lines.slice(0, 3 + kept).join('\n')}\n{"schema`);
      writeFileSync(marker, mark);
      const { turns: left } = await reopen(await openEarlier(folder));
      expect(left.filter(({ planned }) => planned.cell.id === cell.id)).toEqual([]);
      expect((await readRun(folder)).runs.slice(3)).toEqual(given);
    },
  );

  it('says nothing against a cell whose record was written already', () => {
    const [turn] = turns;
    if (turn === undefined) throw new Error('no turn');
    const attempt = {
      cell: turn.planned.cell.id,
      repeat: turn.repeat,
      startedAt: '2026-11-30T02:00:00Z',
      bootId: 'old',
    };
    expect(givenUp('r', turns.slice(1), attempt, 'new')).toEqual([]);
    expect(givenUp('r', turns, attempt, 'new')).toHaveLength(3);
  });
});

describe('a run is refused', () => {
  const earlier = { kind: 'earlier', folder: 'results/one', prologue, scenario: prologue.scenario } as const;
  const { host, clientHosts, plan } = prologue;

  it('not on the same machine, and not where it asked for less', () => {
    expect(() => refuseChanged(earlier, plan, { host, clientHosts })).not.toThrow();
    const part = { ...earlier, prologue: { ...prologue, plan: plan.slice(1) } };
    expect(() => refuseChanged(part, plan, { host, clientHosts })).not.toThrow();
  });

  it('not where the kernel left some kB less of its memory when it booted', () => {
    const booted = { ...host, memoryBytes: host.memoryBytes - 4096 };
    expect(() => refuseChanged(earlier, plan, { host: booted, clientHosts })).not.toThrow();
    const less = { ...host, memoryBytes: host.memoryBytes + 8 * 2 ** 30 };
    expect(() => refuseChanged(earlier, plan, { host: less, clientHosts })).toThrow(/host\.memoryBytes is /);
  });

  it('by another kernel and commit', () => {
    const other = { ...host, kernel: '9.9.9', commit: 'abc' };
    expect(() => refuseChanged(earlier, plan, { host: other, clientHosts })).toThrow(
      `--resume: results/one cannot be gone on with, as its records would not match: host.kernel is 9.9.9, not ${host.kernel}; ` +
        `host.commit is abc, not ${host.commit}`,
    );
  });

  it('where a cell would run on other CPUs, or cannot run', () => {
    const moved = plan.map((planned) => ({
      ...planned,
      cell: { ...planned.cell, placement: { ...planned.cell.placement, invokerCpus: [7] } },
    }));
    expect(() => refuseChanged(earlier, moved, { host, clientHosts })).toThrow(
      /cell dgram-1T1Q-200-reverse-saturate\.placement\.invokerCpus is \[7\], not \[\d\]; cell recvmmsg/,
    );
    const skipped = plan.map(({ cell }) => ({ state: 'skipped' as const, cell, reason: 'no CPU' }));
    expect(() => refuseChanged(earlier, skipped, { host, clientHosts })).toThrow(/saturate is skipped, not runnable/);
    expect(() => refuseChanged(earlier, [], { host, clientHosts })).toThrow(/saturate is missing, not runnable/);
  });

  it('that is none', async () => {
    await expect(openEarlier('/nowhere')).rejects.toThrow('--resume: /nowhere is no folder of a run');
  });

  it('that is made of several', async () => {
    const store = await RunStore.create(temporaryFolder(), prologue);
    await store.append({ ...runOf(turns[0] as (typeof turns)[number]), runId: 'another' });
    await expect(reopen(await openEarlier(store.folder))).rejects.toThrow(/ is made of several runs, and cannot be/);
  });
});
