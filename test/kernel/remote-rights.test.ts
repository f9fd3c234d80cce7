import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { datapathIds } from '../../model/ids.js';
import { type FarHosts, farHosts } from '../fakes/far-hosts.js';
import { temporaryFolder } from '../fakes/folder.js';
import { runsIn } from './cards.js';
import { start } from './process.js';
import { describeAsRoot } from './wire.js';

/** Who is logged in on both hosts. */
const uid = 4242;

describeAsRoot('two hosts whose user is not root', () => {
  let hosts: FarHosts;
  beforeAll(async () => {
    hosts = await farHosts();
    for (const name of ['server', 'client'] as const) {
      const options = ['-t', 'tmpfs', '-o', `mode=700,uid=${uid}`, 'none', '/var/lib/invoker-bench'];
      await hosts.within(name, 'mkdir', '-p', '/var/lib/invoker-bench');
      await hosts.within(name, 'mount', ...options);
    }
  });
  afterAll(() => hosts?.destroy());

  /** Runs as the user whose login shell is that script, in which FOLDER has a setpriv with capabilities. */
  async function bench(out: string, script: string, words: string[]) {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const shell = join(folder, 'shell');
    writeFileSync(shell, `#!/bin/sh\n${script.replaceAll('FOLDER', folder)} /bin/sh "$@"\n`, { mode: 0o755 });
    copyFileSync('/usr/bin/setpriv', join(folder, 'setpriv'));
    await execa('setcap', [`${capabilities.map((name) => `cap_${name}`).join(',')}=ep`, join(folder, 'setpriv')]);
    const passwd = join(folder, 'passwd');
    const user = `ivb-bench:*:${uid}:${uid}::${folder}:${shell}\n`;
    writeFileSync(passwd, `${readFileSync('/etc/passwd', 'utf8')}${user}`);
    const dirs = { server: join(folder, 'server'), client: join(folder, 'client') };
    for (const name of ['server', 'client'] as const) {
      await hosts.within(name, 'mount', '--bind', passwd, '/etc/passwd');
      mkdirSync(dirs[name]);
      chmodSync(dirs[name], 0o777);
    }
    const at = { server: 'ivb-server,if=ens4,ip=10.0.0.10', client: 'ivb-client,if=ens5,ip=10.0.0.20' };
    const ends = (['server', 'client'] as const).flatMap((name) => [`--${name}`, `${at[name]},dir=${dirs[name]}`]);
    const cell = ['--sizes', '200', '--duration', '200ms', '--warmup', '100ms', '--repeats', '1', '--out', out];
    const site = hosts.harness('Host ivb-*\n User ivb-bench');
    const bencher = start(site, 'harness/main.js', ['--topology', 'remote', '--ship', ...ends, ...cell, ...words]);
    const { code } = await bencher.ended();
    for (const name of ['server', 'client'] as const) await hosts.within(name, 'umount', '/etc/passwd');
    return { code, errors: bencher.errors(), dirs };
  }

  /** Those of the playbook in deploy/ for a client; a server is tuned as in this test without more. */
  const capabilities = ['net_admin', 'net_raw', 'bpf', 'perfmon', 'sys_nice', 'sys_admin'];
  const set = capabilities.map((name) => `+${name}`).join(',');
  const given = `exec FOLDER/setpriv --no-new-privs --inh-caps=${set} --ambient-caps=${set}`;

  test('but has capabilities: all is measured, and nothing is root’s', async () => {
    const out = temporaryFolder();
    const words = ['--impls', 'all', '--load', 'saturate,closed=2', '--axis', 'offloadGro=on'];
    const { errors, dirs } = await bench(out, given, words);
    const runs = runsIn(out);
    const outcomes = runs.map((run) => [
      run.cell.id,
      run.state,
      run.state === 'failed' ? run.error.message : run.state === 'skipped' ? run.reason : '',
    ]);
    expect(
      outcomes.filter(([, state]) => state !== 'completed'),
      errors,
    ).toEqual([]);
    expect(outcomes).toHaveLength(2 * datapathIds.length);
    for (const dir of Object.values(dirs)) expect(statSync(join(dir, 'dist')).uid).toBe(uid);
  });

  test('and has none: what it lacks is told in one line', async () => {
    const { code, errors } = await bench(join(temporaryFolder(), 'results'), 'exec', ['--impls', 'recvmmsg']);
    expect(errors).toMatch(
      /^invoker-bench: ivb-server is not root, and (there is no sudo|sudo asks for a password there)/,
    );
    expect([code, errors.trim().split('\n').length]).toEqual([1, 1]);
  });
});
