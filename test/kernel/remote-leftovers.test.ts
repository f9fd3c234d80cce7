import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FarHosts, farHosts } from '../fakes/far-hosts.js';
import { temporaryFolder } from '../fakes/folder.js';
import { hostOf, runsIn } from './cards.js';
import { type Running, start } from './process.js';
import { describeAsRoot, namespacesOf, on } from './wire.js';

const cell = ['--sizes', '200', '--duration', '200ms', '--warmup', '0', '--repeats', '1', '--seed', '1'];
const load = ['--impls', 'recvmmsg', '--load', 'closed=1'];

describeAsRoot('what a run leaves that was killed', () => {
  let hosts: FarHosts;
  beforeAll(async () => {
    hosts = await farHosts();
  });
  afterAll(() => hosts?.destroy());

  const remote = (out: string, words: string[]) => {
    const { server, client } = hosts.sides;
    const where = ['--topology', 'remote', '--server', server, '--client', client, '--out', out];
    return start(hosts.harness(), 'harness/main.js', [...where, ...words]);
  };
  /** Paths of the folders of a process's connections. */
  const folders = (pid: number) =>
    readdirSync(tmpdir())
      .filter((name) => new RegExp(`^ivb-${pid}-\\d+-\\d+-ssh`).test(name))
      .map((name) => join(tmpdir(), name));

  /** Kills a run when it has a connection to each host; resolves to its number. */
  async function killed(): Promise<number> {
    const bencher = remote(temporaryFolder(), ['--sizes', '200', '--duration', '20s', '--repeats', '1', ...load]);
    const pid = bencher.process.pid ?? 0;
    const sockets = () =>
      folders(pid)
        .flatMap((folder) => readdirSync(folder))
        .filter((name) => !name.includes('.'));
    await expect.poll(sockets, { timeout: 20_000, interval: 20 }).toEqual(['c1', 's1']);
    bencher.process.kill('SIGKILL');
    await bencher.ended();
    expect(folders(pid)).toHaveLength(1);
    return pid;
  }

  const ended = async (bencher: Running) => {
    const { code } = await bencher.ended();
    return { code, errors: bencher.errors() };
  };

  test('the folder of its connections is removed by the next run', async () => {
    const [pid, out] = [await killed(), temporaryFolder()];
    const { errors } = await ended(remote(out, [...cell, ...load]));
    expect(runsIn(out), errors).toMatchObject([{ state: 'completed' }]);
    expect(folders(pid)).toEqual([]);
  });

  test('the folder of its connections is removed by --clean', async () => {
    const pid = await killed();
    const clean = start(hosts.harness(), 'harness/main.js', ['--clean']);
    expect(await ended(clean)).toEqual({ code: 0, errors: '' });
    expect(clean.output()).toMatch(new RegExp(`^Removed ${tmpdir()}/ivb-${pid}-\\d+-\\d+-ssh\\w+\\.$`, 'm'));
    expect(folders(pid)).toEqual([]);
  });

  test('cards that it had moved on a host are brought back by a run that has the host by ssh', async () => {
    const { server } = hosts.sites;
    await on(server, 'ip', 'link', 'add', 'ens8', 'type', 'veth', 'peer', 'name', 'ens9');
    await on(server, 'ip', 'link', 'set', 'ens9', 'up');
    try {
      const there = { ...server, enter: hostOf(server) };
      const sides = ['--server', 'if=ens4', '--client', 'if=ens8,ip=10.0.0.30'];
      const nic = start(there, 'harness/main.js', [
        '--topology',
        'nic',
        ...sides,
        ...cell,
        ...load,
        '--out',
        temporaryFolder(),
      ]);
      const pid = nic.process.pid ?? 0;
      // Two cards that no cable joins: until it notices, they are away.
      await expect.poll(() => namespacesOf(pid), { timeout: 20_000, interval: 20 }).toHaveLength(2);
      await expect(on(server, 'ip', 'link', 'show', 'dev', 'ens4')).rejects.toThrow();
      nic.process.kill('SIGKILL');
      await nic.ended();
      const ends = ['--server', hosts.sides.server, '--client', hosts.sides.client];
      const doctor = await ended(start(hosts.harness(), 'harness/doctor-main.js', ['--topology', 'remote', ...ends]));
      expect(doctor).toEqual({
        code: 1,
        errors: expect.stringMatching(
          /^invoker-bench: ivb-server: ens4 is in the network namespace ivb-\S+-srv \(npm run bench -- --clean brings it back\)\n$/,
        ),
      });
      const out = temporaryFolder();
      const { errors } = await ended(remote(out, [...cell, ...load]));
      expect(errors).toContain('left by a killed run: ens4 and ens8 are moved back\n');
      expect(runsIn(out), errors).toMatchObject([{ state: 'completed' }]);
      expect(namespacesOf(pid)).toEqual([]);
    } finally {
      await on(server, 'ip', 'link', 'delete', 'ens9');
    }
  });
});
