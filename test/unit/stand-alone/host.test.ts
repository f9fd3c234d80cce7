import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../common/cli/errors.js';
import type { LinkState } from '../../../common/wire/link.js';
import type { InvokerOptions } from '../../../impls/invoker.js';
import { checkHost, type Host, remarkOn } from '../../../impls/stand-alone/host.js';
import type { ImplementationId } from '../../../model/ids.js';
import { optionsOnLoopback, serviceOn } from '../../fakes/invoker.js';

/** CPUs 0-3 and 8, of which this process may use three; queues on eth0 and eth1, nobody knows how many on others. */
const host: Host = {
  readText: (path) =>
    path === '/proc/self/status' ? 'Name:\tnode\nCpus_allowed:\t10c\nCpus_allowed_list:\t2-3,8\n' : '0-3,8\n',
  queueCounts: (name) => ({ eth0: { rx: 2, tx: 2 }, eth1: { rx: 4, tx: 1 } })[name] ?? { rx: 0, tx: 0 },
  linkState: async (name) => ({ interface: name, state: 'up', bridge: null }),
};

const check = (id: ImplementationId, changes: Partial<InvokerOptions>) =>
  checkHost(id, optionsOnLoopback([serviceOn(1232)], { interface: 'eth0', ...changes }), host);

describe('checkHost', () => {
  it.each<[ImplementationId, Partial<InvokerOptions>]>([
    ['afxdp', { queues: 2 }],
    ['afxdp', { queues: 9, interface: 'eth9' }],
    ['recvmmsg', { queues: 9 }],
    ['afpacket', { queues: 4, interface: 'eth1' }],
    ['tc', { queues: 4, interface: 'eth1' }],
    ['xdp', { queues: 4, interface: 'eth1' }],
    ['afxdp', { cpus: [-1, -1] }],
    ['afxdp', { cpus: [2, 8, 3, 3] }],
  ])('lets %s with %j pass', (id, changes) => expect(() => check(id, changes)).not.toThrow());

  it.each<[Partial<InvokerOptions>, string]>([
    [{ queues: 3 }, '--queues: eth0 has 2 RX queues, not 3 (ethtool -L eth0 makes more where its driver can)'],
    [
      { queues: 2, interface: 'eth1' },
      '--queues: eth1 has 1 TX queue for the replies of 2 (choose at most 1, or none: all RX queues are served then)',
    ],
    [{ cpus: [2, 99] }, '--cpus: this machine has no CPU 99, only 0-3,8'],
    [{ cpus: [5] }, '--cpus: this machine has no CPU 5, only 0-3,8'],
    [{ cpus: [8, 1] }, '--cpus: this process may not use CPU 1, only 2-3,8'],
  ])('refuses %j', (changes, message) => expect(() => check('afxdp', changes)).toThrow(new UsageError(message)));
});

describe('an interface by which nothing comes in', () => {
  it.each<['afxdp' | 'recvmmsg', Partial<LinkState>, string | null]>([
    ['afxdp', {}, null],
    ['afxdp', { state: 'down' }, 'eth0 is down, nothing comes in (ip link set eth0 up)'],
    ['recvmmsg', { state: 'no carrier' }, 'eth0 has no carrier, nothing comes in (is the cable in, the other end up?)'],
    ['recvmmsg', { bridge: 'br0' }, 'eth0 is a port of br0, which takes in what is for this host (--interface br0)'],
    [
      'afxdp',
      { bridge: 'br0' },
      'eth0 is a port of br0, which takes in what is for this host (--interface br0 --attach skb)',
    ],
  ])('of %s: %j', async (id, changes, remark) => {
    const linkState = async () => ({ interface: 'eth0', state: 'up' as const, bridge: null, ...changes });
    expect(await remarkOn(id, 'other', { ...host, linkState })).toBe(remark);
  });

  it('sockets may serve all of them', async () => expect(await remarkOn('recvmmsg', '', host)).toBeNull());
});
