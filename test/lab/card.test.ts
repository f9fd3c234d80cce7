import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import type { ImplementationId } from '../../model/ids.js';
import { patience } from '../fakes/patience.js';
import { describeKernels, serverAddress } from './case.js';
import { allAnswered, Clients } from './clients.js';
import { Invoked } from './invoked.js';
import { hasZeroCopy, isFull } from './kernels.js';
import { queuePairs } from './qemu.js';

/** Those that no driver has to do anything for. */
const anywhere = ['dgram', 'recvfrom', 'recvmmsg', 'iouring', 'afpacket', 'tc'] as const;
/** Those that use XDP, by where their program is attached, on so many queue pairs. */
const attached = (isFull ? [1, 2, 4] : [2]).flatMap((pairs) =>
  (isFull ? (['native', 'skb'] as const) : (['native'] as const)).flatMap((attach) =>
    (['afxdp', 'xdp'] as const).map((id) => [id, attach, pairs] as const),
  ),
);

/** What happens to a card in service. Drivers may refuse another number of queues while XDP holds them. */
const events = [
  ['ethtool -L', ['ethtool -L eth0 combined 1', 'ethtool -L eth0 combined 4'], 'may be refused'],
  ['ethtool -G', ['ethtool -G eth0 rx 128 tx 128', 'ethtool -G eth0 rx 256 tx 256'], 'works'],
  ['a link flap', ['ip link set eth0 down', 'ip link set eth0 up'], 'works'],
] as const;

describeKernels((booted) => {
  let clients: Clients;
  let invoked: Invoked | null = null;

  beforeAll(async () => {
    clients = await Clients.start(booted.client, serverAddress);
  });
  afterAll(() => clients?.end());
  afterEach(async () => {
    await invoked?.abandon();
    invoked = null;
  });

  async function expectAllAnswered(): Promise<void> {
    expect(await clients.round()).toEqual(allAnswered);
  }

  /** What was under way when the card was reset may be lost; from then on nothing is. */
  async function expectServedAgain(): Promise<void> {
    expect(await clients.round()).toEqual({ ...allAnswered, lost: expect.any(Number) });
    await expectAllAnswered();
  }

  /** An invoker on a card of that many queue pairs, which answers all clients before anything is done to it. */
  async function serve(id: ImplementationId, pairs = queuePairs, options = ''): Promise<Invoked> {
    // The last of the two is what is set; the same once more would be an error.
    const current = "ethtool -l eth0 | awk '/Combined/ { n = $2 } END { print n }'";
    await booted.guest.run(`[ "$(${current})" = ${pairs} ] || ethtool -L eth0 combined ${pairs}`);
    invoked = await Invoked.start(booted.guest, id, pairs, options);
    await expectAllAnswered();
    return invoked;
  }

  test.each(anywhere)('%s answers all', async (id) => {
    await (await serve(id)).stop();
  });

  test.each(attached)('%s --attach %s on %d queue pairs answers all', async (id, attach, pairs) => {
    const serving = await serve(id, pairs, `--attach ${attach}`);
    expect(serving.granted.attach).toBe(attach);
    await serving.stop();
  });

  // Kernels differ in the loops that their verifiers let pass.
  test.each(['tc', 'xdp'] as const)('%s answers all with work behind it', async (id) => {
    await (await serve(id, queuePairs, '--work 1us')).stop();
  });

  test.each(['afxdp', 'xdp'] as const)('%s is not started where VLAN tags are hidden from it', async (id) => {
    const { guest } = booted;
    // A veth takes tags off; this driver does not.
    const add = ['modprobe -a veth 8021q', 'ip link add ivb-tags type veth peer name ivb-peer'];
    const tag = ['ip link set ivb-tags up', 'ip link add link ivb-tags name ivb-tags.5 type vlan id 5'];
    await guest.run([...add, 'ip address add 10.0.9.10/24 dev ivb-tags', ...tag].join(' && '));
    const script = join(packageRoot(), 'dist/impls/main.js');
    const start = () => guest.start(`exec node ${script} --impl ${id} --interface ivb-tags`);
    const blind = start();
    // Node starts in that time, too.
    expect((await blind.ended(patience(1500))).code).toBe(1);
    expect(blind.errors()).toMatch(
      /^invoker: ivb-tags takes VLAN tags off before XDP, and ivb-tags\.5 .* rxvlan off\)/m,
    );
    await guest.run('ethtool -K ivb-tags rxvlan off');
    const seeing = start();
    await seeing.line('ready');
    seeing.kill('SIGTERM');
    expect((await seeing.ended()).code).toBe(0);
    await guest.run('ip link delete ivb-tags');
  });

  test('SIGKILL of afxdp under load leaves nothing, and the next one serves', async () => {
    const killed = await serve('afxdp');
    killed.process.kill('SIGKILL');
    await killed.process.ended();
    expect(await booted.guest.run('ip -details link show eth0')).not.toContain('prog/xdp');
    await (await serve('afxdp')).stop();
  });

  test('memory of afxdp is on the node of the CPU that uses it', async () => {
    for (const cpu of [0, 3]) {
      const serving = await serve('afxdp', 1, `--cpus ${cpu}`);
      const folder = await booted.guest.run(`cd /sys/devices/system/cpu/cpu${cpu} && echo node*`);
      expect(`node${serving.granted.memoryNode}`).toBe(folder);
      await serving.stop();
    }
  });

  if (isFull) {
    test.runIf(hasZeroCopy(booted.kernel))(
      'afxdp with zero-copy starts and stops ten times under load',
      async () => {
        for (let i = 0; i < 10; i++) await (await serve('afxdp', queuePairs, '--copy-mode zerocopy')).stop();
      },
      patience(30_000),
    );

    test.each([1, 2, 4])('afxdp --copy-mode zerocopy on %d queue pairs answers all', async (pairs) => {
      const serving = serve('afxdp', pairs, '--copy-mode zerocopy');
      if (hasZeroCopy(booted.kernel)) expect((await serving).granted.copyMode).toBe('zerocopy');
      else await expect(serving).rejects.toThrow(/zero-copy is not granted on queue 0 of eth0/);
      await invoked?.stop();
    });

    // As its own queues go with the program, this driver meets sockets that are still bound to them.
    test.runIf(hasZeroCopy(booted.kernel))(
      'a card whose zero-copy was refused at last takes the next one',
      async () => {
        await expect(serve('afxdp', 2, '--copy-mode zerocopy --checksum offload')).rejects.toThrow(/checksum/);
        await booted.guest.run('ethtool -L eth0 combined 1');
        await (await serve('afxdp', 2, '--copy-mode zerocopy')).stop();
      },
    );

    const zeroCopy = hasZeroCopy(booted.kernel) ? ([['afxdp', '--copy-mode zerocopy']] as const) : [];
    const served = [
      ['recvmmsg', ''],
      ['iouring', ''],
      ['afpacket', ''],
      ['afxdp', ''],
      ...zeroCopy,
      ['tc', ''],
      ['xdp', ''],
    ] as const;
    for (const [id, options] of served)
      test.each(events)(`${id} ${options} answers after %s`, async (_, commands, underXdp) => {
        const serving = await serve(id, queuePairs, options);
        const mayFail = underXdp === 'may be refused' && (id === 'afxdp' || id === 'xdp');
        for (const command of commands) await booted.guest.run(mayFail ? `${command} || true` : command);
        await expectServedAgain();
        await serving.stop();
      });

    test.each(['recvmmsg', 'afpacket', 'afxdp'] as const)('%s scales up and down under load', async (id) => {
      const serving = await serve(id);
      for (const threads of [2, 4, 3, 1]) {
        serving.process.tell(`scale 1232 ${threads}\n`);
        await serving.process.line(`{"type":"scaled","port":1232,"threadsPerQueue":${threads}}`);
        await expectAllAnswered();
      }
      await serving.stop();
    });
  }

  test('the kernel complained of nothing', () => expect(booted.complaints()).toEqual([]));
});
