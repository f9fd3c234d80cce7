import { expect, it } from 'vitest';
import { type Hello, ownHello, whyNotPeer } from '../../../harness/far/peer.js';

const here: Hello = {
  ...{ type: 'hello', version: '1.2.0', digest: 'ab12', node: '22.1.0', architecture: 'x64' },
  ...{ kernel: '6.1.0', host: 'one 4026531840' },
};

it.each<[string, Partial<Hello>, string | null]>([
  ['the same', { host: 'two 4026531840', kernel: '6.12.1', node: '20.19.0' }, null],
  [
    'another architecture',
    { architecture: 'arm64' },
    'has invoker-bench 1.2.0 on arm64, this host 1.2.0 on x64: both need the same',
  ],
  [
    'another version',
    { version: '1.3.0', digest: 'cd34' },
    'has invoker-bench 1.3.0 on x64, this host 1.2.0 on x64: both need the same',
  ],
  [
    'another commit of the same version',
    { digest: 'cd34' },
    'has other code in /srv than is here: both need the same commit, built (make build, or bench --ship)',
  ],
  [
    'an older Node',
    { node: '18.20.4' },
    'has Node 18.20.4, and needs 20.19 or newer (the first node in the PATH of ssh counts)',
  ],
  [
    'a Node that is a little older',
    { node: '20.18.1' },
    'has Node 20.18.1, and needs 20.19 or newer (the first node in the PATH of ssh counts)',
  ],
])('%s', (_, changes, reason) => expect(whyNotPeer({ ...here, ...changes }, here, '/srv')).toBe(reason));

it('a host is a peer of itself, and known again', () => {
  expect(whyNotPeer(ownHello(), ownHello(), '/')).toBeNull();
  expect(ownHello().host).toMatch(/^[0-9a-f-]{36} \d+$/);
});
