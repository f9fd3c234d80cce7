import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { RunStore } from '../../harness/store/store.js';
import { temporaryFolder } from '../fakes/folder.js';
import { fakeCompleted, plannedPrologue } from '../fakes/runs.js';
import { describeAsRoot } from './wire.js';

describeAsRoot('merging', () => {
  test('where the disk is full, nothing is left of the folder, with exit code 1 and the cause', async () => {
    const results = temporaryFolder();
    const folders: string[] = [];
    for (const runId of ['a', 'b']) {
      const prologue = { ...plannedPrologue({ impls: 'recvmmsg', load: 'saturate', sizes: '200' }), runId };
      const store = await RunStore.create(results, prologue);
      for (const { cell } of prologue.plan) await store.append(fakeCompleted(cell, 1000, { runId }));
      folders.push(store.folder);
    }
    const disk = temporaryFolder();
    const script = [
      `mount -t tmpfs -o size=4k none ${disk}`,
      `${process.execPath} ${join(packageRoot(), 'dist/harness/merge-main.js')} ${folders.join(' ')} --out ${disk}/out`,
      'code=$?',
      `ls -A ${disk}`,
      'exit $code',
    ].join('\n');
    const { exitCode, stdout, stderr } = await execa('unshare', ['--mount', 'sh', '-c', script], { reject: false });
    expect([exitCode, stdout, stderr]).toEqual([1, '', `invoker-bench: ${disk}/out cannot be written (ENOSPC)`]);
    expect(readdirSync(results).sort()).toEqual(['a', 'b', 'latest']);
  });
});
