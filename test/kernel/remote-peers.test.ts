import { existsSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { packageVersion } from '../../common/process/version.js';
import { type FarHosts, farHosts } from '../fakes/far-hosts.js';
import { temporaryFolder } from '../fakes/folder.js';
import { processes, start } from './process.js';
import { describeAsRoot } from './wire.js';

/** The first folder in root's PATH of sshd. */
const firstInPath = '/usr/local/sbin';

/** A folder with such a command. */
function folderWith(name: string, script: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

/** A folder with a `node` that is this one, and says of itself what the script sets. */
function folderWithNode(script: string): string {
  const preload = join(temporaryFolder(), 'preload.cjs');
  writeFileSync(preload, script);
  return folderWith('node', `exec '${process.execPath}' --require '${preload}' "$@"`);
}

describeAsRoot('a host that is no peer of this one', () => {
  let hosts: FarHosts;
  beforeAll(async () => {
    hosts = await farHosts();
  });
  afterAll(() => hosts?.destroy());

  /** What of this tree runs on the hosts. */
  const running = () =>
    processes().filter(({ command }) =>
      new RegExp(`node\\b.* ${packageRoot()}/dist/(harness/far|common/far)/`).test(command),
    );

  /** Of a run with a host where the commands of a folder come first: it has told `line`, written nothing, and left nothing. */
  async function expectRefusal(host: 'server' | 'client', commands: string, line: string, words: string[] = []) {
    const out = join(temporaryFolder(), 'results');
    const ends = (['server', 'client'] as const).flatMap((name) => [`--${name}`, hosts.sides[name]]);
    const question = ['--impls', 'recvmmsg', '--sizes', '200', '--load', 'rate=2k', '--out', out];
    await hosts.within(host, 'mount', '--bind', commands, firstInPath);
    try {
      const bencher = start(hosts.harness(), 'harness/main.js', [
        '--topology',
        'remote',
        ...ends,
        ...question,
        ...words,
      ]);
      const { code } = await bencher.ended();
      expect(bencher.errors()).toBe(`invoker-bench: ivb-${host}${line}\n`);
      expect([code, existsSync(out)]).toEqual([1, false]);
      await expect.poll(running, { timeout: 20_000 }).toEqual([]);
    } finally {
      await hosts.within(host, 'umount', firstInPath);
    }
  }

  test.each(['server', 'client'] as const)('a %s with a Node that is too old', async (host) => {
    const old = folderWithNode(
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } })",
    );
    const remedy = 'needs 20.19 or newer (the first node in the PATH of ssh counts)';
    await expectRefusal(host, old, ` has Node 18.20.4, and ${remedy}`);
  });

  const other = process.arch === 'x64' ? 'arm64' : 'x64';
  test.each(['server', 'client'] as const)('a %s of another architecture', async (host) => {
    const foreign = folderWithNode(`Object.defineProperty(process, 'arch', { value: '${other}' })`);
    const version = packageVersion();
    const line = ` has invoker-bench ${version} on ${other}, this host ${version} on ${process.arch}: both need the same`;
    await expectRefusal(host, foreign, line);
  });

  test('a host of another architecture is sent no tree', async () => {
    const foreign = folderWith('uname', 'echo riscv64');
    const line = `: it is no ${machine()} host, and cannot run this tree`;
    await expectRefusal('server', foreign, line, ['--ship']);
  });
});
