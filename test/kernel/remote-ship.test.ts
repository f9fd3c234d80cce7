import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineLock } from '../../common/process/lock.js';
import { packageRoot } from '../../common/process/paths.js';
import type { Site } from '../../common/wire/topology.js';
import { type FarHosts, farHosts } from '../fakes/far-hosts.js';
import { temporaryFolder } from '../fakes/folder.js';
import { runsIn } from './cards.js';
import { childOf, start } from './process.js';
import { describeAsRoot } from './wire.js';

const lockHolder = fileURLToPath(new URL('../fakes/lock-holder.mjs', import.meta.url));

/** Takes rsync from a mount namespace, and then becomes its arguments. */
const withoutRsync = [
  'u=$(mktemp -d) && mount -t tmpfs none "$u" && mkdir "$u/u" "$u/w"',
  'mount -t overlay -o "lowerdir=/usr/bin,upperdir=$u/u,workdir=$u/w" none /usr/bin && umount -l "$u" && rmdir "$u"',
  'rm /usr/bin/rsync && exec "$@"',
].join(' && ');

describeAsRoot('a tree that is copied to two hosts', () => {
  let hosts: FarHosts;
  beforeAll(async () => {
    hosts = await farHosts();
  });
  afterAll(() => hosts?.destroy());

  const short = ['--impls', 'recvmmsg', '--load', 'rate=2k'];
  /** `dirs`: the folder of each host. */
  const bench = (out: string, dirs: { server: string; client: string }, words = short, site?: Site) => {
    const at = { server: 'ivb-server,if=ens4,ip=10.0.0.10', client: 'ivb-client,if=ens5,ip=10.0.0.20' };
    const ends = (['server', 'client'] as const).flatMap((name) => [`--${name}`, `${at[name]},dir=${dirs[name]}`]);
    const cell = ['--sizes', '200', '--duration', '200ms', '--warmup', '100ms', '--repeats', '1'];
    const where = ['--topology', 'remote', '--ship', ...ends, '--out', out];
    return start(site ?? hosts.harness(), 'harness/main.js', [...where, ...cell, ...words]);
  };
  const folders = () => {
    const folder = temporaryFolder();
    return { server: join(folder, 'the server'), client: join(folder, 'client') };
  };
  const states = (out: string) => runsIn(out).map(({ state }) => state);

  test('runs where there was none, and is no more than what runs', async () => {
    const [out, dirs] = [temporaryFolder(), folders()];
    const bencher = bench(out, dirs, ['--impls', 'dgram,recvmmsg,afxdp', '--load', 'rate=2k,closed=2']);
    await bencher.ended();
    expect(states(out), bencher.errors()).toEqual(new Array(6).fill('completed'));
    const { host, clientHosts } = JSON.parse(readFileSync(join(out, 'latest/host.json'), 'utf8'));
    const { stdout: commit } = await execa('git', ['rev-parse', 'HEAD'], { cwd: packageRoot() });
    expect([host.commit, clientHosts[0].commit]).toEqual([commit, commit]);
    for (const dir of Object.values(dirs)) {
      const files = readdirSync(dir, { recursive: true, encoding: 'utf8' });
      expect(files.filter((path) => /\.(map|ts)$|^test|node_modules\/(chart|vitest)/.test(path))).toEqual([]);
      expect(files.filter((path) => path.endsWith('.node'))).toEqual(['build/Release/invoker.node']);
    }
  });

  test('takes the place of an older one that was copied', async () => {
    const [out, dirs] = [temporaryFolder(), folders()];
    await bench(out, dirs).ended();
    appendFileSync(join(dirs.server, 'dist/harness/far/agent.js'), 'throw new Error("old");');
    writeFileSync(join(dirs.server, 'dist/gone.js'), '');
    rmSync(join(dirs.client, 'node_modules/execa'), { recursive: true });
    const again = bench(out, dirs);
    await again.ended();
    expect(states(out), again.errors()).toEqual(['completed']);
    expect(existsSync(join(dirs.server, 'dist/gone.js'))).toBe(false);
  });

  async function expectRefusal(bencher: ReturnType<typeof bench>, out: string, message: RegExp): Promise<void> {
    const { code } = await bencher.ended();
    expect(bencher.errors()).toMatch(message);
    expect(bencher.errors().trim().split('\n')).toHaveLength(1);
    expect([code, existsSync(out)]).toEqual([1, false]);
  }
  const nowhere = () => join(temporaryFolder(), 'results');

  test('leaves alone what it has not written', async () => {
    const [out, dirs] = [nowhere(), folders()];
    mkdirSync(join(dirs.server, 'dist'), { recursive: true });
    writeFileSync(join(dirs.server, 'dist/of-others.js'), 'theirs');
    const message =
      /^invoker-bench: ivb-server: \/.*\/the server holds what --ship has not written there, and is left as/;
    await expectRefusal(bench(out, dirs), out, message);
    expect(readdirSync(dirs.server, { recursive: true })).toEqual(['dist', 'dist/of-others.js']);
    expect(readFileSync(join(dirs.server, 'dist/of-others.js'), 'utf8')).toBe('theirs');
    await expectRefusal(bench(out, { ...dirs, server: packageRoot() }), out, /holds what --ship has not written/);
  });

  test('is not changed under a benchmark that runs there', async () => {
    const [out, dirs] = [nowhere(), folders()];
    const [file = '', ...words] = [...hosts.sites.server.enter, process.execPath, lockHolder, machineLock];
    const holder = spawn(file, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    try {
      const message = /^invoker-bench: ivb-server: another benchmark runs there: nothing is copied meanwhile\n$/;
      await expectRefusal(bench(out, dirs), out, message);
    } finally {
      holder.stdin.end();
    }
    expect(existsSync(dirs.server)).toBe(false);
  });

  test('does not fit on a full disk', async () => {
    const [out, dirs] = [nowhere(), folders()];
    mkdirSync(dirs.server);
    await hosts.within('server', 'mount', '-t', 'tmpfs', '-o', 'size=2m', 'none', dirs.server);
    try {
      const message = /^invoker-bench: ivb-server has no room for \/.*\/the server; it says: .*No space left on device/;
      await expectRefusal(bench(out, dirs), out, message);
    } finally {
      await hosts.within('server', 'umount', dirs.server);
    }
  });

  test('is not waited for by who is interrupted', async () => {
    const [out, dirs] = [nowhere(), folders()];
    const bencher = bench(out, dirs, short, hosts.harness('Host ivb-server\n ProxyCommand sleep 10 2>/dev/null'));
    const { pid = 0 } = bencher.process;
    const copying = await childOf(pid, 'rsync ');
    // As a terminal does it.
    for (const each of [pid, copying, await childOf(copying, 'ssh ')]) process.kill(each, 'SIGINT');
    expect(await bencher.ended()).toEqual({ code: 130, signal: null });
    expect(bencher.errors()).toBe('invoker-bench: interrupted before anything was measured\n');
    expect(existsSync(out)).toBe(false);
  });

  test('needs a folder', async () => {
    const [out, dirs] = [nowhere(), folders()];
    writeFileSync(dirs.server, '');
    await expectRefusal(
      bench(out, dirs),
      out,
      /^invoker-bench: ivb-server: mkdir: cannot create directory .*: File exists/,
    );
  });

  test('needs rsync here', async () => {
    const [out, dirs] = [nowhere(), folders()];
    const site = hosts.harness();
    const enter = [...site.enter, 'unshare', '--mount', 'sh', '-c', withoutRsync, 'sh'];
    const message = /^invoker-bench: --ship: this host has no command rsync \(apt-get install rsync\)\n$/;
    await expectRefusal(bench(out, dirs, short, { ...site, enter }), out, message);
  });

  // The last one: its host has no rsync any more.
  test('needs rsync there', async () => {
    const [out, dirs] = [nowhere(), folders()];
    await hosts.within('server', 'sh', '-c', withoutRsync, 'sh', 'true');
    const message =
      /^invoker-bench: ivb-server has no command rsync \(apt-get install rsync there\); it says: .*not found\n$/;
    await expectRefusal(bench(out, dirs), out, message);
  });
});
