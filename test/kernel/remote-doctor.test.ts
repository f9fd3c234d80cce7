import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
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

  /** What of this tree runs on the hosts, as they see it. */
  const running = () => processes().filter(({ command }) => session.test(command));
  const session = new RegExp(`${packageRoot()}/dist/(impls|loadgen)/main\\.js --session`);

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
  const way = ['wire/ends', 'wire/mtu', 'wire/route', 'wire/arp', 'wire/ping', 'wire/path-mtu'];
  const trials = ['wire/attach-server', 'wire/attach-client', 'wire/queues', 'wire/live-frames', 'wire/generator'];
  const cells = ['wire/recvfrom-closed', 'wire/afxdp-closed', 'wire/recvfrom-rate', 'wire/afxdp-rate'];

  test('looks at both hosts and tries the wire, and leaves nothing there', async () => {
    const { findings, of, all } = await examined();
    for (const id of ['server/kernel', 'client/kernel', 'server/ens4/link', 'client/ens5/link', ...way, ...trials])
      expect(of(id), id).toMatchObject({ level: 'fine' });
    expect(of('wire/arp')?.state).toBe('10.0.0.10 is 02:00:00:00:00:10');
    expect(of('wire/path-mtu')?.state).toBe('of packets of 1500 bytes 3 of 3 came back');
    expect(of('wire/queues')?.state).toMatch(/^requests by RX queue: [1-9]\d*$/);
    expect(of('wire/generator')?.state).toMatch(/frames\/s of 1400 bytes/);
    // A veth counts none.
    expect(of('wire/pauses')).toMatchObject({ level: 'not-told', state: 'no driver counts pause frames' });
    expect(of('client/ens5/xdp')?.state).toMatch(kernelIsAtLeast(6, 3) ? /^basic .*redirect/ : /6\.3/);
    for (const id of cells) expect(of(id)?.state, id).toMatch(/^\d+ of \d+ requests answered through 1 RX queue/);
    expect(all('cannot-run').filter((id) => id.startsWith('wire/'))).toEqual([]);
    expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
    expect(await xdpProgram(hosts.sites.server)).toBeNull();
    expect(await xdpProgram(hosts.sites.client)).toBeNull();
    await expect.poll(running, { timeout: 20_000, interval: 100 }).toEqual([]);
  });

  const server = (...words: string[]) => on(hosts.sites.server, ...words);
  const client = (...words: string[]) => on(hosts.sites.client, ...words);

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>, string, object]>([
    [
      'the MTU differs',
      () => client('ip', 'link', 'set', 'ens5', 'mtu', '1450'),
      () => client('ip', 'link', 'set', 'ens5', 'mtu', '1500'),
      'wire/mtu',
      { state: '1500 at the server, 1450 at the client', remedy: 'on ivb-client: ip link set ens5 mtu 1500' },
    ],
    [
      'the address of the server does not answer',
      () => server('ip', 'link', 'set', 'ens4', 'arp', 'off'),
      () => server('ip', 'link', 'set', 'ens4', 'arp', 'on'),
      'wire/arp',
      {
        state: 'nobody answers for 10.0.0.10 on ens5 of ivb-client',
        remedy: 'see that ens5 is joined to ens4 of ivb-server by one cable, or one VLAN of a switch',
      },
    ],
    [
      'long packets are lost on the way',
      // What does not fit into the bucket is dropped, whatever its rate.
      () =>
        server('tc', 'qdisc', 'add', 'dev', 'ens4', 'root', 'tbf', 'rate', '1gbit', 'burst', '1300', 'latency', '1ms'),
      () => server('tc', 'qdisc', 'delete', 'dev', 'ens4', 'root'),
      'wire/path-mtu',
      {
        state: 'of packets of 1500 bytes 0 of 3 came back',
        remedy: 'give all that is between an MTU of 1500, or both ends a smaller one: ip link set ens4 mtu N',
      },
    ],
    [
      'packets of the server leave by another interface',
      () => server('ip', 'route', 'add', '10.0.0.20/32', 'dev', 'cable'),
      () => server('ip', 'route', 'delete', '10.0.0.20/32', 'dev', 'cable'),
      'wire/route',
      {
        state: 'ivb-server: packets from 10.0.0.10 to 10.0.0.20 leave by cable, not by ens4',
        remedy: 'on ivb-server: ip route replace 10.0.0.20/32 dev ens4 src 10.0.0.10',
      },
    ],
    [
      'an end is down',
      () => client('ip', 'link', 'set', 'ens5', 'down'),
      () => client('ip', 'link', 'set', 'ens5', 'up'),
      'wire/ends',
      { state: 'ivb-client: ens5 is down', remedy: 'on ivb-client: ip link set ens5 up' },
    ],
  ])('where %s, says so and how to mend it, and tries nothing over it', async (_, spoil, mend, id, told) => {
    await client('ip', 'neigh', 'flush', 'dev', 'ens5');
    await spoil();
    const { code, of, findings } = await examined().finally(mend);
    expect(code).toBe(1);
    expect(of(id)).toMatchObject({ level: 'cannot-run', ...told });
    expect(of('wire/trials')).toMatchObject({ level: 'not-told', state: `nothing was tried: see ${id}` });
    expect(findings.filter((one) => [...cells, ...trials].includes(one.id))).toEqual([]);
  });
});
