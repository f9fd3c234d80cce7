import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding, Level } from '../../harness/doctor/finding.js';
import { type FarHosts, farHosts } from '../fakes/far-hosts.js';
import { kernelIsAtLeast } from '../fakes/kernel.js';
import { processes, start } from './process.js';
import { describeAsRoot, on, xdpProgram } from './wire.js';

describeAsRoot('npm run doctor of two hosts', () => {
  let hosts: FarHosts;
  beforeAll(async () => {
    hosts = await farHosts();
  });
  afterAll(() => hosts?.destroy());

  /** What of this project runs on the hosts, as they see it. */
  const running = () => processes().filter(({ command }) => /dist\/(impls|loadgen)\/main\.js --session/.test(command));

  const examined = async () => {
    const { server, client } = hosts.sides;
    const words = ['--topology', 'remote', '--server', server, '--client', client, '--json'];
    const doctor = start(hosts.harness(), 'harness/doctor-main.js', words);
    const { code } = await doctor.ended();
    expect(doctor.errors()).toBe('');
    const findings = JSON.parse(doctor.output()) as Finding[];
    const all = (level: Level) => findings.filter((one) => one.level === level).map(({ id }) => id);
    return { code, findings, of: (id: string) => findings.find((one) => one.id === id), all };
  };
  const cells = ['wire/recvfrom-closed', 'wire/afxdp-closed', 'wire/recvfrom-rate', 'wire/afxdp-rate'];

  test('looks at both hosts and tries the wire, and leaves nothing there', async () => {
    const { findings, of, all } = await examined();
    for (const id of [
      'server/kernel',
      'client/kernel',
      'server/ens4/link',
      'client/ens5/link',
      'wire/ends',
      'wire/mtu',
    ])
      expect(of(id), id).toMatchObject({ level: 'fine' });
    expect(of('client/ens5/xdp')?.state).toMatch(kernelIsAtLeast(6, 3) ? /^basic .*redirect/ : /6\.3/);
    for (const id of cells) expect(of(id)?.state, id).toMatch(/^\d+ of \d+ requests answered through 1 RX queue/);
    expect(all('cannot-run').filter((id) => id.startsWith('wire/'))).toEqual([]);
    expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
    expect(await xdpProgram(hosts.sites.server)).toBeNull();
    expect(await xdpProgram(hosts.sites.client)).toBeNull();
    await expect.poll(running, { timeout: 5000, interval: 100 }).toEqual([]);
  });

  test('says what a cell would run into where the MTU differs, and how to mend it', async () => {
    await on(hosts.sites.client, 'ip', 'link', 'set', 'ens5', 'mtu', '1450');
    const { code, of } = await examined().finally(() =>
      on(hosts.sites.client, 'ip', 'link', 'set', 'ens5', 'mtu', '1500'),
    );
    expect(code).toBe(1);
    expect(of('wire/mtu')).toMatchObject({ level: 'cannot-run', remedy: 'on ivb-client: ip link set ens5 mtu 1500' });
    for (const id of cells) expect(of(id)).toMatchObject({ level: 'cannot-run', state: expect.stringMatching(/MTU/) });
  });
});
