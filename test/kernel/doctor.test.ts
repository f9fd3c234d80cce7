import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { ownName } from '../../common/wire/owner.js';
import type { Site } from '../../common/wire/topology.js';
import type { Finding } from '../../harness/doctor/finding.js';
import { temporaryFolder } from '../fakes/folder.js';
import { kernelIsAtLeast } from '../fakes/kernel.js';
import { attachPass } from './pass.js';
import { start } from './process.js';
import { buildWire, describeAsRoot, on } from './wire.js';

async function examined(site: Site): Promise<{ code: number | null; of(id: string): Finding | undefined }> {
  const running = start(site, 'harness/doctor-main.js', ['--json', '--interface', site.interface]);
  const { code } = await running.ended();
  expect(running.errors()).toBe('');
  const findings = JSON.parse(running.output()) as Finding[];
  return { code, of: (id) => findings.find((finding) => finding.id === `${site.interface}/${id}`) };
}

describeAsRoot('npm run doctor', () => {
  test('looks at an interface of the network namespace that it is started in', async () => {
    const { server } = await buildWire(2);
    const { of } = await examined(server);
    expect(of('link')).toMatchObject({ level: 'fine', state: 'up, a virtual wire, MTU 1500, driver veth' });
    expect(of('queues')).toMatchObject({ level: 'fine', state: '2 RX queues, 2 TX queues, 2 at most' });
    expect(of('rings')).toMatchObject({ level: 'not-told' });
    expect(of('xdp-program')).toMatchObject({ level: 'fine' });
    if (kernelIsAtLeast(6, 3)) {
      expect(of('xdp')).toMatchObject({ level: 'fine', state: expect.stringMatching(/^basic .*redirect/) });
      expect(of('zero-copy')).toMatchObject({ level: 'could-be-better' });
    } else expect(of('xdp')).toMatchObject({ level: 'not-told' });
  });

  test('names the XDP program that is in the way, and ends with 1', async () => {
    const { server } = await buildWire(1);
    const detach = await attachPass(server);
    const { code, of } = await examined(server);
    expect(code).toBe(1);
    expect(of('xdp-program')).toMatchObject({
      level: 'cannot-run',
      state: expect.stringMatching(/\(pass\) is attached$/),
    });
    await detach();
    expect((await examined(server)).of('xdp-program')).toMatchObject({ level: 'fine' });
  });

  test('gives the command that brings up a link that is down, and it does', async () => {
    const { server } = await buildWire(1);
    await on(server, 'ip', 'link', 'set', server.interface, 'down');
    const remedy = (await examined(server)).of('link')?.remedy ?? '';
    await on(server, ...remedy.split(' '));
    await expect.poll(async () => (await examined(server)).of('link')?.level).toBe('fine');
  });

  test('--clean removes the namespaces of a process that is gone', async () => {
    const orphan = ownName('srv').replace(`ivb-${process.pid}-`, 'ivb-4194305-');
    await execa('ip', ['netns', 'add', orphan]);
    const running = start(null, 'harness/doctor-main.js', ['--clean']);
    expect(await running.ended()).toEqual({ code: 0, signal: null });
    expect(running.output()).toContain(orphan);
    expect(existsSync(`/run/netns/${orphan}`)).toBe(false);
  });

  test('--fix sets the host, --clean sets it back, and no run does before', async () => {
    const folder = temporaryFolder();
    const policy = join(folder, 'cpufreq/policy0');
    mkdirSync(policy, { recursive: true });
    mkdirSync(join(folder, 'state'));
    writeFileSync(join(policy, 'affected_cpus'), '0\n');
    writeFileSync(join(policy, 'scaling_governor'), 'powersave\n');
    // A host that has a governor, for these processes alone.
    const mounts = `mount --bind ${folder}/cpufreq /sys/devices/system/cpu/cpufreq && mount --bind ${folder}/state /var/lib`;
    const enter = ['unshare', '--mount', 'sh', '-c', `${mounts} && exec "$@"`, 'sh'];
    const run = async (script: string, ...args: string[]) => {
      const here = { node: process.execPath, root: packageRoot() };
      const running = start({ interface: 'lo', address: '', mac: '', driver: '', enter, ...here }, script, args);
      await running.ended();
      expect(running.errors()).toBe('');
      return running.output();
    };
    const governor = () => readFileSync(join(policy, 'scaling_governor'), 'utf8').trim();
    expect(await run('harness/doctor-main.js', '--fix', '--yes')).toContain('governor: powersave -> performance');
    expect(governor()).toBe('performance');
    await run('harness/main.js', '--clean');
    expect(governor()).toBe('performance');
    expect(await run('harness/doctor-main.js', '--clean')).toContain('is powersave again, not performance');
    expect(governor()).toBe('powersave');
  });
});
