import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { RunStore } from '../../harness/store/store.js';
import { temporaryFolder } from '../fakes/folder.js';
import { fakeCompleted, plannedPrologue } from '../fakes/runs.js';
import { describeAsRoot } from './wire.js';

/** The folder of a run that was measured. */
async function recorded(): Promise<string> {
  const prologue = plannedPrologue({ impls: 'recvmmsg,afxdp', sizes: '200,800', repeats: '2' });
  const store = await RunStore.create(temporaryFolder(), prologue);
  for (const { cell } of prologue.plan)
    for (const repeat of [0, 1]) await store.append({ ...fakeCompleted(cell, 200_000), repeat });
  return store.folder;
}

/** Runs the report command on a copy of the run in a file system of its own with so much room left, then lists it. */
async function reportWith(roomKiB: number, words: string[]) {
  const script = `
    mount -t tmpfs -o size=$((roomKiB + $(du -sk "$run" | cut -f1)))k none "$full" && cp "$run"/* "$full" || exit 99
    "$node" "$command" "$full" "$@"; code=$?
    find "$full" -type f >&3; cat "$full"/summary.json >&4 2>/dev/null; exit $code`;
  const environment = {
    run: await recorded(),
    full: temporaryFolder(),
    roomKiB: String(roomKiB),
    node: process.execPath,
  };
  const command = join(packageRoot(), 'dist/harness/report-main.js');
  const ended = await execa('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...words], {
    env: { ...environment, command },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    reject: false,
  });
  const [, stdout, stderr, files, summary] = ended.stdio as string[];
  return { code: ended.exitCode, stdout, stderr, files: files?.split('\n') ?? [], summary };
}

describeAsRoot('a full disk', () => {
  test('is named with the file that it has no room for; what was written before is whole', async () => {
    const { code, stdout, stderr, files, summary } = await reportWith(60, []);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^invoker-bench: \S+ cannot be written \(ENOSPC\)$/);
    expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining([expect.stringMatching(/\/runs\.ndjson$/)]));
    expect(JSON.parse(summary as string)).toHaveProperty('cells');
    expect(files.some((name) => name.endsWith('/report.md'))).toBe(false);
  });

  test('leaves no half of an export', async () => {
    const { code, stderr, files } = await reportWith(12, ['--export', 'csit']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^invoker-bench: \S+\/export\/csit\/\S+\.json cannot be written \(ENOSPC\)$/);
    expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
